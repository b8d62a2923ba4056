"""Reading in processes beside the downloads: results, limits, and deaths."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import asyncio, os, sys, time
from crawlers.outcome import FetchFailed
from crawlers.workers import Workers

def die():
    os._exit(9)

def spin():
    sum(range(10 ** 15))

async def main(workers):
    told = [await workers.run(9, sum, [1, 2])]
    for job in ((9, die), (0.2, time.sleep, 30), (60, spin)):
        try:
            await workers.run(*job)
        except FetchFailed as error:
            told.append(error.reason)
    told += await asyncio.gather(*(workers.run(30, len, "abc") for _ in range(3)))
    try:
        await workers.run(9, int, "x")
    except ValueError:
        told.append("raised")
    given_up = asyncio.ensure_future(workers.run(9, pow, 2, 10))
    await asyncio.sleep(0)
    given_up.cancel()
    told += await asyncio.gather(*(workers.run(30, pow, 2, n) for n in range(3)))
    told.append(await workers.run(9, os.getpid) != os.getpid())
    print(told)

if __name__ == "__main__":
    workers = Workers(1, most_cpu=1)
    out = os.dup(1)
    asyncio.run(main(workers))
    sys.stdout.flush()
    workers.stop()
"""


def test_workers_give_results_and_survive_deaths(tmp_path: Path) -> None:
    script = tmp_path / "viec.py"
    script.write_text(SCRIPT)

    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, timeout=60
    )

    died = "đọc nội dung làm chết tiến trình đọc, bỏ"
    late = "đọc nội dung không xong trong hạn"
    assert done.stdout.strip() == str([3, died, late, died, 3, 3, 3, "raised", 1, 2, 4, True])

"""One hostile server among healthy ones, at full number: `python benchmarks/torture/hostile.py [--number N]`.

Plan T7: each way to be hostile is met in N rounds of its own, beside 20 healthy sources of
10 articles, in a network of our own (`island.py`), so that names can fail too. The source
must end within the time limit and two seconds, the others take no more than a tenth longer
than in as many rounds without it (medians), and no process of the crawl may hold 300 MiB.
Rounds with and without it take turns. Prints one JSON object; status 1 where a limit broke.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [
    str(ROOT),
    str(ROOT / "tests" / "crawlers"),
    str(ROOT / "benchmarks"),
    str(Path(__file__).parent),
]

import crawl  # noqa: E402
from island import SILENCE, go_there, island  # noqa: E402
from loopback import NOW, feed, limits, loopback_web  # noqa: E402
from loopback_hostile import HOSTILE  # noqa: E402

from crawlers.item import Item  # noqa: E402
from crawlers.job import Job  # noqa: E402
from crawlers.round import run_round  # noqa: E402

TIMEOUT_S, MORE_S, SLOWER, MOST_MIB = 3.0, 2.0, 1.10, 300
HEALTHY, ARTICLES, WAIT_MS = 20, 10, 100
BAD_NAMES = {"no_such_name": None, "silent_dns": SILENCE}


def _dns(name: str, _: int) -> list[str] | None:
    return BAD_NAMES.get(name.partition(".")[0].replace("-", "_"), ["127.0.0.1"])


def _hostile_server(address: multiprocessing.SimpleQueue[str]) -> None:
    with loopback_web() as web:
        for path, reply in HOSTILE.items():
            web.put(f"direct/{path}", reply)
        address.put(web.url)
        time.sleep(86_400)  # the parent ends this process


def _round(hostile: str = "") -> tuple[float, float, str]:
    """Run a round; return when the hostile source ended, when the last other, and how."""
    sources = [
        feed(f"s{host}", f"http://{crawl._address(host)}:{crawl.PORT}/rss")
        for host in range(HEALTHY)
    ]
    sources += [feed("hostile", hostile)] if hostile else []
    begin, ends = time.monotonic(), dict[str, float]()
    told, items = "", 0
    given = limits(timeout=TIMEOUT_S, per_host=2, concurrent=16)
    for one in run_round(Job(NOW, tuple(sources), given)):
        if isinstance(one, Item):
            items += one.source_id != "hostile"
        elif not one.url:
            ends[one.source_id] = time.monotonic() - begin
            told = one.reason if one.source_id == "hostile" else told
    assert items == HEALTHY * ARTICLES, f"{items} articles of the healthy sources"
    late = ends.pop("hostile", 0.0)
    return late, max(ends.values()), told


def _measure(url: str, number: int) -> dict[str, object]:
    calm, beside, late, told = list[float](), list[float](), 0.0, set[str]()
    for _ in range(number):
        calm.append(_round()[1])
        ended, others, reason = _round(url)
        beside.append(others)
        late = max(late, ended)
        told.add(reason)
    slower = round(median(beside) / median(calm), 3)
    return {"slowest_s": round(late, 2), "others": slower, "told": sorted(told)}


def main() -> None:
    """Run T7."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=10)
    parser.add_argument("--only", nargs="*", default=[*HOSTILE, *BAD_NAMES])
    asked = parser.parse_args()
    go_there()
    address: multiprocessing.SimpleQueue[str] = multiprocessing.SimpleQueue()
    with island(_dns):
        servers = [
            multiprocessing.Process(target=_hostile_server, args=(address,), daemon=True),
            multiprocessing.Process(
                target=crawl.serve, args=(HEALTHY, ARTICLES, WAIT_MS), daemon=True
            ),
        ]
        for server in servers:
            server.start()
        while not crawl._is_up():
            time.sleep(0.05)
        base, found = address.get(), dict[str, dict[str, object]]()
        _round()  # what is read from the disk once
        for name in asked.only:
            url = (
                f"http://{name.replace('_', '-')}.test/" if name in BAD_NAMES else f"{base}/{name}"
            )
            found[name] = _measure(url, asked.number)
            print(name, found[name], file=sys.stderr, flush=True)
        for server in servers:
            server.terminate()
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    slowest = max(float(str(one["slowest_s"])) for one in found.values())
    others = max(float(str(one["others"])) for one in found.values())
    told = {"rounds": 2 * asked.number * len(found), "slowest_s": slowest, "others": others}
    print(json.dumps(told | {"most_mib": round(memory), "by_kind": found}, ensure_ascii=False))
    sys.exit(slowest > TIMEOUT_S + MORE_S or others > SLOWER or memory > MOST_MIB)


if __name__ == "__main__":
    main()

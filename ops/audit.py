"""Ask whether versions that we pin have known vulnerabilities, by pip-audit.

    python ops/audit.py constraints.txt [--seconds 20]

Status 0: none known, or no service could be asked, which is told in one line. Status 1: a
vulnerability is known. Status 2: the audit itself is broken (a file that cannot be read).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Asked in this order, until one knows the packages.
SERVICES = ("pypi", "osv")
#: A service is asked for one package after the other: so many at a time share the waiting.
PARTS = 4
#: What pip-audit ends with where a service is out of reach, or answers with an error.
_UNREACHED = ("requests.exceptions.", "pip_audit._service.interface.", "network may be blocking")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said: how many packages it knows, those it does not, and what is wrong.

    `unreached` is why there is no (whole) answer, `broken` why there never can be one.
    """

    known: int = 0
    unknown: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    unreached: str = ""
    broken: str = ""


def audit(lines: list[str], options: list[str], until: float) -> Answer:
    """Ask one service about pinned versions, in parts at once, no longer than `until`.

    `until` is a moment of `time.monotonic`.
    """
    parts = [part for part in (lines[number::PARTS] for number in range(PARTS)) if part]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(PARTS) as pool:
        files = [Path(folder) / str(number) for number in range(len(parts))]
        for file, part in zip(files, parts, strict=True):
            file.write_text("\n".join(part) + "\n", "utf-8")
        answers = list(pool.map(lambda file: _ask(file, options, until), files))
    return Answer(
        sum(one.known for one in answers),
        tuple(name for one in answers for name in one.unknown),
        tuple(line for one in answers for line in one.found),
        next((one.unreached for one in answers if one.unreached), ""),
        next((one.broken for one in answers if one.broken), ""),
    )


def _ask(file: Path, options: list[str], until: float) -> Answer:
    out = file.with_suffix(".json")
    call = [sys.executable, "-m", "pip_audit", "-r", str(file), "--no-deps", "--disable-pip"]
    plain = ["--progress-spinner", "off", "--timeout", "5", "-f", "json", "-o", str(out)]
    left = max(until - time.monotonic(), 0.1)
    try:
        ran = subprocess.run(
            [*call, *plain, *options], capture_output=True, text=True, timeout=left
        )
    except subprocess.TimeoutExpired:
        return Answer(unreached="no answer in time")
    if out.exists():  # written where the audit came to its end, whatever it found
        return _read(json.loads(out.read_text("utf-8")))
    last = next((line for line in reversed(ran.stderr.splitlines()) if line.strip()), "no output")
    if any(mark in ran.stderr for mark in _UNREACHED):
        return Answer(unreached=last.partition(":")[0][:100])
    return Answer(broken=f"pip-audit ended with {ran.returncode}: {last[:300]}")


def _read(report: dict[str, Any]) -> Answer:
    packages = report["dependencies"]
    known = [one for one in packages if "skip_reason" not in one]
    return Answer(
        len(known),
        tuple(one["name"] for one in packages if "skip_reason" in one),
        tuple(_told(known)),
    )


def _told(packages: list[dict[str, Any]]) -> Iterator[str]:
    for one in packages:
        for fault in one["vulns"]:
            names = ", ".join([fault["id"], *fault.get("aliases", ())])
            better = ", ".join(fault["fix_versions"]) or "none yet"
            yield f"{one['name']} {one['version']}: {names}; mended in: {better}"


def verdict(answers: dict[str, Answer]) -> tuple[int, list[str]]:
    """Return the status and the lines to tell, from what each service answered."""
    found = [line for one in answers.values() for line in one.found]
    if found:
        return 1, found
    broken = [one.broken for one in answers.values() if one.broken]
    if broken:
        return 2, broken
    for name, one in answers.items():
        if one.known and not one.unreached:
            but = f"; not known to it: {', '.join(one.unknown)}" if one.unknown else ""
            return 0, [f"no known vulnerability in {one.known} packages ({name}){but}"]
    why = "; ".join(
        f"{name}: {one.unreached or 'knows none of the packages'}" for name, one in answers.items()
    )
    return 0, [f"NOT DONE, no service of known vulnerabilities can be asked here ({why})"]


def main() -> int:
    """Ask the services, tell what they say, and return the status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, help="pinned versions, one a line")
    parser.add_argument("--seconds", type=float, default=20, help="for all of it")
    parser.add_argument("--osv-url", help="ask only this service, which answers as OSV does")
    called = parser.parse_args()
    until = time.monotonic() + called.seconds
    own = ["--osv-url", called.osv_url] if called.osv_url else []
    lines = [line for line in called.file.read_text("utf-8").splitlines() if line.strip()]
    answers: dict[str, Answer] = {}
    for service in ("osv",) if own else SERVICES:
        answers[service] = audit(lines, ["-s", service, *own], until)
        if answers[service].known or answers[service].broken:
            break
    status, said = verdict(answers)
    for line in said:
        sys.stderr.write(f"audit: {line}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())

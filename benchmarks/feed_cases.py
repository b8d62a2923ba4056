"""The feed cases of feedparser's own test suite: `python -m benchmarks.feed_cases FILE.tar.gz`.

FILE is feedparser's source archive: `pip download --no-deps --no-binary :all: feedparser`.
Each XML file in it is read as a feed that came over the web. Prints one JSON object: how
many were read with entries, read without, or refused and why; entries that feedparser
finds and that are lost on the way; status 1 where anything was lost without a word,
crashed, or took more than ten seconds of CPU.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tarfile
import time
from collections import Counter
from pathlib import Path

import feedparser

from crawlers.feeds import MAX_ENTRIES, parse_feed
from crawlers.plain import plain_title

URL = "http://127.0.0.1:8097/feed.xml"


def main() -> None:
    """Read all cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    ends, lost, slowest = Counter[str](), list[str](), 0.0
    with tarfile.open(asked.file) as archive:
        for member in archive:
            held = archive.extractfile(member) if member.name.endswith(".xml") else None
            if held is None:
                continue
            body, begin = held.read(), time.process_time()
            found = parse_feed(body, URL)
            slowest = max(slowest, time.process_time() - begin)
            ends[found.problem or ("entries" if found.entries else "no entries")] += 1
            theirs = feedparser.parse(
                io.BytesIO(body), response_headers={"content-type": "application/xml"}
            )
            known = {
                one.get("link") or one.get("id") or one.get("title")
                for one in theirs.entries
                if one.get("link") or plain_title(one.get("title") or one.get("summary") or "")
            }
            if not found.problem and len(found.entries) < min(len(known - {None}), MAX_ENTRIES):
                lost.append(member.name)
    crashed = sum(number for end, number in ends.items() if end.startswith("không đọc được"))
    told = {"cases": sum(ends.values()), "crashed": crashed, "slowest_s": round(slowest, 2)}
    told |= {"lost": len(lost), "first_lost": lost[:20], "ends": dict(ends.most_common())}
    print(json.dumps(told, ensure_ascii=False, indent=1))
    sys.exit(bool(lost or crashed) or slowest > 10)


if __name__ == "__main__":
    main()

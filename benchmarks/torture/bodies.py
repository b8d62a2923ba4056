"""Broken bodies, at full number: `python benchmarks/torture/bodies.py [--number N] [--more DIR]`.

Plan T6: feeds, pages, sitemaps, lists of feeds and robots.txt are cut, swapped, doubled and
mixed with foreign bytes, and read as the crawl child reads them. Each must end in a result
or in a reason, within ten seconds of CPU and 300 MiB. `--more` names a folder of saved pages and feeds
to begin from as well. Prints one JSON object; status 1 where anything crashed was slow or large.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "crawlers")]

from loopback import article, rss  # noqa: E402
from protego import Protego  # noqa: E402

from crawlers.extract import extract  # noqa: E402
from crawlers.feeds import parse_feed  # noqa: E402
from crawlers.listpage import page_links  # noqa: E402
from crawlers.opml import read_opml  # noqa: E402
from crawlers.outcome import FetchFailed  # noqa: E402
from crawlers.sitemap import parse_sitemap  # noqa: E402

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LIMIT_S, LIMIT_MIB = 10.0, 300
URL = "https://bao.example/mot-bai-bao-12345.htm"
PIECES = [
    b"<![CDATA[", b"]]>", b"<!--", b"&#0;", b"&#xD800;", b"\0", b"\xff\xfe", b"<item>", b"</item>",
    b"<link href=''/>", b"<a:b xmlns:a='x'>", b"<?xml version='1.1' encoding='utf-16'?>", b"null",
    b"<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;&b;'>]>", b"&d;", b"<p>" * 500, b"<div>" * 3000,
    b"<base href='javascript:x'>", b"<time datetime='99999-99-99'>", b"<meta charset='utf-7'>",
    b"<link rel='canonical' href='http://['>", b"\xe1\xba", b"<frameset>", b"<table><tr><td>" * 99,
    b"<lastmod>0000-00-00</lastmod>", b"<loc>http://[::</loc>", b"\x1f\x8b\x08", b"Allow: /*$*$*",
]  # fmt: skip
SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://bao.example/a-12345.htm</loc>
<lastmod>2026-03-01T08:00:00+07:00</lastmod><news:news><news:title>x</news:title></news:news></url></urlset>"""
OPML = b"""<opml version="2.0"><body><outline text="x" xmlUrl="https://bao.example/rss"/></body></opml>"""
ROBOTS = b"User-agent: *\nDisallow: /a\nCrawl-delay: 2\nSitemap: https://bao.example/s.xml\n"


def _robots(body: bytes) -> str:
    Protego.parse(body.decode("utf-8", "replace")).can_fetch(URL, "LangNghe")
    return "read"


def _page(body: bytes) -> str:
    return "read" if extract(body, URL, now=NOW).text else "empty"


def _feed(body: bytes) -> str:
    found = parse_feed(body, URL, now=NOW)
    return "refused" if found.problem else "read"


def _sitemap(body: bytes) -> str:
    found = parse_sitemap(body, URL, NOW)
    return "refused" if found.problem else "read"


def _opml(body: bytes) -> str:
    try:
        read_opml(body)
    except ValueError as error:  # what it says of a file that is no list
        return "refused" if str(error) else "crashed"
    return "read"


def _links(body: bytes) -> str:
    page_links(body, URL)
    return "read"


READERS: dict[str, Callable[[bytes], str]] = {
    "feed": _feed, "page": _page, "links": _links, "sitemap": _sitemap, "opml": _opml,
    "robots": _robots,
}  # fmt: skip


def seeds(more: Path | None) -> dict[str, list[bytes]]:
    """Return what is bent, by kind: ours, and the saved pages and feeds under `more`."""
    feed = rss(("http://bao.example/a", "Đê bao"), ("http://bao.example/b", "Cầu gãy")).body
    feeds = [feed if isinstance(feed, bytes) else feed.encode()]
    made = article("Đê bao sạt lở")
    page = made if isinstance(made, bytes | str) else made.body
    pages = [page if isinstance(page, bytes) else page.encode()]
    if more:
        feeds += [path.read_bytes() for path in sorted(more.rglob("*.xml"))]
        pages += [path.read_bytes() for path in sorted(more.rglob("*.html"))]
    lists = {"sitemap": [SITEMAP], "opml": [OPML], "robots": [ROBOTS]}
    return {"feed": feeds, "page": pages, "links": pages, **lists}


def mutant(chance: random.Random, bodies: list[bytes]) -> bytes:
    """Return a body with a few cuts, swaps, repeats and foreign pieces."""
    body = chance.choice(bodies)
    for _ in range(chance.randint(1, 8)):
        at, length = chance.randint(0, len(body)), chance.choice([0, 0, 1, 3, 20, 200, 5000])
        piece = chance.choice(
            [chance.choice(PIECES), chance.randbytes(chance.randint(0, 6)), body[at : at + 400] * 3]
        )
        body = body[:at] + piece + body[at + length :]
    return body[: chance.randint(0, len(body))] if chance.random() < 0.1 else body


def main() -> None:
    """Run T6."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--more", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance, kinds, ends = random.Random(asked.seed), seeds(asked.more), Counter[str]()
    slowest, crashes = 0.0, list[str]()
    for number in range(asked.number):
        kind = chance.choice(list(READERS))
        body, begin = mutant(chance, kinds[kind]), time.process_time()
        try:
            ends[f"{kind} {READERS[kind](body)}"] += 1
        except FetchFailed:
            ends[f"{kind} refused"] += 1
        except Exception as error:  # noqa: BLE001 (that is what is counted)
            crashes.append(f"{number} {kind}: {type(error).__name__}: {error}"[:200])
        slowest = max(slowest, time.process_time() - begin)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"mutants": asked.number, "crashes": len(crashes), "slowest_s": round(slowest, 2)}
    told |= {"most_mib": round(memory), **dict(sorted(ends.items()))}
    print(json.dumps(told | {"first_crashes": crashes[:5]}))
    sys.exit(bool(crashes) or slowest > LIMIT_S or memory > LIMIT_MIB)


if __name__ == "__main__":
    main()

"""Crawl many loopback hosts: a whole round, against bare Scrapy and a sequential loop.

    python benchmarks/crawl.py [--hosts 20] [--articles 10] [--wait-ms 0] [--per-host 4]
    python benchmarks/crawl.py --unchanged 2000 --wait-ms 100

Each host has a feed of article pages (20 kB each) that it answers after `wait-ms`. Three
ways get them all: a round (feeds, robots.txt, pages, extraction), a bare Scrapy spider
that fetches the same pages and does nothing with them, and a loop that fetches one page
after another and extracts it. Beside them, the round with a reader that reads nothing in
the place of extraction, as the bare spider does. `--unchanged` instead polls so many feeds, each on its own
host, that answer 304, with the shipped politeness. Prints one JSON object. Linux (127.0.N.N
are the hosts).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crawlers.extract import extract
from crawlers.item import Fetch, Item
from crawlers.job import DueSource, Job, Limits
from crawlers.round import run_round

PORT = 8379
ROOT = Path(__file__).parent.parent
#: Python runs this when the child begins: extraction gives the page back unread.
_UNREAD = """
import sys
if any("crawlers.child" in word for word in sys.orig_argv):
    import crawlers.extract as home
    def extract(html, url, **more):
        return home.Page("unread", url, None, url, "")
    extract.__module__ = "crawlers.extract"
    home.extract = extract
"""
SENTENCE = "Người dân phản ánh đoạn đê bao bị sạt lở, nước tràn vào vườn mỗi khi triều cường lên. "


def main() -> None:
    """Run the ways in turn and print the median of each; one after another, a tenth of the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--articles", type=int, default=10)
    parser.add_argument("--wait-ms", type=int, default=0)
    parser.add_argument("--per-host", type=int, default=4)
    parser.add_argument("--unchanged", type=int, default=0)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.bare:
        bare(told)
        return
    told.hosts = told.unchanged or told.hosts
    server = multiprocessing.Process(
        target=serve, args=(told.hosts, told.articles, told.wait_ms), daemon=True
    )
    server.start()
    while not _is_up():
        time.sleep(0.05)
    if told.unchanged:
        print(json.dumps({"unchanged": told.unchanged} | measure(poll, told, told.unchanged)))
        server.terminate()
        return
    pages = told.hosts * told.articles
    result: dict[str, Any] = {"hosts": told.hosts, "pages": pages, "wait_ms": told.wait_ms}
    ways = {"round": crawl, "round_without_extraction": crawl_unread, "bare_scrapy": run_bare}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for _ in range(told.repeat):  # in turn, so that other work on the machine meets all alike
        for name, way in ways.items():
            found[name].append(measure(way, told, pages))
    result |= {name: sorted(all_, key=_seconds)[len(all_) // 2] for name, all_ in found.items()}
    few = argparse.Namespace(**vars(told) | {"hosts": max(told.hosts // 10, 1)})
    result["sequential"] = measure(one_by_one, few, few.hosts * told.articles)
    rates = {name: result[name]["pages_per_s"] for name in (*ways, "sequential")}
    result["round_to_bare"] = round(rates["round"] / rates["bare_scrapy"], 2)
    unread = rates["round_without_extraction"] / rates["bare_scrapy"]
    result["without_extraction_to_bare"] = round(unread, 2)
    result["round_to_sequential"] = round(rates["round"] / rates["sequential"], 2)
    print(json.dumps(result, indent=1))
    server.terminate()


def _seconds(found: dict[str, float]) -> float:
    return found["seconds"]


def measure(way: Callable[[argparse.Namespace], int], told: argparse.Namespace, pages: int) -> Any:
    """Return pages a second of wall time and CPU milliseconds a page, start included."""
    before, started = _cpu(), time.perf_counter()
    got = way(told)
    wall = time.perf_counter() - started
    assert got == pages, f"{got} of {pages} pages"
    return {
        "seconds": round(wall, 2),
        "pages_per_s": round(pages / wall, 1),
        "cpu_ms_per_page": round((_cpu() - before) * 1000 / pages, 1),
    }


def crawl(told: argparse.Namespace) -> int:
    """Run a round over all feeds; return the number of articles read."""
    limits = Limits(
        user_agent="LangNghe-benchmark (+mailto:benchmark@example.vn)",
        delay=0.0,
        per_host=told.per_host,
        concurrent=64,
        max_articles=told.articles,
        allow_private=True,
    )
    sources = tuple(
        DueSource(f"s{host}", "feed", {"url": f"http://{_address(host)}:{PORT}/rss"})
        for host in range(told.hosts)
    )
    now = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    return sum(isinstance(one, Item) for one in run_round(Job(now, sources, limits)))


def crawl_unread(told: argparse.Namespace) -> int:
    """Run the same round with a reader that reads nothing, put into its child process."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sitecustomize.py").write_text(_UNREAD, "utf-8")
        before = os.environ.get("PYTHONPATH", "")
        os.environ["PYTHONPATH"] = os.pathsep.join((folder, str(ROOT), before))
        try:
            return crawl(told)
        finally:
            os.environ["PYTHONPATH"] = before


def poll(told: argparse.Namespace) -> int:
    """Run a round over feeds that did not change; return how many said so."""
    sources = tuple(
        DueSource(f"s{host}", "feed", {"url": f"http://{_address(host)}:{PORT}/rss"}, etag='"a"')
        for host in range(told.unchanged)
    )
    now = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    limits = Limits("LangNghe-benchmark (+mailto:benchmark@example.vn)", allow_private=True)
    ends = run_round(Job(now, sources, limits))
    return sum(isinstance(one, Fetch) and one.http_status == 304 for one in ends)


def run_bare(told: argparse.Namespace) -> int:
    """Run the bare spider in a process of its own, as a round runs."""
    flags = [f"--hosts={told.hosts}", f"--articles={told.articles}", f"--per-host={told.per_host}"]
    done = subprocess.run(
        [sys.executable, __file__, "--bare", *flags], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def bare(told: argparse.Namespace) -> None:
    """Fetch every article page with nothing but Scrapy; print how many came."""
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    got: list[int] = []

    class Bare(scrapy.Spider):
        name = "bare"
        start_urls = _urls(told)

        def parse(self, response: Any) -> None:
            got.append(len(response.body))

    process = AsyncCrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 64,
            "CONCURRENT_REQUESTS_PER_DOMAIN": told.per_host,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    process.crawl(Bare)
    process.start()
    print(len(got))


def one_by_one(told: argparse.Namespace) -> int:
    """Fetch and extract one page after another."""
    got = 0
    for url in _urls(told):
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own loopback server
            got += bool(extract(answer.read(), url).text)
    return got


def serve(hosts: int, articles: int, wait_ms: int) -> None:
    """Answer feeds and pages on all hosts, each after `wait_ms`."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                host = head.lower().partition(b"host: ")[2].partition(b"\r\n")[0].decode()
                await asyncio.sleep(wait_ms / 1000)
                status, kind, body = _answer(path, host, articles)
                if b"if-none-match:" in head.lower():
                    status, body = "304 Not Modified", b""
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        addresses = [_address(host) for host in range(hosts)]
        async with await asyncio.start_server(answer, addresses, PORT) as server:
            await server.serve_forever()

    asyncio.run(run())


def _answer(path: str, host: str, articles: int) -> tuple[str, str, bytes]:
    if path == "/rss":
        items = "".join(
            f"<item><title>Bài {n}</title><link>http://{host}/{n}.htm</link></item>"
            for n in range(articles)
        )
        feed = f'<rss version="2.0"><channel>{items}</channel></rss>'
        return "200 OK", "application/rss+xml", feed.encode()
    if not path.endswith(".htm"):
        return "404 Not Found", "text/plain", b""
    text = "".join(f"<p>{SENTENCE * 3}</p>" for _ in range(20))
    menu = "".join(f'<li><a href="/muc-{n}">Chuyên mục {n}</a></li>' for n in range(60))
    page = (
        f"<html><head><title>Bài {path}</title></head><body><nav><ul>{menu}</ul></nav>"
        f"<h1>Bài {path}</h1><div>{text}</div></body></html>"
    )
    return "200 OK", "text/html; charset=utf-8", page.encode()


def _urls(told: argparse.Namespace) -> list[str]:
    return [
        f"http://{_address(host)}:{PORT}/{n}.htm"
        for n in range(told.articles)
        for host in range(told.hosts)
    ]


def _address(host: int) -> str:
    return f"127.0.{1 + host // 250}.{1 + host % 250}"


def _is_up() -> bool:
    try:
        urllib.request.urlopen(f"http://{_address(0)}:{PORT}/rss").close()
    except OSError:
        return False
    return True


def _cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()

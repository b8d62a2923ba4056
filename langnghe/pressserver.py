"""A loopback web server that shows a press folder as the web of one moment.

It is asked as an HTTP proxy (`GET http://datdua.example/… HTTP/1.1`) and routes by
host, so the real crawler fetches the real-looking addresses with no name resolved and
nothing leaving the machine. Its clock is set from outside: what was published later
does not exist yet.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from langnghe import presspages
from langnghe.pressfolder import Press, PressItem, Site, load_press
from langnghe.pressgraph import graph_answer

_HTML = "text/html; charset=utf-8"
_QUIET_S = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer before conditional headers are weighed. `changed` dates its content."""

    status: int
    body: bytes
    kind: str = _HTML
    changed: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was answered, kept in memory for tests and the demo's summary."""

    host: str
    path: str
    status: int
    user_agent: str


class PressServer:
    """The press at one moment. `url` is the proxy's address; `set_now` moves the clock."""

    def __init__(self, press: Press) -> None:
        self.press = press
        self.requests: list[Request] = []
        self.url = ""
        self._now = press.rounds[0].crawl_at
        self._lock = threading.Lock()

    @property
    def now(self) -> datetime:
        """The moment that the press shows."""
        with self._lock:
            return self._now

    def set_now(self, now: datetime) -> None:
        """Show the press as it stood at `now`, an aware datetime."""
        if now.tzinfo is None:
            raise ValueError("the press's clock needs a time zone")
        with self._lock:
            self._now = now

    def count(self, host: str = "") -> int:
        """Return how many requests were answered, for one host or for all."""
        with self._lock:
            return sum(1 for request in self.requests if not host or request.host == host)

    def counts(self) -> dict[str, int]:
        """Return how many requests each host answered."""
        with self._lock:
            return dict(Counter(request.host for request in self.requests))

    def note(self, request: Request) -> None:
        """Keep one answered request."""
        with self._lock:
            self.requests.append(request)

    def answer(self, url: str) -> Answer:
        """Return what the web of this moment holds at an absolute `url`."""
        now = self.now
        host = urlsplit(url).hostname or ""
        sites = [site for site in self.press.sites if site.host == host]
        if not sites:
            return Answer(502, b"no such host in this press\n", "text/plain; charset=utf-8")
        outage = next((found for site in sites if (found := site.outage(now))), None)
        if outage is not None:
            words = "Hệ thống đang bảo trì"
            return Answer(outage.status, presspages.missing(self.press, sites[0], words))
        if sites[0].kind == "fanpage":
            status, body = graph_answer(self.press, sites, url, now)
            return Answer(status, body, "application/json; charset=UTF-8", None, _usage())
        return _site_answer(self.press, sites[0], urlsplit(url).path or "/", now)


@contextmanager
def serve_press(folder: Path | Press | None = None) -> Iterator[PressServer]:
    """Serve a press on a free loopback port until the block ends.

    `folder` is a press folder, a press already read, or None for the bundled one.
    Raises `ConfigError` if the folder does not hold together.
    """
    press = folder if isinstance(folder, Press) else load_press(folder) if folder else load_press()
    shown = PressServer(press)
    http = _Http(shown)
    shown.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), name="press", daemon=True)
    thread.start()
    try:
        yield shown
    finally:
        http.shutdown()
        http.server_close()
        thread.join(_QUIET_S)


def _site_answer(press: Press, site: Site, path: str, now: datetime) -> Answer:
    if path == "/robots.txt":
        return Answer(200, site.robots.encode(), "text/plain; charset=utf-8")
    newest = max((item.at(now).at for item in press.listed(site, now)), default=None)
    if path == site.feed:
        body = presspages.feed(press, site, now)
        return Answer(200, body, "application/rss+xml; charset=utf-8", newest)
    if path == site.listing:
        return Answer(200, presspages.listing(press, site, now), _HTML, newest)
    if path == "/":
        return Answer(200, presspages.front(press, site))
    item = next((item for item in press.visible(site, now) if item.path == path), None)
    if item is not None:
        page = presspages.article(press, site, item, now)
        return Answer(200, page, _HTML, item.at(now).at)
    gone = any(_was_here(item, site, path, now) for item in press.items)
    words = "Bài viết không còn tồn tại" if gone else "Không tìm thấy trang"
    return Answer(410 if gone else 404, presspages.missing(press, site, words))


def _was_here(item: PressItem, site: Site, path: str, now: datetime) -> bool:
    here = item.site == site.id and item.path == path
    return here and item.removed is not None and item.removed <= now


def _usage() -> dict[str, str]:
    return {"X-App-Usage": '{"call_count":1,"total_cputime":0,"total_time":1}'}


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, shown: PressServer) -> None:
        self.shown = shown
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hung up: crawlers do, and it is not an error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    timeout = _QUIET_S

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def version_string(self) -> str:
        """Name the server as plainly as it is."""
        return "press"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (name fixed by library)
        """Keep the terminal for the demo's own words."""

    def _answer(self, *, with_body: bool) -> None:
        url = self.path if "://" in self.path else f"http://{self.headers['Host']}{self.path}"
        answer = self.server.shown.answer(url)
        tag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
        unchanged = answer.status == 200 and self._has(tag, answer.changed)
        status = 304 if unchanged else answer.status
        parts = urlsplit(url)
        agent = self.headers.get("User-Agent", "")
        self.server.shown.note(Request(parts.hostname or "", parts.path, status, agent))
        self.send_response(status)
        if answer.status == 200:
            self.send_header("ETag", tag)
            if answer.changed is not None:
                self.send_header("Last-Modified", _http_date(answer.changed))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if not unchanged:
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if with_body and not unchanged:
            self.wfile.write(answer.body)

    def _has(self, tag: str, changed: datetime | None) -> bool:
        """Say whether the client already holds this answer; a tag outranks a date."""
        held = self.headers.get("If-None-Match")
        if held is not None:
            return tag in {part.strip().removeprefix("W/") for part in held.split(",")}
        since = self.headers.get("If-Modified-Since")
        if since is None or changed is None:
            return False
        try:
            return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)

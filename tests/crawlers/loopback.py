"""A loopback web for the crawler's tests: real sockets, hosts by proxy, hostile answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawlers.item import Fetch, Item
from crawlers.job import DueSource, Job, Limits
from crawlers.round import run_round

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
AGENT = "LangNghe/0.1 (+mailto:thu-nghiem@example.vn)"
RSS, HTML, JSON = "application/rss+xml", "text/html; charset=utf-8", "application/json"


@dataclass(frozen=True)
class Reply:
    """What a path answers. `raw` writes to the socket itself and does as it likes."""

    body: bytes | str = b""
    kind: str = HTML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: Callable[[socket.socket, threading.Event], None] | None = None


@dataclass
class LoopbackWeb:
    """Hosts and their paths. As a proxy it is every host; asked directly it is "direct"."""

    port: int = 0
    replies: dict[str, Reply | Callable[[Any], Reply]] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, address: str, reply: Reply | Callable[[Any], Reply] | str) -> str:
        """Answer `address` ("host/path") with a reply, or a page of HTML; return its URL."""
        self.replies[address] = Reply(reply) if isinstance(reply, str) else reply
        return f"http://{address}"

    def asked(self, host: str) -> list[str]:
        """Return the paths that were asked of a host, in order, robots.txt left out."""
        paths = [address[len(host) :] for address, _ in self.seen if address.startswith(host + "/")]
        return [path for path in paths if path != "/robots.txt"]


@contextmanager
def loopback_web() -> Iterator[LoopbackWeb]:
    web = LoopbackWeb()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            host = parts.netloc or "direct"
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            web.seen.append((f"{host}{path}", {k.lower(): v for k, v in self.headers.items()}))
            found = web.replies.get(f"{host}{path}") or web.replies.get(f"{host}{parts.path}")
            reply = found(self) if callable(found) else found or Reply("không có", status=404)
            if reply.raw is not None:
                with suppress(OSError):
                    reply.raw(self.connection, web.closing)
                self.close_connection = True
                return
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            with suppress(OSError):
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(len(body)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # clients that hang up are what many of these tests are about

    server = Server(("127.0.0.1", 0), Handler)
    web.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        web.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Told:
    """What a round told of one source."""

    items: list[Item] = field(default_factory=list)
    pages: list[Fetch] = field(default_factory=list)
    ends: list[Fetch] = field(default_factory=list)

    @property
    def end(self) -> Fetch:
        [end] = self.ends
        return end


def limits(**changed: Any) -> Limits:
    plain: dict[str, Any] = {
        "user_agent": AGENT,
        "delay": 0.0,
        "per_host": 4,
        "timeout": 5.0,
        "round_timeout": 60.0,
        "allow_private": True,
    }
    return Limits(**plain | changed)


def crawl(*sources: DueSource, now: datetime = NOW, **changed: Any) -> dict[str, Told]:
    """Run a real round; return what it told, by source."""
    told = {source.id: Told() for source in sources}
    for record in run_round(Job(now, sources, limits(**changed))):
        kept = told[record.source_id]
        if isinstance(record, Item):
            kept.items.append(record)
        else:
            (kept.pages if record.url else kept.ends).append(record)
    return told


def feed(source_id: str, url: str, **more: Any) -> DueSource:
    state = {key: more.pop(key) for key in ("etag", "last_modified", "known") if key in more}
    return DueSource(source_id, "feed", {"url": url, **more}, **state)


def rss(*entries: tuple[str, str], extra: str = "") -> Reply:
    """An RSS feed of (link, title) entries."""
    items = "".join(
        f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid>"
        f"<description>Tóm tắt của {title}.</description>"
        f"<pubDate>Mon, 23 Nov 2026 08:00:00 GMT+7</pubDate></item>"
        for link, title in entries
    )
    body = f'<rss version="2.0"><channel><title>Tin</title>{extra}{items}</channel></rss>'
    return Reply(body, RSS)


PARAGRAPHS = tuple(
    """\
Nhiều ngày nay, đoạn đê bao ven sông ở ấp An Hòa bị sạt lở dài khoảng bốn chục mét, \
nước tràn vào vườn dừa của hơn hai chục hộ dân mỗi khi triều lên.
Người dân cho biết đã báo với xã từ tháng trước nhưng đến nay chưa thấy ai tới gia cố, \
trong khi đợt triều cường mới được dự báo sẽ đến vào cuối tuần.
Ủy ban nhân dân xã nói đang chờ huyện cấp kinh phí để đóng cừ tràm và đắp lại đoạn đê, \
dự kiến khởi công trong tuần tới nếu thời tiết thuận lợi.""".splitlines()
)


def article(title: str, *, head: str = "", date: str = "2026-11-23T08:00:00+07:00") -> str:
    """A page of a small newspaper, with what surrounds an article everywhere."""
    text = "".join(f"<p>{one}</p>" for one in PARAGRAPHS)
    return f"""<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">
<title>{title} - Báo Thử Nghiệm</title><meta property="og:site_name" content="Báo Thử Nghiệm">
<meta property="og:description" content="Đê bao sạt lở, vườn dừa ngập mỗi khi triều lên.">
<meta property="article:published_time" content="{date}">{head}</head><body>
<header><nav><a href="/">Trang chủ</a><a href="/thoi-su">Thời sự</a></nav></header>
<div class="app-download">Tải ứng dụng: Báo Thử Nghiệm</div>
<h1>{title}</h1><h2 class="sapo">Đê bao sạt lở, vườn dừa ngập mỗi khi triều lên.</h2>
<div class="content">{text}
<figure><img src="a.jpg"><figcaption>Đoạn đê bị sạt. Ảnh: Một Người</figcaption></figure>
<div class="related-news">
<a href="/khac-1.htm">Tiêu đề của một bài hoàn toàn khác ở tỉnh khác</a></div>
<p style="text-align:right"><strong>Nguyễn Thử</strong></p></div>
<div class="tin-cung-chuyen-muc"><h3>
<a href="/b.htm">Một vụ việc chẳng liên quan gì tới đê bao</a></h3></div>
<footer>Bản quyền thuộc Báo Thử Nghiệm</footer></body></html>"""

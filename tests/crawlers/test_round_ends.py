"""How rounds end: blocked, killed, too late, closed early."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from loopback import NOW, Reply, article, crawl, feed, limits, loopback_web, rss

from crawlers.item import Fetch, Item, Outcome
from crawlers.job import Job
from crawlers.round import run_round

Children = list[subprocess.Popen[bytes]]


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Children:
    """The child processes that a test starts."""
    started: Children = []
    start = subprocess.Popen

    def popen(*args: Any, **kwargs: Any) -> subprocess.Popen[bytes]:
        started.append(start(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    return started


def _hang(_: object, closing: threading.Event) -> None:
    closing.wait()


def test_the_child_gets_none_of_the_programs_settings(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGNGHE_DATABASE_URL", "postgresql://langnghe:bi-mat@may/kho")
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/ssl/chung-thu.pem")
    given = list[bytes]()

    def answer(_: object) -> Reply:
        given.append(Path(f"/proc/{children[0].pid}/environ").read_bytes())
        return Reply(rss())

    with loopback_web() as web:
        web.put("bao.example/rss", answer)
        crawl(feed("one", "http://bao.example/rss"), proxy=web.url)
    assert given
    for environment in given:
        assert b"bi-mat" not in environment
        assert b"SSL_CERT_FILE=/etc/ssl/chung-thu.pem" in environment


def test_private_addresses_are_refused_with_the_guard_on() -> None:
    with loopback_web() as web:
        told = crawl(
            feed("loopback", "http://127.0.0.1/rss"),
            feed("name", "http://localhost/rss"),
            feed("number", "http://2130706433/rss"),
            feed("hex", "http://0x7f000001/rss"),
            feed("zero", "http://0.0.0.0/rss"),
            feed("six", "http://[::1]/rss"),
            feed("mapped", "http://[::ffff:127.0.0.1]/rss"),
            feed("metadata", "http://169.254.169.254/latest/meta-data/"),
            feed("port", f"http://localhost:{web.port}/rss"),
            allow_private=False,
        )

        outcomes = {name: one.end.outcome for name, one in told.items()}
        assert outcomes == dict.fromkeys(outcomes, Outcome.BLOCKED)
        assert told["name"].end.reason == "bị chặn: tên máy nội bộ “localhost”"
        assert told["hex"].end.reason == "bị chặn: địa chỉ mạng nội bộ 127.0.0.1"
        assert web.seen == []


def test_redirect_to_a_private_address_is_refused_with_the_guard_on() -> None:
    """The proxy plays the outside world; what it redirects to is judged like any address."""
    with loopback_web() as web:
        away = {
            "private": "http://127.0.0.1/bi-mat",
            "port": "http://noi-bo.example:22/",
            "six": "http://[::ffff:10.0.0.1]/",
        }
        replies = {name: Reply(status=302, headers={"Location": to}) for name, to in away.items()}
        sources = [
            feed(name, web.put(f"{name}.example/rss", reply)) for name, reply in replies.items()
        ]
        told = crawl(*sources, allow_private=False, proxy=web.url)

        outcomes = {name: one.end.outcome for name, one in told.items()}
        assert outcomes == dict.fromkeys(away, Outcome.BLOCKED)
        assert web.asked("127.0.0.1") == []


def test_killed_child_ends_the_sources_it_left(children: Children) -> None:
    records: list[Item | Fetch] = []
    with loopback_web() as web:
        web.put("nhanh.example/a.htm", article("Bài nhanh"))
        web.put("treo.example/rss", Reply(raw=_hang))
        news = rss(("http://nhanh.example/a.htm", "a"))
        quick = feed("quick", web.put("nhanh.example/rss", news))
        stuck = feed("stuck", "http://treo.example/rss", etag='"e"')
        for record in run_round(Job(NOW, (quick, stuck), limits(proxy=web.url, timeout=50.0))):
            records.append(record)
            if isinstance(record, Fetch) and record.source_id == "quick":
                children[0].kill()

    assert [type(one).__name__ for one in records] == ["Item", "Fetch", "Fetch"]
    last = records[-1]
    assert isinstance(last, Fetch)
    assert (last.source_id, last.outcome, last.etag) == ("stuck", Outcome.ERROR, '"e"')
    assert last.reason == "tiến trình thu thập chết giữa chừng (SIGKILL)"


def test_download_does_not_outlive_the_round(children: Children) -> None:
    with loopback_web() as web:
        web.put("treo.example/rss", Reply(raw=_hang))
        source = feed("stuck", "http://treo.example/rss")
        told = crawl(source, proxy=web.url, timeout=50.0, round_timeout=20.0)

    end = told["stuck"].end
    assert (end.outcome, end.reason) == (Outcome.TIMEOUT, "máy chủ không trả lời xong trong hạn")
    assert [child.returncode for child in children] == [0]


def test_round_that_runs_late_is_killed_and_told(children: Children) -> None:
    with loopback_web() as web:
        web.put("treo.example/robots.txt", Reply(raw=_hang))
        source = feed("stuck", "http://treo.example/rss")
        told = crawl(source, proxy=web.url, timeout=50.0, round_timeout=3.0)

    end = told["stuck"].end
    assert (end.outcome, end.reason) == (Outcome.TIMEOUT, "lượt thu thập quá giờ, bị dừng")
    assert [child.returncode for child in children] == [-signal.SIGKILL]


def test_closing_the_round_early_ends_the_child(children: Children) -> None:
    with loopback_web() as web:
        web.put("treo.example/rss", Reply(raw=_hang))
        first = feed("first", web.put("mau.example/rss", rss()))
        job = Job(NOW, (first, feed("stuck", "http://treo.example/rss")), limits(proxy=web.url))
        records = run_round(job)
        assert next(records).source_id == "first"

        assert isinstance(records, Generator)
        records.close()

    assert [child.returncode for child in children] == [-signal.SIGKILL]


def test_round_without_sources_starts_nothing(children: Children) -> None:
    assert list(run_round(Job(NOW, (), limits()))) == []
    assert children == []


def test_child_refuses_a_job_it_cannot_read() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crawlers.child"], input=b"{}", capture_output=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, b"")

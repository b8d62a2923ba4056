"""Turns at hosts: the pause is counted from the answer, and other processes are heard."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from loopback import NOW, Reply, article, crawl, feed, limits, loopback_web, rss

from crawlers.item import Item
from crawlers.job import Job
from crawlers.round import run_round

DELAY = 0.2


@dataclass
class Shared:
    """Turns as a table would keep them; the first takings fail as the given ones do."""

    refusals: list[Exception | float] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)
    free_at: dict[str, float] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def take(self, host: str, hold: float) -> tuple[str, float]:
        with self.lock:
            if self.refusals:
                refusal = self.refusals.pop(0)
                if isinstance(refusal, Exception):
                    raise refusal
                return "", refusal
            left = self.free_at.get(host, 0.0) - time.monotonic()
            if left > 0:
                return "", left
            assert host not in self.taken
            self.free_at[host] = time.monotonic() + hold
            self.taken[host] = token = f"{len(self.log)}"
            self.log.append(("take", host))
            return token, 0.0

    def give_back(self, host: str, token: str, rest: float) -> None:
        with self.lock:
            assert self.taken.pop(host) == token
            self.free_at[host] = time.monotonic() + rest
            self.log.append(("back", host))


def timed(arrivals: list[float], reply: Reply, wait: threading.Event | None = None) -> Any:
    def answer(_: object) -> Reply:
        arrivals.append(time.monotonic())
        if wait is not None:
            wait.wait(0.3)
        return reply

    return answer


def test_a_host_that_others_are_redirected_to_has_its_pause() -> None:
    arrivals: list[float] = []
    with loopback_web() as web:
        links = []
        for n in range(3):
            page = timed(arrivals, Reply(article(f"Bài {n}")))
            to = web.put(f"b.example/{n}.htm", page)
            moved = Reply(status=301, headers={"Location": to})
            links.append((web.put(f"a.example/{n}.htm", moved), f"Bài {n}"))
        there = [
            (
                web.put(f"b.example/x{n}.htm", timed(arrivals, Reply(article(f"Bài x{n}")))),
                f"Bài x{n}",
            )
            for n in range(3)
        ]
        sources = [
            feed("a", web.put("a.example/rss", rss(*links))),
            feed("b", web.put("b.example/rss", timed(arrivals, rss(*there)))),
        ]
        crawl(*sources, proxy=web.url, delay=DELAY, per_host=1)
    assert len(arrivals) == 7
    assert min(late - early for early, late in pairwise(arrivals)) >= DELAY


def test_what_waits_for_a_place_does_not_make_its_host_asked_twice_at_once() -> None:
    slow: list[float] = []
    arrivals: list[float] = []
    never = threading.Event()
    with loopback_web() as web:
        sources = []
        for n in range(3):
            page = timed(slow, Reply(article(f"Chậm {n}")), never)
            links = [(web.put(f"s{n}.example/{k}.htm", page), f"Chậm {n}{k}") for k in range(2)]
            sources.append(feed(f"s{n}", web.put(f"s{n}.example/rss", rss(*links))))
        quick = [
            (web.put(f"a.example/{n}.htm", timed(arrivals, Reply(article(f"Bài {n}")))), f"Bài {n}")
            for n in range(4)
        ]
        sources.append(feed("a", web.put("a.example/rss", timed(arrivals, rss(*quick)))))
        crawl(*sources, proxy=web.url, delay=DELAY, per_host=1, concurrent=1)
    assert len(arrivals) == 5
    assert min(late - early for early, late in pairwise(arrivals)) >= DELAY


def test_no_host_is_asked_out_of_turn() -> None:
    """Refused, failed and granted turns; each ends, and none is held when the round is over."""
    turns = Shared([0.1, OSError("away"), 0.05])
    with loopback_web() as web:
        links = [
            (web.put(f"{host}.example/1.htm", article(f"Bài {host}")), f"Bài {host}")
            for host in "ab"
        ]
        source = feed("a", web.put("a.example/rss", rss(*links)))
        given = limits(proxy=web.url, delay=DELAY, per_host=1)
        records = list(run_round(Job(NOW, (source,), given), turns))
        asked = len(web.seen)
    assert sum(isinstance(record, Item) for record in records) == 2
    assert turns.refusals == []
    assert turns.taken == {}
    takes = [host for what, host in turns.log if what == "take"]
    assert len(takes) == asked == 5  # robots.txt of both among them
    assert set(takes) == {"a.example", "b.example"}


def test_a_round_that_is_ended_gives_its_turns_back() -> None:
    turns, begun, gone = Shared(), threading.Event(), threading.Event()

    def hang(_: object) -> Reply:
        begun.set()
        gone.wait(10)
        return Reply()

    with loopback_web() as web:
        links = [
            (web.put("a.example/1.htm", article("Bài")), "Bài"),
            (web.put("a.example/2.htm", hang), "Bài 2"),
        ]
        source = feed("a", web.put("a.example/rss", rss(*links)))
        given = limits(proxy=web.url, delay=DELAY, per_host=1, timeout=10.0)
        rounds = run_round(Job(NOW, (source,), given), turns)
        next(rounds)
        assert begun.wait(10)
        assert set(turns.taken) == {"a.example"}
        rounds.close()
        gone.set()
    assert turns.taken == {}
    assert turns.free_at["a.example"] <= time.monotonic() + DELAY

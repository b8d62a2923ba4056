"""What Prometheus reads at /metrics: asked of the tables at the moment of the question."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from langnghe.app import App
from langnghe.writing import watch_tables
from storage.gauges import Gauges, gauges
from storage.health import SourceHealth, health

Family = GaugeMetricFamily | CounterMetricFamily | InfoMetricFamily


def exposition(app: App) -> bytes:
    """Return the metrics as text, in the form of Prometheus. Holds numbers and ids only."""
    registry = CollectorRegistry()
    registry.register(_Asked(app))
    return generate_latest(registry)


class _Asked(Collector):
    def __init__(self, app: App) -> None:
        self._app = app

    def describe(self) -> Iterable[Family]:
        return ()  # nothing is asked of the tables when it is registered

    def collect(self) -> Iterator[Family]:
        begin, now = time.perf_counter(), self._app.clock()
        listened = [one for one in self._app.catalog.sources.values() if one.enabled]
        with self._app.views() as session:
            found = gauges(session, now)
            sources = health(session, now, listened)
        yield from _of_work(found, now)
        yield from _of_cases(found, now)
        yield from _of_sources(sources)
        watch_tables(self._app)
        yield _by("langnghe_cannot_write_since_timestamp_seconds",
                  "Since when a job cannot write, by what is wrong.", "trouble", {
            one.trouble.value: one.since.timestamp() for one in reversed(self._app.alarm.now())
        })  # fmt: skip
        yield InfoMetricFamily(
            "langnghe_reader",
            "The version of the reader in use.",
            value={"version": self._app.reader.version, "rules": self._app.catalog.hash},
        )
        took = time.perf_counter() - begin
        yield _gauge("langnghe_scrape_seconds", "How long these numbers took to ask for.", took)


def _of_work(found: Gauges, now: datetime) -> Iterator[Family]:
    yield CounterMetricFamily("langnghe_items", "Items that ever arrived.", value=found.items)
    yield _gauge("langnghe_items_unread", "Items that are not read yet.", found.unread)
    yield _gauge(
        "langnghe_items_unread_age_seconds",
        "Since when the oldest item waits to be read; 0 where none does.",
        _age(found.oldest_unread, now),
    )
    yield _gauge("langnghe_items_unreadable", "Items set aside unread.", found.unreadable)
    yield _by("langnghe_round_ended_timestamp_seconds", "When a job last ended.", "job", {
        job: at.timestamp() for job, at in found.rounds.items()
    })  # fmt: skip
    yield _gauge(
        "langnghe_round_open_age_seconds",
        "Since when the oldest round goes on; 0 where none does.",
        _age(found.open_since, now),
    )
    yield _by("langnghe_polls_day", "Polls of the last day by outcome.", "outcome", found.fetches)


def _of_cases(found: Gauges, now: datetime) -> Iterator[Family]:
    yield _by("langnghe_cases", "Cases by state.", "state", found.cases)
    yield _gauge("langnghe_cases_overdue", "Cases whose unit is late.", found.overdue)
    yield _by("langnghe_mails", "Mails by state.", "state", found.mails)
    yield _gauge(
        "langnghe_mails_waiting_age_seconds",
        "Since when the oldest due mail waits; 0 where none does.",
        _age(found.oldest_mail, now),
    )


def _of_sources(sources: list[SourceHealth]) -> Iterator[Family]:
    told = {
        "heard": sum(one.heard for one in sources),
        "silent": sum(one.silent for one in sources),
        "failing": sum(one.failures > 0 for one in sources),
        "all": len(sources),
    }
    yield _by("langnghe_sources", "Sources that are listened to; some count twice.", "state", told)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _by(name: str, words: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)

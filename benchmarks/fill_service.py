"""Rows of the service itself: rounds, fetches, how sources are, digests, the audit."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta

from pydantic import TypeAdapter

from benchmarks.fill_year import DAY, HOUR, NOW, TODAY, Rows, Year
from config.settings import ZONE
from triage.assemble import assemble
from triage.digest import Coverage, DigestData

_QUARTER = timedelta(minutes=15)
_FORM = TypeAdapter(DigestData)


def audit(year: Year) -> Rows:
    """Yield lines of the audit of a quarter."""
    for number in range(year.size.audit):
        yield {
            "at": NOW - DAY * 90 * (year.size.audit - number) / year.size.audit,
            "who": f"account:người-{number % 12}",
            "action": ("looked", "decided", "signed_in", "exported")[number % 4],
            "subject": f"case:{1 + number % 2000}",
            "detail": {},
        }


def rounds(year: Year) -> Rows:
    """Yield the rounds, one every quarter of an hour."""
    for number in range(year.size.days * 96):
        at = NOW - DAY * year.size.days + _QUARTER * number
        yield {
            "job": "round",
            "scheduled_for": at,
            "started_at": at,
            "finished_at": at + _QUARTER / 5,
            "report": {"read": number % 50},
        }


def fetches(year: Year) -> Rows:
    """Yield the fetches, hourly."""
    hours = year.size.days * 24
    for hour in range(hours):
        for number, source in enumerate(year.sources):
            bad = (hour + number) % 50 == 0
            yield {
                "round_id": None,
                "source_id": source,
                "url": "",
                "outcome": "timeout" if bad else "new",
                "reason": "timeout" if bad else "",
                "http_status": None if bad else 200,
                "items": 0 if bad else 3,
                "at": NOW - HOUR * (hours - hour),
            }


def source_states(year: Year) -> Rows:
    """Yield how the last poll of each source went."""
    for number, source in enumerate(year.sources):
        yield {
            "source_id": source,
            "etag": "",
            "last_modified": "",
            "cursor": "",
            "last_poll_at": NOW - HOUR,
            "last_ok_at": NOW - HOUR,
            "last_new_at": NOW - HOUR * (1 + number),
            "failures": number % 5,
            "next_at": NOW + HOUR,
            "disabled": False,
            "note": "",
        }


def digests(year: Year) -> Rows:
    """Yield a digest for each day up to yesterday: their coverage, and no names."""
    for back in range(year.size.days, 0, -1):
        day = TODAY - DAY * back
        made_at = datetime.combine(day, time(6, 30), ZONE)
        coverage = Coverage(expected=len(year.sources), seen=len(year.sources), items=2_000)
        data = assemble(
            (), {}, day=day, province=year.app.settings.province, made_at=made_at, coverage=coverage
        )
        yield {"day": day, "made_at": made_at, "data": _FORM.dump_python(data, mode="json")}


def digest_entries(year: Year) -> Rows:
    """Yield which events each digest told of: those that went on since the day before."""
    told = defaultdict(set)
    for item, event in year.members:
        told[year.at(item).astimezone(ZONE).date() + DAY].add(event)
    for back in range(year.size.days, 0, -1):
        day = TODAY - DAY * back
        for event in sorted(told[day]):
            yield {"day": day, "event_id": event, "section": "new", "fingerprint": "{}"}

"""The lines that pass between a crawl round and its child process: JSON, one record a line."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from typing import Any

from crawlers.item import Fetch, Item, Outcome
from crawlers.job import Addresses, DueSource, Job, Limits

_ITEM = {field.name for field in fields(Item)}
_FETCH = {field.name for field in fields(Fetch)}


def to_line(record: Item | Fetch) -> str:
    """Write a record as one line of ASCII JSON, without the line break."""
    data = asdict(record) | {"kind": "item" if isinstance(record, Item) else "fetch"}
    return json.dumps(data, default=_stamp)


def from_line(line: str) -> Item | Fetch:
    """Read a record. Raises ValueError for anything that is not a whole one."""
    try:
        data = json.loads(line)
        kind = data.pop("kind")
        data["fetched_at"] = datetime.fromisoformat(data["fetched_at"])
        if kind == "item" and set(data) <= _ITEM:
            data["published"] = data["published"] and datetime.fromisoformat(data["published"])
            return Item(**data)
        if kind == "fetch" and set(data) <= _FETCH:
            return Fetch(**data | {"outcome": Outcome(data["outcome"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a record ({type(error).__name__})") from error
    raise ValueError("not a record (its keys)")


def job_to_json(job: Job) -> str:
    """Write a job as one JSON object. It may carry secrets: for a pipe, never for a log."""
    # The addresses by hand: `asdict` would copy each of many thousands.
    bare = tuple(replace(due, known=Addresses(), tried=Addresses()) for due in job.sources)
    data = asdict(replace(job, sources=bare))
    for source, due in zip(data["sources"], job.sources, strict=True):
        source["known"] = sorted(Addresses.of(due.known).marks)
        source["tried"] = sorted(due.tried.marks)
    return json.dumps(data, default=_stamp)


def job_from_json(text: str) -> Job:
    """Read a job. Raises ValueError where it is not one."""
    try:
        data = json.loads(text)
        sources = tuple(
            DueSource(
                **source
                | {
                    "known": Addresses(frozenset(source.get("known", ()))),
                    "tried": Addresses(frozenset(source.get("tried", ()))),
                    "again": tuple(source.get("again", ())),
                }
            )
            for source in data["sources"]
        )
        now = datetime.fromisoformat(data["now"])
        return Job(now=now, sources=sources, limits=Limits(**data["limits"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a job ({type(error).__name__})") from error


def _stamp(value: Any) -> str:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    raise TypeError(type(value).__name__)

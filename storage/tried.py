"""Article pages that were asked for in vain: which are left alone for now, and which come last."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from storage.models import FetchRow

#: How long a page that was refused for good is left alone: this after the first time, twice
#: as long after each further one, and never longer than `LONGEST`.
FIRST, LONGEST = timedelta(hours=1), timedelta(days=7)
#: How far back failures count.
MEMORY = timedelta(days=14)
_LATER = (408, 425, 429)
#: A page that came but was no article has status 200; what was too large, or robots.txt
#: forbids, has none, as a line that broke has none: those are known by their reasons only.
_REASONS = ("% quá lớn, bỏ", "robots.txt không cho phép%")


def tried(session: Session, source_id: str, now: datetime) -> tuple[frozenset[str], frozenset[str]]:
    """Return the addresses of a source's pages to leave alone, and all that failed of late."""
    status = FetchRow.http_status
    lasting = or_(
        status.between(400, 499) & status.not_in(_LATER),
        status == 200,
        *(FetchRow.reason.like(words) for words in _REASONS),
    )
    last, times = func.max(FetchRow.at), func.sum(case((lasting, 1), else_=0))
    query = (
        select(FetchRow.url, last, times)
        .where(FetchRow.source_id == source_id, FetchRow.at > now - MEMORY, FetchRow.url != "")
        .group_by(FetchRow.url)
    )
    failed = {url: (at, count) for url, at, count in session.execute(query)}
    resting = {url for url, (at, count) in failed.items() if count and now < at + _rest(count)}
    return frozenset(resting), frozenset(failed)


def _rest(times: int) -> timedelta:
    return min(FIRST * (1 << min(times, 12) - 1), LONGEST)

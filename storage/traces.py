"""Where the words of an article went: what has to be looked at when they are to be deleted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select, text, update
from sqlalchemy.orm import Session

from storage.erasing import ENDED, ERASED
from storage.models import (
    CaseEntryRow,
    EventRow,
    ItemRow,
    ItemUrlRow,
    ItemVersionRow,
    MembershipRow,
    NoticeRow,
)

_DIGEST = "digest"
_MAY_CHANGE = text("SELECT has_table_privilege('case_entry', 'UPDATE')")


@dataclass(frozen=True, slots=True)
class Traces:
    """Under what an article may be told of elsewhere, and not before when."""

    events: frozenset[int]
    titles: frozenset[str]
    addresses: frozenset[str]
    since: datetime


def traces(session: Session, item: int) -> Traces:
    """Return the events of an article and all that are one with them, its headlines, addresses."""
    row = session.get_one(ItemRow, item)
    own = select(MembershipRow.event_id).where(MembershipRow.item_id == item)
    roots = {
        merged or event
        for event, merged in session.execute(
            select(EventRow.id, EventRow.merged_into).where(EventRow.id.in_(own))
        )
    }
    one = or_(EventRow.id.in_(roots), EventRow.merged_into.in_(roots))
    titles = select(ItemVersionRow.title).where(ItemVersionRow.item_id == item)
    shown = select(ItemUrlRow.url).where(ItemUrlRow.item_id == item)
    return Traces(
        events=frozenset(session.scalars(select(EventRow.id).where(one))),
        titles=frozenset(session.scalars(titles)),
        addresses=frozenset((row.url, *session.scalars(shown))),
        since=row.fetched_at,
    )


def in_history(session: Session, cases: Collection[int], titles: Collection[str]) -> bool:
    """Say whether the history of these cases repeats one of the headlines as new evidence."""
    found = select(CaseEntryRow.case_id).where(_repeated(cases, titles)).limit(1)
    return session.scalar(found) is not None


def may_change_history(session: Session) -> bool:
    """Say whether this role of the database may change the history of cases."""
    return session.get_bind().dialect.name != "postgresql" or bool(session.scalar(_MAY_CHANGE))


def erase_history(session: Session, cases: Collection[int], titles: Collection[str]) -> None:
    """Delete the headlines where the history of these cases repeats them as new evidence."""
    repeated = _repeated(cases, titles)
    session.execute(update(CaseEntryRow).where(repeated).values(text=ERASED))


def erase_digest_mails(session: Session, days: Collection[date]) -> None:
    """Delete the words of mails that are out and carried the digests of these days."""
    for day in days:
        of_day = NoticeRow.key.startswith(f"{_DIGEST}:{day.isoformat()}:", autoescape=True)
        out = (NoticeRow.kind == _DIGEST) & of_day & NoticeRow.state.in_(ENDED)
        session.execute(update(NoticeRow).where(out).values(text=ERASED, html=""))


def _repeated(cases: Collection[int], titles: Collection[str]) -> ColumnElement[bool]:
    lines = CaseEntryRow.case_id.in_(cases) & (CaseEntryRow.kind == "evidence")
    return lines & CaseEntryRow.text.in_(titles)

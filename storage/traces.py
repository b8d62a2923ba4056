"""Where the words of an article went: what has to be looked at when they are to be deleted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, or_, select, text, update
from sqlalchemy.orm import Session

from storage import digests
from storage.erasing import ENDED, ERASED, erase_mails
from storage.models import (
    CaseEntryRow,
    CaseRow,
    EventChangeRow,
    EventRow,
    ItemRow,
    ItemUrlRow,
    ItemVersionRow,
    MembershipRow,
    NoticeRow,
)

_DIGEST = "digest"
#: A mail may be marked as sent so long after it left (the disk was full).
_UNMARKED = timedelta(days=1)
_MAY_CHANGE = text("SELECT has_table_privilege('case_entry', 'UPDATE')")


@dataclass(frozen=True, slots=True)
class Traces:
    """Under what an article may be told of elsewhere, and not before when.

    `former` are events that it was of until a person moved it, `cases` those about any of
    them. What is said of former ones is of other articles too: `tells` knows this one's words.
    """

    events: frozenset[int]
    former: frozenset[int]
    cases: frozenset[int]
    titles: frozenset[str]
    texts: frozenset[str]
    addresses: frozenset[str]
    since: datetime

    def tells(self, title: str, gist: str) -> bool:
        """Say whether a headline or a gist is this article's."""
        begin = gist.rstrip("…").strip()
        return title in self.titles or bool(begin and any(begin in one for one in self.texts))


def traces(session: Session, item: int) -> Traces:
    """Return the events of an article and all that are one with them, its headlines, addresses."""
    row = session.get_one(ItemRow, item)
    own = select(MembershipRow.event_id).where(MembershipRow.item_id == item)
    events = _one_with(session, session.scalars(own).all())
    former = _one_with(session, _former(session, item)) - events
    cases = select(CaseRow.id).where(CaseRow.event_id.in_(events | former))
    words = select(ItemVersionRow.title, ItemVersionRow.text)
    versions = session.execute(words.where(ItemVersionRow.item_id == item)).all()
    shown = select(ItemUrlRow.url).where(ItemUrlRow.item_id == item)
    return Traces(
        events=events,
        former=former,
        cases=frozenset(session.scalars(cases)),
        titles=frozenset(title for title, _ in versions),
        texts=frozenset(" ".join(text.split()) for _, text in versions),
        addresses=frozenset((row.url, *session.scalars(shown))),
        since=row.fetched_at,
    )


def _one_with(session: Session, events: Collection[int]) -> frozenset[int]:
    """Return these events and all that are merged with them."""
    query = select(EventRow.id, EventRow.merged_into).where(EventRow.id.in_(events))
    roots = {merged or event for event, merged in session.execute(query)}
    one = or_(EventRow.id.in_(roots), EventRow.merged_into.in_(roots))
    return frozenset(session.scalars(select(EventRow.id).where(one)))


def _former(session: Session, item: int) -> set[int]:
    """Return the events between which people moved an article."""
    moved = select(EventChangeRow.event_id, EventChangeRow.other_id, EventChangeRow.items)
    named = cast(EventChangeRow.items, Text).contains(str(item))  # few enough to look into
    rows = session.execute(moved.where(named))
    return {event for one, other, items in rows if item in items for event in (one, other)}


def erase_former(session: Session, found: Traces) -> None:
    """Delete an article's words where events that it was of, or their cases, are called by them."""
    called = EventRow.id.in_(found.former) & EventRow.title.in_(found.titles)
    session.execute(update(EventRow).where(called).values(title=ERASED))
    query = select(CaseRow.id, CaseRow.title, CaseRow.gist)
    rows = session.execute(query.where(CaseRow.event_id.in_(found.former))).all()
    telling = [case for case, title, gist in rows if found.tells(title, gist)]
    session.execute(update(CaseRow).where(CaseRow.id.in_(telling)).values(title=ERASED, gist=""))
    erase_mails(session, found.cases)


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


def erase_late_digest_mails(
    session: Session, found: Traces, at: datetime, told: Callable[[Mapping[str, Any]], set[int]]
) -> None:
    """Delete the words of digest mails that still waited at that moment, and are out now.

    `told` returns the events of a kept digest.
    """
    left = NoticeRow.sent_at.is_(None) | (NoticeRow.sent_at > at - _UNMARKED)
    out = NoticeRow.state.in_(ENDED) & left & (NoticeRow.text != ERASED)
    query = select(NoticeRow.key, NoticeRow.created_at)
    rows = session.execute(
        query.where(NoticeRow.kind == _DIGEST, NoticeRow.created_at <= at, out)
    ).all()
    for key, made in rows:
        # Whatever day it tells of: it was made from what was known then.
        kept = digests.get(session, date.fromisoformat(key.split(":")[1]))
        if made >= found.since and kept and told(kept.data) & (found.events | found.former):
            emptied = update(NoticeRow).where(NoticeRow.key == key)
            session.execute(emptied.values(text=ERASED, html=""))


def _repeated(cases: Collection[int], titles: Collection[str]) -> ColumnElement[bool]:
    lines = CaseEntryRow.case_id.in_(cases) & (CaseEntryRow.kind == "evidence")
    return lines & CaseEntryRow.text.in_(titles)

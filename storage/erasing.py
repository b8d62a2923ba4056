"""Delete what a term or a person says, and write down in the same transaction what went.

The words of an item are deleted; its row stays, with its hashes, so that the list of evidence,
events and cases still fit, and the article is not taken for a new one when it is met again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from storage import search
from storage.holds import Held, standing
from storage.ledger import ADDRESS, address_mark
from storage.models import (
    CaseRow,
    DeletionRow,
    EventRow,
    ItemRow,
    ItemUrlRow,
    ItemVersionRow,
    LabelRow,
    MembershipRow,
    NoticeCaseRow,
    NoticeRow,
    ReadingRow,
)
from storage.write import chunks
from triage.case import CaseState

#: What stands where a headline was.
ERASED = "[đã xóa]"
ITEM = "item"
BATCH = 200
#: The rule of what was deleted because a person asked for it.
REQUEST = "request"
_OVER = (CaseState.CLOSED.value, CaseState.DISMISSED.value)
ENDED = ("sent", "failed", "dropped")


#: Columns of a reading that repeat words of its item.
_WORDY = ("mentions", "place_reasons", "reasons", "flags")


@dataclass(frozen=True, slots=True)
class Word:
    """By which rule something is deleted, by whom, why and when."""

    rule: str
    who: str
    why: str
    at: datetime


def loose(before: datetime) -> Select[int]:
    """Return the query of items that came before then, that no case is about, and nobody judged."""
    own, part = aliased(EventRow), aliased(EventRow)
    root = func.coalesce(own.merged_into, own.id)
    lively = (
        select(part.id)
        .select_from(MembershipRow)
        .join(own, own.id == MembershipRow.event_id)
        .join(part, or_(part.id == root, part.merged_into == root))
        .where(MembershipRow.item_id == ItemRow.id, part.last_at >= before)
        .correlate(ItemRow)
        .exists()
    )
    judged = exists().where(LabelRow.item_id == ItemRow.id)
    return _due(before).where(~_cases(), ~lively, ~judged)


def settled(before: datetime) -> Select[int]:
    """Return the query of items all of whose cases are closed since before then."""
    return _due(before).where(
        _cases(), ~_cases(or_(CaseRow.state.not_in(_OVER), CaseRow.closed_at >= before))
    )


#: The terms of items: which of them go.
KINDS: dict[str, Callable[[datetime], Select[int]]] = {"item": loose, "case_item": settled}


def count(kind: str, before: datetime, session: Session) -> int:
    """Return of how many items the term of this kind was over before then."""
    return session.scalar(select(func.count()).select_from(KINDS[kind](before).subquery())) or 0


def erase_due(kind: str, before: datetime, session: Session, word: Word) -> int:
    """Delete the words of one batch of such items; return how many items it was, 0 at the end."""
    query = KINDS[kind](before).order_by(ItemRow.id).limit(BATCH)
    found = list(session.scalars(query))
    erase(session, found, word)
    return len(found)


def erase(session: Session, items: Sequence[int], word: Word) -> int:
    """Delete the words of items, and what was read out of them; return how many texts went."""
    went = 0
    for some in chunks(items):
        went += _write_down(session, some, word)
        of_them = ItemVersionRow.item_id.in_(some)
        _erase_names(session, some)
        session.execute(update(ItemVersionRow).where(of_them).values(title=ERASED, text=""))
        reading = ReadingRow.item_id.in_(some)
        session.execute(delete(ReadingRow).where(reading, ~ReadingRow.current))
        session.execute(update(ReadingRow).where(reading).values({key: [] for key in _WORDY}))
        search.forget(session, some)
        newest = select(func.max(ItemVersionRow.number)).where(ItemVersionRow.item_id == ItemRow.id)
        session.execute(
            update(ItemRow)
            .where(ItemRow.id.in_(some))
            .values(
                erased_version=newest.scalar_subquery(),  # a page set back may show an older one
                read_version=ItemRow.current_version,
                indexed_version=ItemRow.current_version,
                look_at=None,
            )
        )
    return went


def _erase_names(session: Session, items: Sequence[int]) -> None:
    """Delete the headline where an event is called by one of these items."""
    events = select(MembershipRow.event_id).where(MembershipRow.item_id.in_(items))
    titles = select(ItemVersionRow.title).where(ItemVersionRow.item_id.in_(items))
    called = or_(EventRow.id.in_(items), EventRow.id.in_(events) & EventRow.title.in_(titles))
    session.execute(update(EventRow).where(called).values(title=ERASED))


def erase_address(session: Session, item: int, word: Word) -> None:
    """Delete under which addresses an item stood; they are not read again (see `refused`)."""
    row = session.get_one(ItemRow, item)
    for mark in address_marks(session, item):
        refuse(session, item, mark, word)
    session.execute(delete(ItemUrlRow).where(ItemUrlRow.item_id == item))
    row.url = row.external_id = f"erased:{address_mark(row.url)}"
    session.flush()


def address_marks(session: Session, item: int) -> list[str]:
    """Return the hashes of all addresses under which an item stood."""
    row = session.get_one(ItemRow, item)
    shown = select(ItemUrlRow.url).where(ItemUrlRow.item_id == item)
    return sorted(map(address_mark, {row.url, row.external_id, *session.scalars(shown)}))


def refuse(session: Session, item: int, mark: str, word: Word) -> None:
    """Write down that what stands under the address with this hash is not read again."""
    session.add(_row(ADDRESS, str(item), 1, mark, word))


def standing_at(session: Session, marks: Collection[str]) -> list[int]:
    """Return the items that stand under an address with such a hash. Reads every address."""
    found = set[int]()
    for query in (select(ItemRow.id, ItemRow.url), select(ItemUrlRow.item_id, ItemUrlRow.url)):
        rows = session.execute(query.execution_options(yield_per=1000))
        found.update(item for item, url in rows if address_mark(url) in marks)
    return sorted(found)


def erase_gists(session: Session, item: int) -> list[int]:
    """Delete what cases about an item, and mails about them, tell of its words.

    Returns the cases.
    """
    found = cases_of(session, item)
    session.execute(update(CaseRow).where(CaseRow.id.in_(found)).values(title=ERASED, gist=""))
    erase_mails(session, found)
    return found


def erase_mails(session: Session, cases: Collection[int], before: datetime | None = None) -> None:
    """Delete the words of mails about these cases that are out; with `before`, if made by then.

    One that still waits has to be read by its unit: this is done again when it is out.
    """
    told = select(NoticeCaseRow.notice_key).where(NoticeCaseRow.case_id.in_(cases))
    out = NoticeRow.key.in_(told) & NoticeRow.state.in_(ENDED) & (NoticeRow.text != ERASED)
    if before is not None:
        out &= NoticeRow.created_at <= before
    session.execute(update(NoticeRow).where(out).values(text=ERASED, html=""))


def cases_of(session: Session, item: int) -> list[int]:
    """Return the cases about an item."""
    query = _of_items(select(CaseRow.id)).where(MembershipRow.item_id == item)
    return sorted(session.scalars(query))


def erased_at(session: Session, marks: Collection[str]) -> list[int]:
    """Return the items whose address is deleted and had one of these hashes."""
    gone = [f"erased:{mark}" for mark in marks]
    return sorted(session.scalars(select(ItemRow.id).where(ItemRow.url.in_(gone))))


def erased(session: Session, items: Iterable[int]) -> dict[int, set[str]]:
    """Of items whose words are deleted: the hashes of those texts that the ledger names."""
    found = dict[int, set[str]]()
    for some in chunks(sorted(set(items))):
        gone = session.scalars(
            select(ItemRow.id).where(ItemRow.id.in_(some), ItemRow.erased_version > 0)
        ).all()
        found |= {one: set() for one in gone}
        told = select(DeletionRow.key, DeletionRow.sha256).where(
            DeletionRow.kind == ITEM, DeletionRow.key.in_([str(one) for one in gone])
        )
        for key, sha256 in session.execute(told):
            found[int(key)].add(sha256)
    return found


def _write_down(session: Session, items: Sequence[int], word: Word) -> int:
    query = select(ItemVersionRow.item_id, ItemVersionRow.text_sha256).where(
        ItemVersionRow.item_id.in_(items)
    )
    rows = session.execute(query.order_by(ItemVersionRow.item_id, ItemVersionRow.number)).all()
    session.add_all(_row(ITEM, str(item), 1, sha256, word) for item, sha256 in rows)
    session.flush()
    return len(rows)


def _row(kind: str, key: str, number: int, sha256: str, word: Word) -> DeletionRow:
    return DeletionRow(
        at=word.at, kind=kind, key=key, number=number, sha256=sha256, rule=word.rule,
        who=word.who, why=word.why,
    )  # fmt: skip


def _due(before: datetime) -> Select[int]:
    held = standing(Held.ITEM, ItemRow.id)
    case_held = _cases(standing(Held.CASE, CaseRow.id))
    wordy = exists().where(
        ItemVersionRow.item_id == ItemRow.id, ItemVersionRow.number > ItemRow.erased_version
    )
    return select(ItemRow.id).where(
        ItemRow.fetched_at < before,
        wordy,
        ItemRow.read_version == ItemRow.current_version,
        ~held,
        ~case_held,
    )


def _cases(*only: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say of an item whether there is a case about its event, or one merged with it."""
    of_item = _of_items(select(CaseRow.id)).where(MembershipRow.item_id == ItemRow.id, *only)
    return of_item.correlate(ItemRow).exists()


def _of_items(query: Select[int]) -> Select[int]:
    """Join cases to the memberships of all events that are one with theirs."""
    own, part = aliased(EventRow), aliased(EventRow)
    root = func.coalesce(own.merged_into, own.id)
    return (
        query.select_from(MembershipRow)
        .join(own, own.id == MembershipRow.event_id)
        .join(part, or_(part.id == root, part.merged_into == root))
        .join(CaseRow, CaseRow.event_id == part.id)
    )

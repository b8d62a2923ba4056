"""Items as they were seen and read: which version, by which words, and how often it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from nlp.reading import PlaceRef, Reason
from storage.models import ItemRow, ItemVersionRow, MembershipRow, ReadingRow
from storage.write import chunks


@dataclass(frozen=True, slots=True)
class Sighting:
    """One item as the reader saw it; offsets of reasons and places are into this text.

    `versions` counts the texts it had, `fetched_at` is when it was first fetched, `joined` why
    the grouper put it into its event, `gone_at` since when its page is taken down.
    """

    item_id: int
    title: str
    text: str
    fetched_at: datetime
    versions: int
    copy_of: int | None
    joined: str
    gone_at: datetime | None
    reasons: tuple[Reason, ...]
    places: tuple[PlaceRef, ...]


def sightings(session: Session, item_ids: Sequence[int]) -> dict[int, Sighting]:
    """Return what was seen of these items, by item; one without a reading is left out."""
    found: dict[int, Sighting] = {}
    for part in chunks(list(item_ids)):
        counted = _versions(session, part)
        query = _READ.where(ReadingRow.item_id.in_(part), ReadingRow.current)
        for row, title, text, fetched_at, gone_at, copy_of, why in session.execute(query):
            found[row.item_id] = Sighting(
                item_id=row.item_id,
                title=title,
                text=text,
                fetched_at=fetched_at,
                versions=counted.get(row.item_id, 1),
                copy_of=copy_of,
                joined=why or "",
                gone_at=gone_at,
                reasons=tuple(Reason(**one) for one in (*row.reasons, *row.place_reasons)),
                places=tuple(PlaceRef(**one) for one in row.places),
            )
    return found


_READ = (
    select(
        ReadingRow,
        ItemVersionRow.title,
        ItemVersionRow.text,
        ItemRow.fetched_at,
        ItemRow.gone_at,
        MembershipRow.copy_of,
        MembershipRow.why,
    )
    .join(ItemRow, ItemRow.id == ReadingRow.item_id)
    .join(
        ItemVersionRow,
        and_(
            ItemVersionRow.item_id == ReadingRow.item_id,
            ItemVersionRow.number == ReadingRow.item_version,
        ),
    )
    .join(MembershipRow, MembershipRow.item_id == ReadingRow.item_id, isouter=True)
)


def _versions(session: Session, item_ids: Sequence[int]) -> dict[int, int]:
    """Count the texts that each item had."""
    query = (
        select(ItemVersionRow.item_id, func.count())
        .where(ItemVersionRow.item_id.in_(item_ids))
        .group_by(ItemVersionRow.item_id)
    )
    return dict(session.execute(query).tuples().all())

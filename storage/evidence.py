"""What an event rests on: its items as they stand now, originals before copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from storage.models import EventRow, ItemRow, ItemVersionRow, MembershipRow
from storage.write import chunks

#: Events asked for at once: of more, PostgreSQL rather reads all memberships there are.
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Evidence:
    """One item of an event. `copy` says that it repeats another one. Texts are masked."""

    item_id: int
    source_id: str
    outlet: str
    kind: str
    url: str
    title: str
    text: str
    at: datetime
    copy: bool
    text_sha256: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event as it stands: its title, its time, and what it rests on."""

    event_id: int
    title: str
    first_at: datetime
    last_at: datetime
    last_item_id: int
    evidence: tuple[Evidence, ...]

    @property
    def copies(self) -> int:
        """How many items only repeat others."""
        return sum(one.copy for one in self.evidence)


def of_events(session: Session, event_ids: Sequence[int]) -> dict[int, EventLine]:
    """Return the events of these ids with their evidence, originals first, then by time."""
    found: dict[int, list[Evidence]] = defaultdict(list)
    heads: dict[int, EventRow] = {}
    for part in chunks(list(event_ids), _CHUNK):
        for row in session.scalars(select(EventRow).where(EventRow.id.in_(part))):
            heads[row.id] = row
        for event_id, one in _evidence(session, part):
            found[event_id].append(one)
    return {
        event_id: EventLine(
            event_id,
            head.title,
            head.first_at,
            head.last_at,
            head.last_item_id,
            tuple(sorted(found[event_id], key=lambda one: (one.copy, one.at, one.item_id))),
        )
        for event_id, head in heads.items()
    }


def _evidence(session: Session, event_ids: Sequence[int]) -> Iterable[tuple[int, Evidence]]:
    query = (
        select(
            MembershipRow.event_id,
            ItemRow.id,
            ItemRow.source_id,
            ItemRow.outlet,
            ItemRow.kind,
            ItemRow.url,
            ItemVersionRow.title,
            ItemVersionRow.text,
            func.coalesce(ItemRow.published, ItemRow.fetched_at),
            MembershipRow.copy_of,
            ItemVersionRow.text_sha256,
        )
        .join(ItemRow, ItemRow.id == MembershipRow.item_id)
        .join(
            ItemVersionRow,
            and_(
                ItemVersionRow.item_id == ItemRow.id,
                ItemVersionRow.number == ItemRow.current_version,
            ),
        )
        .where(MembershipRow.event_id.in_(event_ids))
    )
    for event_id, *plain, copy_of, digest in session.execute(query):
        values: list[Any] = [*plain, copy_of is not None, digest]
        yield event_id, Evidence(*values)

"""The part of a day's digest that one reader asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from triage.assemble import tallies
from triage.digest import DigestData, DigestEntry, Tally, Topic


def select(
    data: DigestData, topics: Collection[Topic] = (), units: Collection[tuple[str, str]] = ()
) -> DigestData:
    """Return the digest with only what is of these topics and of these units (id, name).

    Empty means all; both given mean both must fit. What the coverage says stays whole,
    since silence concerns everybody. Charts are counted anew, without the week before.
    """
    if not topics and not units:
        return data
    ids = {topic.id for topic in topics}
    names = {topic.name for topic in topics}
    asked = {unit for unit, _ in units}

    def fits(unit: str, found: Collection[str], wanted: Collection[str]) -> bool:
        return (not units or unit in asked) and (not topics or bool(set(found) & set(wanted)))

    sections: dict[str, tuple[DigestEntry, ...]] = {
        section.value: tuple(
            entry
            for entry in entries
            if fits(entry.unit_id, [topic.id for topic in entry.topics], ids)
        )
        for section, entries in data.sections()
    }
    by_unit, by_topic = tallies(entry for found in sections.values() for entry in found)
    found: dict[str, Any] = dict(sections)
    return replace(
        data,
        **found,
        by_unit=by_unit,
        by_topic=tuple(tally for tally in by_topic if not topics or tally.name in names),
        counted_only=_counted(data, names) if not units else (),
        below_floor=0,
        pledges=tuple(one for one in data.pledges if fits(one.unit_id, one.topics, names)),
        unheard=tuple(one for one in data.unheard if fits(one.unit_id, one.topics, names)),
        scope=_scope(topics, units),
        told=(),
    )


def _counted(data: DigestData, names: Collection[str]) -> tuple[Tally, ...]:
    return tuple(tally for tally in data.counted_only if tally.name in names)


def _scope(topics: Collection[Topic], units: Collection[tuple[str, str]]) -> str:
    parts = []
    if topics:
        parts.append("lĩnh vực " + ", ".join(topic.name for topic in topics))
    if units:
        parts.append("đơn vị " + ", ".join(name for _, name in units))
    return "; ".join(parts)

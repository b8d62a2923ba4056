"""What routing never does: tell the unit complained of, or bring police to a gathering."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from config.catalog import UnitEntry
from triage.facts import Routing

NO_UNIT = "chưa khai báo đơn vị nào phụ trách"
ABOUT_UNIT = "phản ánh về chính đơn vị phụ trách: đưa lên một cấp và chờ người quyết định"
DENUNCIATION = "có nội dung tố cáo: luôn chờ người quyết định"
GATHERING = "có tụ tập đông người: chờ người quyết định, không chuyển công an"

_GATHERING = frozenset({"gathering", "protest"})
_HELD_FOR: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        ABOUT_UNIT: frozenset({"about_unit"}),
        DENUNCIATION: frozenset({"denunciation"}),
        GATHERING: _GATHERING,
    }
)


def barred(unit: UnitEntry, flags: Collection[str]) -> bool:
    """Say whether the unit must not get a problem with these flags, whatever the rows say."""
    return unit.police and not _GATHERING.isdisjoint(flags)


def guarded(routing: Routing, flags: Collection[str], units: Iterable[UnitEntry]) -> Routing:
    """Hold what a person must see, and keep it from those who must not get it.

    Of a complaint about a unit only the level above is told: cooperating units, copies
    and candidates could be the subject, so a person adds them.
    """
    kept_out = {unit.id for unit in units if barred(unit, flags)}
    if "about_unit" in flags:
        kept_out |= {unit for unit in (routing.unit_now, routing.unit_then) if unit}
        routing = replace(routing, cooperating=(), copies=(), candidates=())
    held = [text for text, marks in _HELD_FOR.items() if not marks.isdisjoint(flags)]
    reasons = [reason for reason in (routing.hold, *held) if reason]
    lead = None if routing.lead in kept_out else routing.lead
    return replace(
        routing,
        lead=lead,
        cooperating=without(routing.cooperating, {*kept_out, lead}),
        copies=without(routing.copies, {*kept_out, lead, *routing.cooperating}),
        candidates=without(routing.candidates, kept_out),
        hold="; ".join(reasons) or (None if lead else NO_UNIT),
    )


def without(units: Iterable[str], kept_out: Collection[str | None]) -> tuple[str, ...]:
    """Return the units that are not kept out, each once."""
    return tuple(dict.fromkeys(unit for unit in units if unit not in kept_out))


def undecided(reason: str) -> Routing:
    """Return the answer that a person must decide, and why."""
    why = f"Chờ người quyết định: {reason}."
    return Routing(lead=None, unit_then=None, unit_now=None, hold=reason, why=why)

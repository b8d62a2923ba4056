"""Which open cases change hands when the routing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from triage.facts import Routing
from triage.route import RouteTable


@dataclass(frozen=True, slots=True)
class RoutedCase:
    """An open case, as far as routing asks: what it is about, where, and since when."""

    case_id: int
    place: str | None
    topics: tuple[str, ...]
    on: date
    flags: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handover:
    """One case that another unit, or another set of units, would get."""

    case_id: int
    old: Routing
    new: Routing


def handovers(
    old: RouteTable,
    new: RouteTable,
    cases: Iterable[RoutedCase],
    as_of: date,
    has_contact: Callable[[str], bool],
    *,
    new_contact: Callable[[str], bool] | None = None,
) -> tuple[Handover, ...]:
    """Return the cases whose lead, cooperating units, copies or hold differ, in their order.

    `has_contact` says whether a unit can be reached; `new_contact` says so under the new
    routing, where addresses change with it.
    """
    found = []
    for case in cases:
        before, after = (
            table.route(
                case.place,
                case.topics,
                case.on,
                as_of,
                has_contact=reached,
                flags=case.flags,
                places=case.places,
            )
            for table, reached in ((old, has_contact), (new, new_contact or has_contact))
        )
        if _hands(before) != _hands(after):
            found.append(Handover(case.case_id, before, after))
    return tuple(found)


def _hands(routing: Routing) -> tuple[object, ...]:
    return routing.lead, routing.cooperating, routing.copies, routing.hold

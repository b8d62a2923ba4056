"""Routing as rules, on an invented map: precedence, rivals, climbing, who must never get it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.catalog import RouteRow, RoutingFile, UnitEntry
from config.errors import ConfigError
from config.places import BEGINNING, Level, Place, place_key
from triage.facts import Routing
from triage.guard import NO_UNIT
from triage.handover import Handover, RoutedCase, handovers
from triage.route import NO_CONTACT, SEVERAL, RouteTable

REFORM = date(2025, 7, 1)
EVE = REFORM - timedelta(days=1)
BEFORE, AFTER = date(2024, 3, 1), date(2025, 9, 1)


def place(
    code: str, level: Level, parent: str | None, start: date = BEGINNING, end: date | None = None
) -> Place:
    key = place_key(code, start)
    return Place(key, code, f"{level} {code}", code, level, parent, start, end)


class SmallMap:
    """Province 50 with districts 500 and 501 of two communes each, merged into two communes."""

    def __init__(self) -> None:
        old = [
            place("50", Level.PROVINCE, None),
            place("500", Level.DISTRICT, "50@", end=EVE),
            place("501", Level.DISTRICT, "50@", end=EVE),
            place("50001", Level.COMMUNE, "500@", end=EVE),
            place("50002", Level.COMMUNE, "500@", end=EVE),
            place("50003", Level.COMMUNE, "501@", end=EVE),
            place("50004", Level.COMMUNE, "501@", end=EVE),
        ]
        new = [
            place("50001", Level.COMMUNE, "50@", REFORM),
            place("50004", Level.COMMUNE, "50@", REFORM),
        ]
        went = {"50001@": 0, "50002@": 0, "50003@": 1, "50004@": 1, "500@": 0, "501@": 1}
        self.places = {unit.key: unit for unit in new}
        for unit in old:
            successors = (new[went[unit.key]].key,) if unit.key in went else ()
            self.places[unit.key] = Place(
                unit.key, unit.code, unit.name, unit.bare, unit.level, unit.parent,
                unit.valid_from, unit.valid_to, successors,
            )  # fmt: skip
        self.places["bridge@"] = Place(
            "bridge@", "bridge", "cầu", "cầu", Level.LANDMARK, None, BEGINNING,
            within=("50002@", "50003@", "500@"),
        )  # fmt: skip

    def get(self, key: str) -> Place:
        return self.places[key]

    def on(self, day: date) -> tuple[Place, ...]:
        units = (unit for unit in self.places.values() if unit.level is not Level.LANDMARK)
        return tuple(unit for unit in units if unit.stands_on(day))

    def chain(self, key: str) -> tuple[Place, ...]:
        unit = self.places[key]
        return (unit, *(self.chain(unit.parent) if unit.parent else ()))

    def now(self, key: str, day: date) -> tuple[Place, ...]:
        unit = self.places[key]
        if unit.stands_on(day):
            return (unit,)
        return tuple(found for key in unit.successors for found in self.now(key, day))


def unit(name: str, **values: Any) -> UnitEntry:
    return UnitEntry(id=name, name=f"Đơn vị {name}", **values)


UNITS = (
    unit("province-queue", place="50", queue=True),
    unit("district-500", place="500", valid_to=EVE),
    unit("district-501", place="501", valid_to=EVE),
    unit("commune-50001", place="50001", valid_from=REFORM),
    unit("commune-50004", place="50004", valid_from=REFORM),
    unit("department"),
    unit("special"),
    unit("police", police=True),
)
ROWS = (
    {"place": "*", "level": "district", "within": "50", "lead": "{place}", "valid_to": EVE},
    {"place": "*", "level": "commune", "within": "50", "lead": "{place}", "valid_from": REFORM},
)


def table(rows: Iterable[dict[str, Any]] = ROWS, units: Iterable[UnitEntry] = UNITS) -> RouteTable:
    entries = tuple(RouteRow.model_validate(row) for row in rows)
    return RouteTable(units, [RoutingFile(id="rows", rows=entries)], SmallMap())


def ask(
    routes: RouteTable,
    where: str,
    topic: str = "waste",
    day: date = BEFORE,
    contacts: Iterable[str] | None = None,
    **more: Any,
) -> Routing:
    known = None if contacts is None else set(contacts)
    return routes.route(
        where, [topic], day, day, has_contact=lambda u: known is None or u in known, **more
    )


GENERAL = {"place": "*", "level": "any", "lead": "department"}
MORE_SPECIFIC_EACH = (
    GENERAL,
    {**GENERAL, "topics": ["waste"]},
    {**GENERAL, "within": "50"},
    {**GENERAL, "within": "50", "topics": ["waste"]},
    {**GENERAL, "within": "500"},
    {**GENERAL, "level": "commune"},
    {**GENERAL, "level": "commune", "within": "50"},
    {**GENERAL, "level": "commune", "within": "50", "topics": ["waste"]},
    {**GENERAL, "level": "commune", "within": "500"},
    {**GENERAL, "place": "50001"},
    {**GENERAL, "place": "50001", "topics": ["waste"]},
    {**GENERAL, "place": "50001", "scope": "itself"},
    {**GENERAL, "place": "50001", "scope": "itself", "topics": ["waste"]},
)
FARTHER_PLACES = (
    {**GENERAL, "place": "50", "topics": ["waste"]},
    {**GENERAL, "place": "500"},
    {**GENERAL, "place": "500", "topics": ["waste"]},
    {**GENERAL, "place": "50001"},
)


@pytest.mark.parametrize("ladder", [MORE_SPECIFIC_EACH, FARTHER_PLACES])
@settings(deadline=None)
@given(data=st.data())
def test_the_more_specific_row_wins_whatever_the_order(
    ladder: tuple[dict[str, Any], ...], data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(len(ladder))), min_size=1, unique=True))
    rows = [ladder[step] for step in chosen]

    routing = ask(table(rows), "50001@")

    assert routing.rule == f"routing/rows.toml#{chosen.index(max(chosen)) + 1}"


@settings(deadline=None)
@given(
    place_=st.sampled_from(["50", "500", "501", "50001", "*"]),
    topics=st.sampled_from([[], ["waste"], ["waste", "health"], ["health"]]),
    other_topics=st.sampled_from([[], ["waste"], ["health"]]),
    starts=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    lengths=st.tuples(st.integers(0, 20), st.integers(0, 20)),
)
def test_rivals_on_any_day_are_refused_and_others_are_not(
    place_: str,
    topics: list[str],
    other_topics: list[str],
    starts: tuple[int, int],
    lengths: tuple[int, int],
) -> None:
    days = [
        {"valid_from": BEFORE + timedelta(days=s), "valid_to": BEFORE + timedelta(days=s + n)}
        for s, n in zip(starts, lengths, strict=True)
    ]
    rows = [
        {"place": place_, "lead": "department", "topics": topics, **days[0]},
        {"place": place_, "lead": "special", "topics": other_topics, **days[1]},
    ]
    same_day = max(starts) <= min(s + n for s, n in zip(starts, lengths, strict=True))
    same_claim = (not topics and not other_topics) or bool(set(topics) & set(other_topics))

    if same_day and same_claim:
        with pytest.raises(ConfigError, match=r"rows\.toml#1 and routing/rows\.toml#2 both claim"):
            table(rows)
    else:
        where = "50001@" if place_ == "*" else f"{place_}@"
        routing = ask(table(rows), where, (topics or ["any"])[0], days[0]["valid_from"])
        assert routing.lead in {"department", "special"}


def test_all_rivals_and_unknown_units_are_named_at_once() -> None:
    rows = (
        {"place": "500", "lead": "department"},
        {"place": "500", "lead": "special"},
        {"place": "501", "lead": "nobody", "copies": ["no-one"], "topics": ["waste", "health"]},
        {"place": "501", "lead": "special", "topics": ["health"]},
        {"place": "50", "lead": "{place}", "scope": "cross"},
    )
    units = (*UNITS, unit("other", place="500", valid_from=EVE), unit("q", place="50", queue=True))

    with pytest.raises(ConfigError) as caught:
        table(rows, units)

    assert caught.value.problems == (
        "routing/rows.toml#3: no unit 'nobody'",
        "routing/rows.toml#3: no unit 'no-one'",
        "routing/rows.toml#5: {place} has no meaning in a row of scope 'cross'",
        "routing/rows.toml#1 and routing/rows.toml#2 both claim every topic in 500",
        "routing/rows.toml#3 and routing/rows.toml#4 both claim health in 501",
        "units/province-queue.toml and units/q.toml: both the queue of 50",
        "units/district-500.toml and units/other.toml: both the unit of 500",
    )


def test_a_row_after_the_other_ended_is_no_rival() -> None:
    routes = table(
        (
            {"place": "50", "lead": "department", "valid_to": EVE},
            {"place": "50", "lead": "special", "valid_from": REFORM},
        )
    )

    assert [ask(routes, "50@", day=day).lead for day in (EVE, REFORM)] == ["department", "special"]


@pytest.mark.parametrize(
    ("contacts", "lead", "hold"),
    [
        (["commune-50001", "district-500", "province-queue"], "commune-50001", None),
        (["district-500", "province-queue"], "district-500", None),
        (["district-501", "province-queue"], "province-queue", None),
        ([], "province-queue", NO_CONTACT),
    ],
)
def test_a_kept_unit_of_the_former_district_is_asked_before_the_queue(
    contacts: list[str], lead: str, hold: str | None
) -> None:
    kept = [unit(entry.id, place=entry.place) if "district" in entry.id else entry
            for entry in UNITS]  # fmt: skip

    routing = ask(table(units=kept), "50001@2025-07-01", day=AFTER, contacts=contacts)

    assert (routing.lead, routing.hold) == (lead, hold)


def test_a_kept_unit_answers_for_its_divided_district() -> None:
    class Divided(SmallMap):
        def __init__(self) -> None:
            super().__init__()
            parts = ("50001@2025-07-01", "50004@2025-07-01")
            old = self.places["500@"]
            self.places["500@"] = place("500", old.level, old.parent, end=EVE)
            object.__setattr__(self.places["500@"], "successors", parts)

    kept = [unit("district-500", place="500") if entry.id == "district-500" else entry
            for entry in UNITS]  # fmt: skip
    files = [RoutingFile(id="rows", rows=tuple(RouteRow.model_validate(row) for row in ROWS))]
    routes = RouteTable(kept, files, Divided())

    with_contact = ask(routes, "500@", day=AFTER)
    without = ask(routes, "500@", day=AFTER, contacts=[])

    assert (with_contact.lead, with_contact.hold) == ("district-500", None)
    assert (without.lead, without.candidates) == (
        "province-queue",
        ("commune-50001", "commune-50004"),
    )


def test_without_a_queue_nobody_is_asked() -> None:
    units = [entry for entry in UNITS if not entry.queue]

    routing = ask(table(units=units), "500@", contacts=[])
    unclaimed = ask(table(rows=[], units=units), "500@")

    assert (routing.lead, routing.hold, routing.unit_now) == (None, NO_CONTACT, "district-500")
    assert (unclaimed.lead, unclaimed.candidates) == (None, ("district-500",))


def test_a_landmark_in_two_units_waits_with_both_unless_one_is_named() -> None:
    alone = ask(table(), "bridge@")
    named = ask(table(), "bridge@", places=("bridge@", "50003@"))

    assert (alone.lead, alone.candidates) == ("province-queue", ("district-500", "district-501"))
    assert (named.lead, named.hold) == ("district-501", None)


def test_several_units_without_a_row_for_that_wait_with_both() -> None:
    routing = ask(table(), "50001@", places=("50001@", "50003@"))

    assert (routing.lead, routing.hold, routing.candidates) == (
        "province-queue",
        SEVERAL,
        ("district-500", "district-501"),
    )


def test_a_row_may_name_units_that_are_not_places() -> None:
    rows = (
        *ROWS,
        {"place": "500", "topics": ["waste"], "lead": "special", "cooperating": ["{place}"]},
    )

    routing = ask(table(rows), "50002@")
    without = ask(table(rows), "50002@", contacts=["district-500"])

    assert (routing.lead, routing.cooperating) == ("special", ("district-500",))
    assert (without.lead, without.cooperating, without.unit_now) == ("district-500", (), "special")


@pytest.mark.parametrize("flag", ["gathering", "protest"])
def test_police_never_get_a_gathering(flag: str) -> None:
    rows = ({"place": "500", "lead": "police", "cooperating": ["police"], "copies": ["police"]},)

    plain = ask(table(rows), "500@")
    gathering = ask(table(rows), "500@", flags=(flag,))

    assert plain.lead == "police"
    assert (gathering.lead, gathering.cooperating, gathering.copies) == ("district-500", (), ())
    assert gathering.hold is not None


def test_a_queue_named_as_lead_does_not_hear_the_complaint_about_itself() -> None:
    rows = ({"place": "500", "lead": "province-queue"},)

    routing = ask(table(rows), "500@", flags=("about_unit",))

    assert routing.lead is None
    assert routing.hold is not None
    assert NO_UNIT not in routing.hold


CROSS = {"place": "50", "scope": "cross", "lead": "department", "copies": ["special"]}


@settings(deadline=None)
@given(
    where=st.sampled_from([*SmallMap().places]),
    others=st.lists(st.sampled_from([*SmallMap().places]), max_size=3),
    topic=st.sampled_from(["waste", "health"]),
    on=st.dates(date(2023, 1, 1), date(2026, 12, 31)),
    as_of=st.dates(date(2023, 1, 1), date(2026, 12, 31)),
    flags=st.sets(st.sampled_from(["about_unit", "denunciation", "gathering", "protest"])),
    contacts=st.sets(st.sampled_from([entry.id for entry in UNITS])),
)
def test_whatever_is_asked_the_promises_hold(
    where: str,
    others: list[str],
    topic: str,
    on: date,
    as_of: date,
    flags: set[str],
    contacts: set[str],
) -> None:
    rows = (*ROWS, CROSS, {"place": "501", "topics": ["health"], "lead": "police"})
    units = {entry.id: entry for entry in UNITS}

    routing = table(rows).route(
        where, [topic], on, as_of,
        has_contact=lambda u: u in contacts, flags=flags, places=(where, *others),
    )  # fmt: skip

    told = {routing.lead, *routing.cooperating, *routing.copies, *routing.candidates} - {None}
    assert bool(routing.hold) or routing.lead in contacts
    assert not (flags and not routing.hold)
    assert all(units[name].holds_on(as_of) for name in told if name)
    if "about_unit" in flags:
        assert not told & {routing.unit_now, routing.unit_then}
    if flags & {"gathering", "protest"}:
        assert "police" not in told
    if routing.lead and not units[routing.lead].queue:
        assert routing.lead in contacts


def test_the_same_question_has_the_same_answer_in_any_order_of_files() -> None:
    entries = [RouteRow.model_validate(row) for row in (*ROWS, CROSS)]
    files = [RoutingFile(id=f"f{n}", rows=(entry,)) for n, entry in enumerate(entries)]

    answers = {
        ask(RouteTable(UNITS, ordered, SmallMap()), "50001@", places=("50003@",))
        for ordered in (files, files[::-1])
    }

    assert len(answers) == 1


def test_a_change_of_rows_lists_the_cases_that_change_hands() -> None:
    old = table()
    new = table((*ROWS, {"place": "500", "topics": ["waste"], "lead": "special"}))
    cases = [
        RoutedCase(1, "500@", ("waste",), BEFORE),
        RoutedCase(2, "501@", ("waste",), BEFORE),
        RoutedCase(3, "50002@", ("health",), BEFORE),
        RoutedCase(4, None, ("waste",), BEFORE),
    ]

    found = handovers(old, new, cases, BEFORE, lambda _: True)

    assert found == (
        Handover(
            1,
            old.route("500@", ["waste"], BEFORE, BEFORE, has_contact=lambda _: True),
            new.route("500@", ["waste"], BEFORE, BEFORE, has_contact=lambda _: True),
        ),
    )
    assert (found[0].old.lead, found[0].new.lead) == ("district-500", "special")

"""Who stands above whom, on the real map before and after the reform."""

from __future__ import annotations

from datetime import date

import pytest

from config.catalog import UnitEntry
from config.gazetteer import load_gazetteer
from config.load import load_catalog
from triage.ladder import rungs

MAP = load_gazetteer()
BEFORE, AFTER = date(2024, 3, 1), date(2026, 3, 2)
ALWAYS = {"has_contact": lambda _: True}
UNITS = {
    one.id: one
    for one in (
        UnitEntry(id="xa", name="UBND xã An Hiệp", place="29161", valid_to=date(2025, 6, 30)),
        UnitEntry(id="huyen", name="UBND huyện", place="836", valid_to=date(2025, 6, 30)),
        UnitEntry(id="cong-an", name="Công an", place="83", police=True),
        UnitEntry(id="tinh", name="UBND tỉnh", place="83", valid_to=date(2025, 6, 30)),
        UnitEntry(id="hang-doi", name="Hàng đợi", place="83", queue=True),
        UnitEntry(id="so", name="Sở Xây dựng"),
        UnitEntry(id="xa-moi", name="UBND xã An Hiệp", place="29158", valid_from=date(2025, 7, 1)),
        UnitEntry(id="tinh-moi", name="UBND tỉnh", place="86", valid_from=date(2025, 7, 1)),
        UnitEntry(id="hang-doi-moi", name="Hàng đợi", place="86", queue=True),
    )
}


@pytest.mark.parametrize(
    ("unit", "about", "on", "expected"),
    [
        ("xa", None, BEFORE, ("huyen", "tinh", "hang-doi")),
        ("huyen", None, BEFORE, ("tinh", "hang-doi")),
        ("tinh", None, BEFORE, ("hang-doi",)),
        ("hang-doi", None, BEFORE, ("tinh",)),
        ("so", "29161@", BEFORE, ("tinh", "hang-doi")),
        ("so", None, BEFORE, ()),
        ("xa-moi", None, AFTER, ("tinh-moi", "hang-doi-moi")),
        ("so", "29161@", AFTER, ("tinh-moi", "hang-doi-moi")),
    ],
)
def test_the_ladder_goes_up_the_map_of_the_day(unit, about, on, expected):
    assert rungs(UNITS[unit], UNITS.values(), MAP, about, on, **ALWAYS) == expected


def test_who_cannot_be_written_to_is_no_rung():
    found = rungs(UNITS["xa"], UNITS.values(), MAP, None, BEFORE, lambda unit: unit != "huyen")

    assert found == ("tinh", "hang-doi")


def test_what_ships_has_the_district_above_a_commune_only_while_there_were_districts():
    units = load_catalog(None).units

    def above(unit: str, on: date) -> tuple[str, ...]:
        return rungs(units[unit], units.values(), MAP, None, on, **ALWAYS)

    assert above("ubnd-xa-an-hiep", AFTER) == ("hang-doi-tinh-vinh-long",)
    assert above("ubnd-huyen-ba-tri", BEFORE) == ("hang-doi-tinh-ben-tre",)

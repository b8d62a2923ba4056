"""The shipped catalogue of Bến Tre against the lists it was made from."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.gazetteer import load_gazetteer
from config.load import load_catalog
from config.places import REFORM, Level

SHARED = Path(__file__).parents[2].parent / "shared"
CATALOG = load_catalog(None)
UNITS = CATALOG.units


def test_thirteen_topics_in_order() -> None:
    topics = sorted(CATALOG.topics.values(), key=lambda topic: topic.order)

    assert [topic.id for topic in topics] == [
        "waste", "pollution", "land_clearance", "land_management", "water_climate",
        "infrastructure", "agriculture", "business", "health", "education", "governance",
        "safety", "welfare",
    ]  # fmt: skip
    assert [topic.id for topic in topics if topic.hold] == ["governance"]
    assert [topic.id for topic in topics if not topic.make_cases] == ["safety"]
    assert all(topic.description for topic in topics)


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is absent")
def test_topics_are_named_as_in_the_label_set() -> None:
    rows = (SHARED / "taxonomy.md").read_text("utf-8").splitlines()
    named = {
        cells[1].strip(" `"): cells[2].strip()
        for row in rows
        if row.startswith("| `") and len(cells := row.split("|")) > 3
    }

    assert {topic.id: topic.name for topic in CATALOG.topics.values()} == named


def test_every_unit_of_a_place_stands_for_a_place_of_the_map_by_that_name() -> None:
    gazetteer = load_gazetteer(None)
    placed = [unit for unit in UNITS.values() if unit.place and not unit.queue]

    for unit in placed:
        day = unit.valid_from or unit.valid_to
        assert day is not None
        [place] = [place for place in gazetteer.on(day) if place.code == unit.place]
        province = gazetteer.chain(place.key)[-1].name
        assert unit.name == f"Ủy ban nhân dân {place.name}, {province}"
    assert Counter(unit.level for unit in placed) == {"huyen": 9, "xa": 43, "phuong": 5}


def test_all_of_ben_tre_is_covered_on_both_sides_of_the_reform() -> None:
    gazetteer = load_gazetteer(None)
    eve = REFORM - timedelta(days=1)
    districts = {
        place.code
        for place in gazetteer.on(eve)
        if place.level is Level.DISTRICT and gazetteer.chain(place.key)[-1].code == "83"
    }
    communes = {
        successor.code for code in districts for successor in gazetteer.now(f"{code}@", REFORM)
    }

    def answering(day: date) -> set[str]:
        return {
            unit.place
            for unit in UNITS.values()
            if unit.place and not unit.queue and unit.holds_on(day)
        }

    assert answering(eve) == districts
    assert answering(REFORM) == communes


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is absent")
def test_the_communes_are_those_of_the_official_list() -> None:
    with (SHARED / "gazetteer" / "units_vinhlong_2025.csv").open(encoding="utf-8") as file:
        listed = {
            (row["code"], f"UBND {row['type'].lower()} {row['commune']}")
            for row in csv.DictReader(file)
            if row["former_province"] == "Bến Tre"
        }

    assert len(listed) == 48
    assert listed == {
        (unit.place, unit.short) for unit in UNITS.values() if unit.level in ("xa", "phuong")
    }


def test_no_address_is_shipped_and_no_police_unit() -> None:
    assert [unit.id for unit in UNITS.values() if unit.email or unit.police] == []
    assert CATALOG.contacts == {}


def test_one_queue_a_day() -> None:
    queues = [unit for unit in UNITS.values() if unit.queue]

    for day in (date(2023, 1, 1), REFORM - timedelta(days=1), REFORM, date(2027, 1, 1)):
        assert len([queue for queue in queues if queue.holds_on(day)]) == 1


@pytest.mark.parametrize("day", [date(2023, 7, 20), date(2025, 4, 2), date(2025, 8, 3)])
def test_every_topic_but_safety_has_rows_in_every_regime_that_name_standing_units(
    day: date,
) -> None:
    rows = [row for file in CATALOG.routing.values() for row in file.rows if row.holds_on(day)]

    for scope in ("within", "cross"):
        named = Counter(topic for row in rows if row.scope == scope for topic in row.topics)
        assert named == dict.fromkeys(set(CATALOG.topics) - {"safety"}, 1)
    for row in rows:
        for unit in (row.lead, *row.cooperating, *row.copies):
            assert unit == "{place}" or UNITS[unit].holds_on(day)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("holidays/2024.toml", "2025-01-01 = 'Tết'", "2025-01-01 is not a day of 2024"),
        (
            "holidays/2024.toml",
            "2024-05-04 = 'nghỉ'\n[makeup_days]\n2024-05-04 = 'bù'",
            "2024-05-04 cannot be a day off and a make-up day",
        ),
        (
            "policy.toml",
            "acknowledge_hours = 9\nverify_hours = 8\nfinal_hours = 40",
            "acknowledge, verify and final must run out in this order",
        ),
        (
            "policy.toml",
            "acknowledge_hours = 1\nverify_hours = 8\nfinal_hours = 40",
            "clocks are for severity 1, 2 and 3, not '4'",
        ),
    ],
)
def test_impossible_days_and_clocks_are_refused(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    heads = {
        "holidays/2024.toml": "year = 2024\ndecision = 'thử'\n[holidays]\n",
        "policy.toml": "[clocks.4]\n",
    }
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(heads[name] + text, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_catalog(tmp_path)

    [found] = caught.value.problems
    assert found.startswith(name)
    assert problem in found

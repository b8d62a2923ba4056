"""The shipped routing of Bến Tre on the shipped map: three regimes, and what waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from config.gazetteer import Gazetteer, load_gazetteer
from config.load import Catalog, load_catalog
from triage.facts import Routing
from triage.guard import ABOUT_UNIT, DENUNCIATION, GATHERING
from triage.route import (
    NO_CONTACT,
    NO_PLACE,
    NO_ROW,
    OUTSIDE,
    WIDE,
    RouteTable,
)

BA_TRI, AN_HIEP_OLD, AN_HIEP_NEW = "836@", "29161@", "29158@2025-07-01"
BA_TRI_NEW, AN_HOI_NEW = "29110@2025-07-01", "28777@2025-07-01"
JULY_2023, APRIL_2025, AUGUST_2025 = date(2023, 7, 20), date(2025, 4, 2), date(2025, 8, 3)
QUEUE_THEN, QUEUE_NOW = "hang-doi-tinh-ben-tre", "hang-doi-tinh-vinh-long"


def everyone(_: str) -> bool:
    return True


def nobody(_: str) -> bool:
    return False


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer(None)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(None)


@pytest.fixture(scope="module")
def table(catalog: Catalog, gazetteer: Gazetteer) -> RouteTable:
    names = {topic.id: topic.name for topic in catalog.topics.values()}
    return RouteTable(catalog.units.values(), catalog.routing.values(), gazetteer, names)


@pytest.mark.parametrize(
    ("place", "topic", "on", "as_of", "then", "now", "cooperating"),
    [
        (BA_TRI, "waste", JULY_2023, JULY_2023, *["ubnd-huyen-ba-tri"] * 2,
         "so-tai-nguyen-moi-truong-ben-tre"),
        (AN_HIEP_OLD, "waste", JULY_2023, JULY_2023, *["ubnd-huyen-ba-tri"] * 2,
         "so-tai-nguyen-moi-truong-ben-tre"),
        ("829@", "infrastructure", JULY_2023, JULY_2023, *["ubnd-tp-ben-tre"] * 2,
         "so-giao-thong-van-tai-ben-tre"),
        ("832@", "water_climate", APRIL_2025, APRIL_2025, *["ubnd-huyen-cho-lach"] * 2,
         "so-nong-nghiep-moi-truong-ben-tre"),
        (AN_HIEP_OLD, "waste", JULY_2023, AUGUST_2025, "ubnd-huyen-ba-tri", "ubnd-xa-an-hiep",
         "so-nong-nghiep-moi-truong-vinh-long"),
        (AN_HIEP_NEW, "waste", AUGUST_2025, AUGUST_2025, *["ubnd-xa-an-hiep"] * 2,
         "so-nong-nghiep-moi-truong-vinh-long"),
        (AN_HIEP_NEW, "waste", JULY_2023, AUGUST_2025, "ubnd-huyen-ba-tri", "ubnd-xa-an-hiep",
         "so-nong-nghiep-moi-truong-vinh-long"),
        ("bai-rac-an-hiep@", "waste", JULY_2023, JULY_2023, *["ubnd-huyen-ba-tri"] * 2,
         "so-tai-nguyen-moi-truong-ben-tre"),
        ("bai-rac-an-hiep@", "waste", JULY_2023, AUGUST_2025, "ubnd-huyen-ba-tri",
         "ubnd-xa-an-hiep", "so-nong-nghiep-moi-truong-vinh-long"),
    ],
)  # fmt: skip
def test_the_unit_of_the_day_is_asked_and_the_unit_of_then_is_shown(
    table: RouteTable,
    place: str,
    topic: str,
    on: date,
    as_of: date,
    then: str,
    now: str,
    cooperating: str,
) -> None:
    routing = table.route(place, [topic], on, as_of, has_contact=everyone)

    assert (routing.unit_then, routing.unit_now, routing.lead) == (then, now, now)
    assert (routing.cooperating, routing.hold, routing.candidates) == ((cooperating,), None, ())


def test_every_last_commune_of_ben_tre_goes_to_its_successor(
    table: RouteTable, catalog: Catalog, gazetteer: Gazetteer
) -> None:
    units = {unit.place: unit.id for unit in catalog.units.values() if unit.place}
    old = [
        place
        for place in gazetteer.on(date(2025, 6, 30))
        if place.level == "commune" and gazetteer.chain(place.key)[-1].code == "83"
    ]

    found = {
        place.key: table.route(place.key, ["waste"], JULY_2023, AUGUST_2025, has_contact=everyone)
        for place in old
    }

    assert len(old) == 148
    assert {key: routing.lead for key, routing in found.items()} == {
        place.key: units[gazetteer.get(place.successors[0]).code] for place in old
    }
    assert all(routing.unit_then for routing in found.values())


@pytest.mark.parametrize(
    ("has_contact", "lead", "hold"),
    [
        (nobody, QUEUE_NOW, NO_CONTACT),
        (lambda unit: unit == QUEUE_NOW, QUEUE_NOW, None),
        (lambda unit: unit == "ubnd-huyen-ba-tri", QUEUE_NOW, NO_CONTACT),
    ],
)
def test_a_commune_without_contact_climbs_to_the_queue_and_not_to_a_unit_that_ended(
    table: RouteTable, has_contact: Callable[[str], bool], lead: str, hold: str | None
) -> None:
    routing = table.route(AN_HIEP_NEW, ["waste"], AUGUST_2025, AUGUST_2025, has_contact=has_contact)

    assert (routing.lead, routing.hold, routing.unit_now) == (lead, hold, "ubnd-xa-an-hiep")
    assert "Ủy ban nhân dân xã An Hiệp, tỉnh Vĩnh Long chưa có địa chỉ nhận" in routing.why


def test_a_bare_district_after_the_reform_waits_with_its_communes(table: RouteTable) -> None:
    routing = table.route(BA_TRI, ["waste"], AUGUST_2025, AUGUST_2025, has_contact=everyone)

    assert routing == Routing(
        lead=QUEUE_NOW,
        unit_then=None,
        unit_now=None,
        hold="huyện Ba Tri nay thuộc 7 nơi, chưa rõ nơi xảy ra",
        candidates=(
            "ubnd-xa-ba-tri",
            "ubnd-xa-my-chanh-hoa",
            "ubnd-xa-bao-thanh",
            "ubnd-xa-tan-xuan",
            "ubnd-xa-an-ngai-trung",
            "ubnd-xa-an-hiep",
            "ubnd-xa-tan-thuy",
        ),
        rule="units/hang-doi-tinh-vinh-long.toml",
        why="Đưa vào Hàng đợi phân loại tỉnh Vĩnh Long: "
        "huyện Ba Tri nay thuộc 7 nơi, chưa rõ nơi xảy ra.",
    )


@pytest.mark.parametrize(
    ("district", "count"),
    [("829@", 5), ("831@", 6), ("832@", 4), ("833@", 5), ("834@", 8),
     ("835@", 7), ("836@", 7), ("837@", 6), ("838@", 5)],
)  # fmt: skip
def test_each_former_district_offers_its_successors(
    table: RouteTable, gazetteer: Gazetteer, district: str, count: int
) -> None:
    routing = table.route(district, ["waste"], JULY_2023, AUGUST_2025, has_contact=everyone)

    assert routing.hold is not None
    # A unit made from parts of two districts is a candidate for both.
    assert len(routing.candidates) == len(gazetteer.now(district, AUGUST_2025)) == count


def test_a_bare_district_with_one_commune_named_goes_to_that_commune(table: RouteTable) -> None:
    routing = table.route(
        BA_TRI,
        ["waste"],
        JULY_2023,
        AUGUST_2025,
        has_contact=everyone,
        places=(BA_TRI, AN_HIEP_OLD),
    )

    assert (routing.lead, routing.unit_then, routing.hold) == (
        "ubnd-xa-an-hiep",
        "ubnd-huyen-ba-tri",
        None,
    )


def test_a_district_named_beside_its_commune_is_no_second_place(table: RouteTable) -> None:
    routing = table.route(
        BA_TRI,
        ["waste"],
        JULY_2023,
        JULY_2023,
        has_contact=everyone,
        places=(BA_TRI, AN_HIEP_OLD, "29173@", "83@"),
    )

    assert (routing.lead, routing.copies) == (
        "ubnd-huyen-ba-tri",
        ("ban-tuyen-giao-tinh-uy-ben-tre",),
    )


@pytest.mark.parametrize(
    ("places", "day", "lead", "copies"),
    [
        (("835@", "834@"), JULY_2023, "so-tai-nguyen-moi-truong-ben-tre",
         ("ubnd-huyen-binh-dai", "ubnd-huyen-giong-trom")),
        ((AN_HIEP_NEW, BA_TRI_NEW), AUGUST_2025, "so-nong-nghiep-moi-truong-vinh-long",
         ("ubnd-xa-an-hiep", "ubnd-xa-ba-tri")),
        ((AN_HIEP_NEW, BA_TRI_NEW, "79@2025-07-01"), AUGUST_2025,
         "so-nong-nghiep-moi-truong-vinh-long", ("ubnd-xa-an-hiep", "ubnd-xa-ba-tri")),
    ],
)  # fmt: skip
def test_several_units_go_to_the_department_with_copies(
    table: RouteTable, places: tuple[str, ...], day: date, lead: str, copies: tuple[str, ...]
) -> None:
    routing = table.route(places[0], ["waste"], day, day, has_contact=everyone, places=places)

    assert (routing.lead, routing.copies, routing.hold) == (lead, copies, None)
    assert routing.rule.startswith("routing/")


def test_several_units_without_a_department_go_to_the_first_with_copies_to_the_others(
    table: RouteTable,
) -> None:
    routing = table.route(
        "829@",
        ["waste"],
        JULY_2023,
        JULY_2023,
        has_contact=lambda unit: unit.startswith("ubnd-"),
        places=("829@", BA_TRI),
    )

    assert (routing.lead, routing.hold) == ("ubnd-tp-ben-tre", None)
    assert routing.copies == ("ubnd-huyen-ba-tri", "ban-tuyen-giao-tinh-uy-ben-tre")
    assert routing.why == (
        "Liên quan thành phố Bến Tre, huyện Ba Tri. Sở Tài nguyên và Môi trường tỉnh Bến Tre "
        "chưa có địa chỉ nhận. Phân công cho chủ đề Rác thải, vệ sinh môi trường tại thành phố "
        "Bến Tre. Gửi Ủy ban nhân dân thành phố Bến Tre, tỉnh Bến Tre."
    )


def test_the_province_alone_waits_with_whom_to_ask(table: RouteTable) -> None:
    then = table.route("83@", ["health"], JULY_2023, JULY_2023, has_contact=everyone)
    now = table.route("83@", ["health"], JULY_2023, AUGUST_2025, has_contact=everyone)

    assert (then.lead, then.cooperating, then.hold) == (
        "van-phong-ubnd-tinh-ben-tre",
        ("so-y-te-ben-tre",),
        WIDE,
    )
    assert (now.lead, now.unit_then, now.hold, now.candidates) == (
        QUEUE_NOW,
        "van-phong-ubnd-tinh-ben-tre",
        WIDE,
        ("so-y-te-vinh-long",),
    )


def test_a_bridge_between_districts_waits_with_both_and_the_department(table: RouteTable) -> None:
    routing = table.route(
        "cau-ham-luong@", ["infrastructure"], JULY_2023, JULY_2023, has_contact=everyone
    )

    assert (routing.lead, routing.hold, sorted(routing.candidates)) == (
        QUEUE_THEN,
        "cầu Hàm Luông nằm trên địa bàn 2 nơi, chưa rõ nơi xảy ra",
        ["so-giao-thong-van-tai-ben-tre", "ubnd-huyen-mo-cay-bac", "ubnd-tp-ben-tre"],
    )


@pytest.mark.parametrize("topics", [["safety"], []])
def test_what_nobody_answers_for_waits_with_the_nearest_authority(
    table: RouteTable, topics: list[str]
) -> None:
    routing = table.route(AN_HIEP_OLD, topics, JULY_2023, JULY_2023, has_contact=everyone)

    assert (routing.lead, routing.hold, routing.candidates) == (
        QUEUE_THEN,
        NO_ROW,
        ("ubnd-huyen-ba-tri",),
    )


@pytest.mark.parametrize(
    ("place", "as_of", "hold"),
    [
        (None, JULY_2023, NO_PLACE),
        ("84@", JULY_2023, OUTSIDE),
        ("86@", JULY_2023, OUTSIDE),
        ("79@", AUGUST_2025, OUTSIDE),
    ],
)
def test_no_place_and_strange_places_are_nobodys(
    table: RouteTable, place: str | None, as_of: date, hold: str
) -> None:
    routing = table.route(place, ["waste"], as_of, as_of, has_contact=everyone)

    assert (routing.lead, routing.unit_now, routing.hold) == (None, None, hold)


def test_a_commune_of_the_new_province_without_an_entry_climbs_to_its_queue(
    table: RouteTable, gazetteer: Gazetteer
) -> None:
    [place] = [
        place
        for place in gazetteer.on(AUGUST_2025)
        if place.name == "phường Trà Vinh" and gazetteer.chain(place.key)[-1].code == "86"
    ]

    routing = table.route(place.key, ["waste"], AUGUST_2025, AUGUST_2025, has_contact=everyone)

    assert (routing.lead, routing.unit_now, routing.hold) == (QUEUE_NOW, None, None)


@pytest.mark.parametrize(
    ("flags", "hold"),
    [
        (("denunciation",), DENUNCIATION),
        (("gathering",), GATHERING),
        (("protest",), GATHERING),
        (("gathering", "denunciation"), f"{DENUNCIATION}; {GATHERING}"),
        (("vulnerable",), None),
    ],
)
def test_denunciations_and_gatherings_are_held(
    table: RouteTable, flags: tuple[str, ...], hold: str | None
) -> None:
    routing = table.route(
        BA_TRI, ["waste"], JULY_2023, JULY_2023, has_contact=everyone, flags=flags
    )

    assert (routing.lead, routing.hold) == ("ubnd-huyen-ba-tri", hold)


@pytest.mark.parametrize(
    ("place", "day", "queue"),
    [(BA_TRI, JULY_2023, QUEUE_THEN), (AN_HIEP_NEW, AUGUST_2025, QUEUE_NOW)],
)
def test_a_complaint_about_the_unit_goes_one_level_up_and_waits(
    table: RouteTable, place: str, day: date, queue: str
) -> None:
    routing = table.route(
        place, ["governance"], day, day, has_contact=everyone, flags=("about_unit",)
    )

    assert (routing.lead, routing.hold) == (queue, ABOUT_UNIT)
    assert (routing.cooperating, routing.copies, routing.candidates) == ((), (), ())


def test_the_reason_names_topic_place_and_decision(table: RouteTable) -> None:
    routing = table.route(AN_HIEP_NEW, ["waste"], AUGUST_2025, AUGUST_2025, has_contact=everyone)

    assert routing.rule == "routing/vinh-long.toml#1"
    assert routing.why == (
        "Phân công cho chủ đề Rác thải, vệ sinh môi trường tại xã An Hiệp (theo Nghị quyết "
        "1687/NQ-UBTVQH15 ngày 16/6/2025). Gửi Ủy ban nhân dân xã An Hiệp, tỉnh Vĩnh Long."
    )


def test_an_unknown_key_is_a_defect_of_the_caller(table: RouteTable) -> None:
    with pytest.raises(KeyError):
        table.route("0@", ["waste"], JULY_2023, JULY_2023, has_contact=everyone)

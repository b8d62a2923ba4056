"""The map over time: four states of Bến Tre, successors, codes that are not identities."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.gazetteer import Gazetteer, load_gazetteer
from config.places import REFORM, Level, Place

STATES = [
    (date(2019, 6, 1), 164),
    (date(2020, 1, 31), 164),
    (date(2020, 2, 1), 157),
    (date(2023, 4, 10), 157),
    (date(2024, 11, 30), 157),
    (date(2024, 12, 1), 148),
    (date(2025, 6, 30), 148),
]
NEW = date(2026, 1, 1)
OLD = date(2023, 5, 1)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


def communes_of(gazetteer: Gazetteer, province: str, day: date) -> list[Place]:
    return [
        place
        for place in gazetteer.on(day)
        if place.level is Level.COMMUNE and gazetteer.chain(place.key)[-1].key == province
    ]


@pytest.mark.parametrize(("day", "count"), STATES)
def test_ben_tre_has_as_many_communes_as_its_decrees_say(
    gazetteer: Gazetteer, day: date, count: int
) -> None:
    assert len(communes_of(gazetteer, "83@", day)) == count


def test_vinh_long_has_124_units_of_which_48_were_ben_tre(gazetteer: Gazetteer) -> None:
    now = {place.key for place in communes_of(gazetteer, "86@2025-07-01", NEW)}
    last = communes_of(gazetteer, "83@", date(2025, 6, 30))
    heirs = {key for place in last for key in place.successors}
    assert len(now) == 124
    assert len(heirs) == 48
    assert heirs <= now


def test_every_last_commune_of_ben_tre_went_whole_into_one_unit(gazetteer: Gazetteer) -> None:
    last = communes_of(gazetteer, "83@", date(2025, 6, 30))
    assert {len(gazetteer.now(place.key, NEW)) for place in last} == {1}


def test_three_communes_became_towns_in_april_2023(gazetteer: Gazetteer) -> None:
    before = {p.name for p in communes_of(gazetteer, "83@", date(2023, 4, 9))}
    after = {p.name for p in communes_of(gazetteer, "83@", date(2023, 4, 10))}
    assert after - before == {"thị trấn Phước Mỹ Trung", "thị trấn Tiên Thủy", "thị trấn Tiệm Tôm"}


def test_ba_tri_became_seven_communes(gazetteer: Gazetteer) -> None:
    assert {place.name for place in gazetteer.now("836@", NEW)} == {
        "xã Ba Tri", "xã Mỹ Chánh Hòa", "xã Bảo Thạnh", "xã Tân Xuân", "xã An Ngãi Trung",
        "xã An Hiệp", "xã Tân Thủy",
    }  # fmt: skip


def test_the_country_had_63_provinces_and_has_34(gazetteer: Gazetteer) -> None:
    def provinces(day: date) -> int:
        return sum(place.level is Level.PROVINCE for place in gazetteer.on(day))

    assert provinces(date(2025, 6, 30)) == 63
    assert provinces(REFORM) == 34
    assert not [p for p in gazetteer.on(REFORM) if p.level is Level.DISTRICT]
    assert sum(p.level is Level.COMMUNE for p in gazetteer.on(REFORM)) == 3321


def test_a_province_that_merged_goes_on_under_a_new_key(gazetteer: Gazetteer) -> None:
    assert [p.key for p in gazetteer.now("83@", NEW)] == ["86@2025-07-01"]
    assert [p.key for p in gazetteer.now("86@", NEW)] == ["86@2025-07-01"]
    assert [p.key for p in gazetteer.now("01@", NEW)] == ["01@"]


def test_a_code_is_not_an_identity(gazetteer: Gazetteer) -> None:
    before = gazetteer.by_code("29158", date(2025, 6, 30))
    after = gazetteer.by_code("29158", REFORM)
    assert before
    assert after
    assert (before.name, before.key) == ("xã An Ngãi Tây", "29158@")
    assert (after.name, after.key) == ("xã An Hiệp", "29158@2025-07-01")
    assert gazetteer.by_code("00000", NEW) is None


def test_a_unit_that_stands_is_its_own_present(gazetteer: Gazetteer) -> None:
    assert [p.key for p in gazetteer.now("29161@", OLD)] == ["29161@"]
    assert gazetteer.now("29158@2025-07-01", OLD) == ()


def test_saigon_wards_and_districts_that_ended_before(gazetteer: Gazetteer) -> None:
    for code in ("762", "763", "769"):
        assert [p.name for p in gazetteer.now(f"{code}@", OLD)] == ["thành phố Thủ Đức"]
    assert gazetteer.get("769@").name == "quận 2"


def test_a_commune_without_a_known_heir_is_answered_by_its_district(gazetteer: Gazetteer) -> None:
    eve, morning = date(2020, 2, 29), date(2020, 3, 1)
    lost = [
        place
        for place in gazetteer.units().values()
        if place.valid_to == eve
        and not place.successors
        and gazetteer.get(place.parent or "").stands_on(morning)
    ]
    assert len(lost) > 300
    assert [p.key for p in gazetteer.now(lost[0].key, morning)] == [lost[0].parent]


def test_two_communes_were_called_an_hiep(gazetteer: Gazetteer) -> None:
    def found(text: str, on: date) -> list[str]:
        return [p.key for p in gazetteer.find(text, on)]

    assert found("xã An Hiệp, huyện Ba Tri", OLD) == ["29161@"]
    assert found("an hiep, chau thanh, ben tre", OLD) == ["28855@"]
    assert found("An Hiệp, Bến Tre", OLD) == ["28855@", "29161@"]
    assert found("xã An Hiệp, Vĩnh Long", NEW) == ["29158@2025-07-01"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Ba Tri", ["29110@", "836@"]),
        ("huyện Ba Tri", ["836@"]),
        ("HUYEN BA TRI", ["836@"]),
        ("Phường 5, Thành phố Bến Tre, Tỉnh Bến Tre", ["28768@"]),
        ("phường 05 (thành phố Bến Tre)", ["28768@"]),
        ("xứ Dừa", ["83@"]),
        ("bãi rác An Hiệp", ["bai-rac-an-hiep@"]),
        ("bãi rác An Hiệp, huyện Ba Tri", ["bai-rac-an-hiep@"]),
        ("Bình Thành, Bến Tre", ["29032@"]),
        ("binh thanh, ben tre", ["29032@", "29212@"]),
        ("Thiên Đường", []),
        ("", []),
    ],
)
def test_places_are_found_by_name(gazetteer: Gazetteer, text: str, keys: list[str]) -> None:
    assert [place.key for place in gazetteer.find(text, OLD)] == keys


def test_a_chain_goes_outward_in_its_own_period(gazetteer: Gazetteer) -> None:
    assert [p.name for p in gazetteer.chain("29161@")] == [
        "xã An Hiệp", "huyện Ba Tri", "tỉnh Bến Tre",
    ]  # fmt: skip
    assert gazetteer.names("29161@") == ("tỉnh Bến Tre", "huyện Ba Tri", "xã An Hiệp")
    assert gazetteer.names("29158@2025-07-01") == ("tỉnh Vĩnh Long", None, "xã An Hiệp")


@pytest.mark.parametrize(
    ("landmark", "sites"),
    [
        ("khu-cong-nghiep-an-hiep@", ["xã An Hiệp", "xã Tường Đa", "xã Phú Túc"]),
        ("bai-rac-an-hiep@", ["xã An Hiệp", "xã An Hiệp", "xã An Hiệp"]),
        ("benh-vien-nguyen-dinh-chieu@", ["phường 5", "phường An Hội", "phường An Hội"]),
        ("cau-ham-luong@", ["tỉnh Bến Tre", "tỉnh Bến Tre", "phường Bến Tre"]),
        ("song-ham-luong@", ["tỉnh Bến Tre", "tỉnh Bến Tre", "tỉnh Vĩnh Long"]),
        ("cau-dinh-khao@", ["huyện Chợ Lách", "huyện Chợ Lách", "tỉnh Vĩnh Long"]),
        ("quoc-lo-60@", [None, None, None]),
    ],
)
def test_a_landmark_follows_the_units_it_lies_in(
    gazetteer: Gazetteer, landmark: str, sites: list[str | None]
) -> None:
    days = (OLD, date(2024, 12, 2), NEW)
    found = [gazetteer.site(landmark, day) for day in days]
    assert [place.name if place else None for place in found] == sites


def test_a_landmark_knows_its_kind_and_what_it_is_now(gazetteer: Gazetteer) -> None:
    assert gazetteer.kind("bai-rac-an-hiep@") == "landfill"
    assert gazetteer.kind("83@") == ""
    assert [p.key for p in gazetteer.now("bai-rac-an-hiep@", NEW)] == ["29158@2025-07-01"]
    assert gazetteer.now("quoc-lo-60@", NEW) == ()
    assert "bai-rac-an-hiep@" in gazetteer
    assert len(gazetteer.landmarks()) == len({p.key for p in gazetteer.landmarks()}) >= 50


def test_parents_and_successors_are_units_of_the_map(gazetteer: Gazetteer) -> None:
    units = gazetteer.units()
    assert {p.parent for p in units.values() if p.parent} <= set(units)
    assert {key for p in units.values() for key in p.successors} <= set(units)
    backwards = [p.key for p in units.values() for s in p.successors if not p.valid_to]
    assert backwards == []


def test_an_operator_adds_landmarks(tmp_path: Path) -> None:
    folder = tmp_path / "landmarks"
    folder.mkdir()
    (folder / "cho-moi.toml").write_text(
        'name = "chợ nổi Thử"\nkind = "market"\nwithin = ["29161@"]\naliases = ["chợ Thử"]\n',
        encoding="utf-8",
    )
    plain, extended = load_gazetteer(), load_gazetteer(tmp_path)
    assert plain.version != extended.version
    assert extended.version == load_gazetteer(tmp_path).version
    assert [p.key for p in extended.find("chợ Thử", OLD)] == ["cho-moi@"]
    site = extended.site("cho-moi@", NEW)
    assert site
    assert site.key == "29158@2025-07-01"


def test_every_problem_of_an_operators_landmarks_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "landmarks"
    folder.mkdir()
    (folder / "a.toml").write_text('name = "bến A"\nwithin = []\ncolour = "red"\n', "utf-8")
    (folder / "b.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_gazetteer(tmp_path)
    text = str(caught.value)
    assert [word in text for word in ("a.toml: within", "a.toml: colour", "b.toml")] == [True] * 3


def test_a_landmark_in_no_unit_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "landmarks"
    folder.mkdir()
    (folder / "c.toml").write_text('name = "bến C"\nwithin = ["99999"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="landmarks/c: within: no unit 99999"):
        load_gazetteer(tmp_path)

"""Where the problem lies: every way to write a place, traps, doubts, and both maps."""

from __future__ import annotations

import json
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from config.gazetteer import Gazetteer, load_gazetteer
from nlp.normalise import fold
from nlp.places import PlaceFinder
from nlp.reading import Where, seen

OLD, LATE, NEW = date(2023, 7, 20), date(2025, 1, 10), date(2025, 9, 1)
TODAY = date(2026, 9, 1)
SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture(scope="module")
def finder(gazetteer: Gazetteer) -> PlaceFinder:
    return PlaceFinder(gazetteer)


def find(
    finder: PlaceFinder,
    text: str,
    *,
    day: date | None = OLD,
    home: str = "Bến Tre",
    title: str = "",
) -> Where:
    return finder.find(title, text, published=day, home=home, as_of=TODAY)


def keys(where: Where) -> list[str]:
    return [place.key for place in where.places]


AN_HIEP = [
    "Rác chất đống ở Xã An Hiệp, huyện Ba Tri",
    "Rác chất đống ở XÃ AN HIỆP, HUYỆN BA TRI",
    "rác chất đống ở xã an hiệp, huyện ba tri",
    "Rác chất đống ở Xã an hiệp, huyện Ba Tri",
    "Rác chất đống ở An Hiệp (Ba Tri)",
    "Rác chất đống ở An Hiệp - Ba Tri",
    "Rác chất đống ở An Hiệp – Ba Tri",
    "Huyện Ba Tri: xã An Hiệp ngập rác",
    "Rác chất đống ở X.An Hiệp, H.Ba Tri",
    "Rác chất đống ở X. An Hiệp, H. Ba Tri",
    "rac chat dong o an hiep ba tri",
    "Rac chat dong o xa An Hiep, huyen Ba Tri",
    "UBND xã An Hiệp, huyện Ba Tri bị dân kêu về rác",
    "Công an xã An Hiệp (huyện Ba Tri) tìm người đổ rác",
    "Rác chất đống ở xã An\u00a0Hiệp, huyện Ba\u200b Tri",
    unicodedata.normalize("NFD", "Rác chất đống ở xã An Hiệp, huyện Ba Tri"),
    "Bãi rác An Hiệp bốc mùi",
    "Bãi chôn lấp An Hiệp bốc mùi",
]


@pytest.mark.parametrize("text", AN_HIEP)
def test_one_commune_has_many_spellings(finder: PlaceFinder, text: str) -> None:
    where = find(finder, text)
    assert keys(where) == ["29161@"]
    assert (where.unit_then, where.unit_now) == ("29161@", "29158@2025-07-01")
    assert where.hold is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ngập ở xã Mỹ Hoà, huyện Ba Tri", "29116@"),
        ("Ngập ở xã Mĩ Hòa, huyện Ba Tri", "29116@"),
        ("Ngập ở xã Tân Thuỷ, huyện Ba Tri", "29167@"),
        ("Ngập ở xã An Qui, huyện Thạnh Phú", "29218@"),
        ("Ngập ở xã Qưới Sơn, huyện Châu Thành, Bến Tre", "28807@"),
        ("Sạt lở ở xã Phong Nẵm, Giồng Trôm", "28987@"),
        ("Sạt lở ở Ðịnh Thủy, Mỏ Cày Nam", "28930@"),
        ("Sạt lở ở xã Bình Thành, Giồng Trôm", "29032@"),
        ("Sạt lở ở xã Bình Thạnh, Thạnh Phú", "29212@"),
        ("Khói than ở xã Thạnh Phú Đông", "29041@"),
        ("Khói than ở xã Hưng Khánh Trung B, Chợ Lách", "28900@"),
        ("Khói than ở xã Đại Hòa Lộc, Bình Đại", "29098@"),
        ("Ngập ở xã Tân Phú Tây, Mỏ Cày Bắc", "28912@"),
        ("Khát nước ở Mỏ Cày Nam", "833@"),
        ("Khát nước ở MCN", "833@"),
        ("Ngập ở TP.Bến Tre", "829@"),
        ("Ngập ở Tp. Bến Tre", "829@"),
        ("Ngập ở TPBT", "829@"),
        ("Ngập ở tỉnh BT", "83@"),
        ("Cả xứ Dừa khát nước", "83@"),
        ("Ba Tri (Bến Tre) ngập rác", "836@"),
        ("Rác ở P.An Hội, TP.Bến Tre", "28777@2020-02-01"),
        ("Kẹt xe ở Quận 5, TP.HCM", "774@"),
        ("Kẹt xe ở Q1, TPHCM", "760@"),
        ("Rác ở ấp 5, TP Bến Tre", "829@"),
        ("Rác ở tổ 5, TP Bến Tre", "829@"),
        ("Rác ở khu phố 5, TP Bến Tre", "829@"),
        ("Rác ở đường số 5, TP Bến Tre", "829@"),
        ("KCN An Hiệp xả thải ra sông", "28855@"),
        ("Xe lật trên ĐT.883", "83@"),
        ("Xe lật trên tỉnh lộ 883", "83@"),
        ("cau rach mieu 2 ket xe", "83@"),
        ("Ngập ở huyện Mù Cang Chải", "137@"),
        ("Sạt lở ở Bà Rịa-Vũng Tàu", "77@"),
        ("Sạt lở ở tỉnh Bà Rịa – Vũng Tàu", "77@"),
        ("Sạt lở ở xã Tam Xuân 2, huyện Núi Thành", "20971@"),
        ("Tai nạn ở TP Vinh", "412@"),
    ],
)
def test_every_way_to_write_a_place(finder: PlaceFinder, text: str, expected: str) -> None:
    assert keys(find(finder, text)) == [expected]


@pytest.mark.parametrize("ward", ["Phường 5", "P.5", "P5", "phường 05", "phường Năm", "F5", "P. 5"])
def test_numbered_wards(finder: PlaceFinder, ward: str) -> None:
    assert keys(find(finder, f"Rác ở {ward}, TP Bến Tre")) == ["28768@"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Ngập ở các xã Bảo Thạnh, Bảo Thuận, Tân Thủy (Ba Tri)",
            ["29125@", "29152@", "29167@"],
        ),
        ("Ngập ở 2 xã An Hiệp, An Đức, huyện Ba Tri", ["29161@", "29173@"]),
        ("Ngập ở xã An Hiệp và An Đức, huyện Ba Tri", ["29161@", "29173@"]),
        ("Ngập ở xã An Hiệp và An Đức", ["29161@", "29173@"]),
        ("Ngập ở các huyện Ba Tri, Giồng Trôm", ["834@", "836@"]),
        ("Ngập ở các phường 6, 7, 8, TP Bến Tre", ["28759@", "28762@", "28780@"]),
    ],
)
def test_lists_share_type_word_and_container(
    finder: PlaceFinder, text: str, expected: list[str]
) -> None:
    where = find(finder, text)
    assert sorted(keys(where)) == expected
    assert where.hold is None


@pytest.mark.parametrize(
    "text",
    [
        "Phong trào Đồng Khởi năm 1960",
        "Đường Đồng Khởi kẹt xe",
        "Báo Đồng Khởi đưa tin",
        "Vấn đề xã hội gây bức xúc",
        "Hợp tác xã Thanh Bình thua lỗ",
        "Xã luận: phường hội và quận chúa",
        "Ông Nguyễn Minh Đức bị phạt",
        "Ông Phạm Thái Bình trúng số",
        "Sông Tiền Giang sạt lở",
        "P. Giám đốc công ty nghỉ việc",
        "Đoàn của huyện ủy biểu diễn",
        "Bão trên Thái Bình Dương tràn vào Quảng Châu, Trung Quốc",
        "Tân Hoa Xã đưa tin từ Bắc Kinh",
        "Nhà ở xa An Hiệp",
        "Tự do và hòa bình, thống nhất",
        "",
    ],
)
def test_what_is_not_a_place(finder: PlaceFinder, text: str) -> None:
    assert find(finder, text, home="") == Where()


def test_streets_and_people_do_not_move_the_place(finder: PlaceFinder) -> None:
    where = find(finder, "Kẹt xe trên đường Nguyễn Huệ và Đồng Khởi, TP.HCM", home="")
    assert keys(where) == ["79@"]


@pytest.mark.parametrize("text", ["An Hiệp ngập rác", "Rác chất đống ở xã An Hiệp"])
def test_a_shared_name_is_held_with_its_candidates(finder: PlaceFinder, text: str) -> None:
    where = find(finder, text)
    assert where.hold
    assert where.hold.candidates == ("29161@", "28855@")
    assert keys(where) == ["83@"]


def test_the_name_is_no_longer_shared_after_the_merger_of_2024(finder: PlaceFinder) -> None:
    where = find(finder, "An Hiệp ngập rác", day=LATE)
    assert (keys(where), where.hold) == (["29161@"], None)


def test_after_the_reform_it_is_the_commune_of_vinh_long(finder: PlaceFinder) -> None:
    for text in ("An Hiệp ngập rác", "Rác ở xã An Hiệp, tỉnh Vĩnh Long"):
        where = find(finder, text, day=NEW)
        assert (keys(where), where.hold) == (["29158@2025-07-01"], None)
        place = where.places[0]
        assert (place.province, place.district, place.commune) == ("Vĩnh Long", None, "xã An Hiệp")


def test_ten_districts_are_called_chau_thanh(finder: PlaceFinder) -> None:
    where = find(finder, "Huyện Châu Thành ngập nặng", home="")
    assert where.places == ()
    assert where.hold
    assert len(where.hold.candidates) == 10
    assert keys(find(finder, "Huyện Châu Thành ngập nặng")) == ["831@"]


@pytest.mark.parametrize(
    ("text", "expected", "held"),
    [
        ("Rác ở tỉnh Bến Tre (cũ)", "86@2025-07-01", False),
        ("Bến Tre (trước sáp nhập) ngập nước", "86@2025-07-01", False),
        ("Rác ở huyện Ba Tri cũ", "86@2025-07-01", True),
        ("Rác ở huyện Ba Tri trước đây", "86@2025-07-01", True),
        ("Rác ở xã An Hiệp (Ba Tri cũ)", "29158@2025-07-01", False),
        (
            "Rác ở xã An Hiệp, tỉnh Vĩnh Long (trước đây là xã An Hiệp, huyện Ba Tri)",
            "29158@2025-07-01",
            False,
        ),
        ("Phường Bến Tre ngập nước", "28789@2025-07-01", False),
        ("Xã Đồng Khởi ngập nước", "28945@2025-07-01", False),
        ("Phường 5, TP Bến Tre trước đây ngập nước", "28777@2025-07-01", False),
    ],
)
def test_old_names_in_new_texts(finder: PlaceFinder, text: str, expected: str, held: bool) -> None:
    where = find(finder, text, day=NEW)
    assert (keys(where), where.hold is not None) == ([expected], held)


def test_an_old_district_offers_the_communes_it_became(finder: PlaceFinder) -> None:
    where = find(finder, "Rác ở huyện Ba Tri cũ", day=NEW)
    assert where.hold
    assert len(where.hold.candidates) == 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rác ở xã An Hiệp, huyện Ba Tri", ["29161@"]),
        ("Rác ở xã An Hiệp, tỉnh Vĩnh Long", ["29158@2025-07-01"]),
        ("Rác ở xã Tân Xuân, Vĩnh Long", ["29137@2025-07-01"]),
        ("Kẹt xe ở Hà Nội", ["01@"]),
        ("Cháy lớn ở phường Linh Xuân, TP.HCM", ["26800@2025-07-01"]),
        ("Cháy lớn ở phường Linh Xuân, quận Thủ Đức, TP.HCM", ["26794@"]),
        ("Ngập ở phường Long Châu, Vĩnh Long", ["29551@2025-07-01"]),
    ],
)
def test_without_a_date_the_text_decides_between_the_maps(
    finder: PlaceFinder, text: str, expected: list[str]
) -> None:
    for today in (OLD, TODAY):
        found = finder.find("", text, published=None, home="", as_of=today)
        assert keys(found) == expected


def test_without_a_date_two_communes_of_the_old_map_are_held(finder: PlaceFinder) -> None:
    where = find(finder, "Rác ở xã An Hiệp, tỉnh Bến Tre", day=None, home="")
    assert where.hold
    assert set(where.hold.candidates) == {"29161@", "28855@"}


@pytest.mark.parametrize(
    "passing",
    [
        "Nghi phạm (30 tuổi, quê xã Tân Phong, huyện Cai Lậy, tỉnh Tiền Giang) bị bắt.",
        "Nạn nhân được đưa đến Bệnh viện Chợ Rẫy, TP.HCM cấp cứu.",
        "Phóng viên thường trú tại Cần Thơ đưa tin.",
        "Công ty có trụ sở tại quận 3, TP.HCM chưa trả lời.",
        "Anh Minh ngụ xã Tân Phong, huyện Cai Lậy, tỉnh Tiền Giang.",
    ],
)
def test_places_in_passing_are_not_the_problems_place(finder: PlaceFinder, passing: str) -> None:
    text = f"Vụ cháy xảy ra tại xã An Đức, huyện Ba Tri, tỉnh Bến Tre. {passing}"
    where = find(finder, text, home="", title="Cháy lớn ở Ba Tri")
    assert keys(where) == ["29173@"]
    assert where.hold is None
    assert len(where.mentions) >= 1


def test_two_provinces_alike_are_left_to_a_person(finder: PlaceFinder) -> None:
    where = find(finder, "Mưa lớn ở Cà Mau. Mưa lớn ở Lạng Sơn.", home="")
    assert where.hold
    assert set(where.hold.candidates) == {"96@", "20@"}


def test_a_page_without_a_place_is_known_by_its_name_only(finder: PlaceFinder) -> None:
    where = find(finder, "Hẹn 15 ngày mà 3 tháng rồi chưa có sổ", home="Bình Đại quê tôi")
    assert (keys(where), where.unit_now) == (["835@"], None)
    assert where.hold
    assert where.hold.candidates == ("835@",)
    assert find(finder, "Nhật Bản có động đất", home="Bình Đại quê tôi") == Where()
    assert find(finder, "Hẹn 15 ngày", home="Bình Đại quê tôi", day=NEW) == Where()


def test_a_bare_commune_counts_in_a_source_of_its_province(finder: PlaceFinder) -> None:
    text = "Vườn dừa ở Hữu Định cháy lá hết trơn"
    assert keys(find(finder, text)) == ["28858@"]
    assert find(finder, text, home="") == Where()


def test_offsets_point_into_the_text_as_it_was_given(finder: PlaceFinder) -> None:
    title = unicodedata.normalize("NFD", "Cháy ở Hà Nội")
    text = "Đám cháy\u200b ở phường Minh Khai, quận Hai Bà Trưng"
    where = find(finder, text, title=title, home="", day=date(2018, 5, 1))
    place = where.places[0]
    assert seen(title, text)[place.start : place.end] == "phường Minh Khai"
    reasons = [(reason.kind, reason.value) for reason in where.reasons]
    assert reasons == [("place", place.key)]


def test_names_are_those_of_the_day(finder: PlaceFinder) -> None:
    where = find(finder, "Rác ở xã An Hiệp, huyện Ba Tri")
    place = where.places[0]
    assert (place.name, place.level) == ("xã An Hiệp", "commune")
    assert (place.province, place.district, place.commune) == (
        "Bến Tre", "huyện Ba Tri", "xã An Hiệp",
    )  # fmt: skip
    assert 0.6 <= place.score <= 1


def test_the_same_text_gives_the_same_answer(gazetteer: Gazetteer, finder: PlaceFinder) -> None:
    other = PlaceFinder(gazetteer)
    text = "Ngập ở các xã Bảo Thạnh, Bảo Thuận (Ba Tri) và TP Bến Tre, tỉnh Bến Tre"
    assert other.version == finder.version
    assert find(other, text) == find(finder, text)


def test_at_most_four_places_are_named(finder: PlaceFinder) -> None:
    communes = "Bảo Thạnh, Bảo Thuận, Tân Thủy, An Đức, An Hòa Tây, Vĩnh An"
    where = find(finder, f"Ngập ở các xã {communes} (Ba Tri)")
    assert len(where.places) == 4


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is absent")
@pytest.mark.parametrize("plain", [False, True], ids=["accented", "unaccented"])
def test_the_replayed_items_lie_where_they_should(finder: PlaceFinder, plain: bool) -> None:
    lines = (SHARED / "corpus" / "replay.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    missed = []
    for row in (row for row in rows if row["gold"]["is_issue"] and row["gold"]["places"]):
        title, text = row["title"], row["text"]
        if plain:
            title, text = _bare(title), _bare(text)
        day = date.fromisoformat(row["published"][:10])
        home = f"Bến Tre {row['source']}"
        where = finder.find(title, text, published=day, home=home, as_of=TODAY)
        wanted = {(p["province"], p["district"]) for p in row["gold"]["places"]}
        found = {(p.province, p.district) for p in where.places}
        if not found & wanted:
            missed.append(row["id"])
    assert len(missed) <= 1


def _bare(text: str) -> str:
    lower = fold(text)
    return "".join(a.upper() if b.isupper() else a for a, b in zip(lower, text, strict=True))

"""The reader: what is a problem, what is not, and why."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from nlp.reader import NO_PLACE, POSSIBLE, RULES, Reader
from nlp.reading import Hold, PlaceRef, Reading, Reason, Where, seen
from nlp.topics import load_model
from nlp.training import data
from nlp.training.cross import without_accents

DAY = date(2024, 3, 1)
SPEECH_FILE = Path(__file__).parent / "data" / "speech.jsonl"


BA_TRI = PlaceRef("836@", "huyện Ba Tri", "district", "tỉnh Bến Tre", "huyện Ba Tri", None, 1, 0, 0)


class Somewhere:
    """Finds one place in every item, or says what it was told to say."""

    version = "none"

    def __init__(self, where: Where | None = None) -> None:
        self.where = where or Where(places=(BA_TRI,))

    def find(
        self, title: str, text: str, *, published: date | None, home: str, as_of: date
    ) -> Where:
        return self.where


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(load_model(), Somewhere())


def read(reader: Reader, title: str, text: str) -> Reading:
    return reader.read(title, text, published=DAY, as_of=DAY)


LANDFILL = (
    "Bãi rác quá tải, hàng trăm hộ dân kêu cứu",
    (
        "Nhiều tháng qua, người dân xã An Hiệp, huyện Ba Tri bức xúc vì bãi rác bốc mùi hôi thối, "
        "nước rỉ rác đen ngòm chảy ra kênh gây ô nhiễm nghiêm trọng. Bà con đã nhiều lần phản ánh "
        "nhưng chưa được giải quyết."
    ),
)
SALT = (
    "Nước mặn xâm nhập sâu, nhà vườn điêu đứng",
    (
        "Độ mặn trên sông Hàm Luông vượt 4 phần nghìn, hàng nghìn hộ dân huyện Chợ Lách thiếu nước "
        "ngọt, cây giống chết khô, thiệt hại nặng do hạn mặn kéo dài."
    ),
)
CRASH = (
    "Tai nạn giao thông, hai người tử vong",
    (
        "Sáng 5-3, xe tải tông xe máy trên quốc lộ 60 đoạn qua huyện Châu Thành làm hai người chết "
        "tại chỗ, công an đang điều tra nguyên nhân."
    ),
)


@pytest.mark.parametrize(
    ("item", "topic"), [(LANDFILL, "waste"), (SALT, "water_climate"), (CRASH, "safety")]
)
def test_read_names_the_problem_first(reader: Reader, item: tuple[str, str], topic: str) -> None:
    reading = read(reader, *item)

    assert (reading.is_issue, reading.topics[0].topic) == (True, topic)
    assert reading.severity == 3


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Khai mạc hội thao", "Sáng nay 300 vận động viên dự lễ khai mạc hội thao chào mừng."),
        ("", "Chúc mọi người cuối tuần vui vẻ, ghé quán em uống nước dừa nha."),
        ("Real thắng ngược", "Ronaldo ghi bàn phút cuối giúp đội nhà vào chung kết cúp C1."),
        ("", ""),
    ],
)
def test_read_leaves_what_is_no_problem(reader: Reader, title: str, text: str) -> None:
    reading = read(reader, title, text)

    assert (reading.is_issue, reading.severity) == (False, 0)


def test_read_is_the_same_every_time(reader: Reader) -> None:
    assert read(reader, *LANDFILL) == read(Reader(load_model(), Somewhere()), *LANDFILL)


@pytest.mark.parametrize("item", [LANDFILL, SALT, CRASH])
def test_read_needs_no_accents(reader: Reader, item: tuple[str, str]) -> None:
    bare = read(reader, *(without_accents(part) for part in item))
    full = read(reader, *item)

    assert (bare.is_issue, bare.severity) == (full.is_issue, full.severity)
    assert [t.topic for t in bare.topics] == [t.topic for t in full.topics]


def test_reasons_stand_in_the_text(reader: Reader) -> None:
    reading = read(reader, *LANDFILL)
    text = seen(*LANDFILL).lower()

    words = [text[r.start : r.end] for r in reading.reasons if r.rule == "word"]
    kinds = {reason.kind for reason in reading.reasons}

    assert "rác" in " ".join(words)
    assert all(word == word.strip() and word for word in words)
    assert {"issue", "topic", "severity"} <= kinds


def test_hold_and_reasons_of_the_place_are_passed_on() -> None:
    hold = Hold("ambiguous_place", ("829@", "831@"))
    why = Reason("place", "829@", "unit", 0.7, 3, 9)
    reader = Reader(load_model(), Somewhere(Where(hold=hold, reasons=(why,))))

    reading = read(reader, *LANDFILL)

    assert (reading.hold, reading.reasons[-1]) == (hold, why)


def test_an_item_without_any_place_is_less_likely_an_issue(reader: Reader) -> None:
    somewhere, nowhere = read(reader, *SALT), read(Reader(load_model(), Somewhere(Where())), *SALT)

    assert nowhere.issue_score < somewhere.issue_score
    assert Reason("issue", "no", "no_place", -NO_PLACE) in nowhere.reasons


def test_a_doubtful_issue_is_held(reader: Reader) -> None:
    examples = [*data.examples("train"), *data.examples("heldout")]
    readings = [read(reader, example.title, example.text) for example in examples]

    held = [reading for reading in readings if reading.hold]

    assert {reading.hold for reading in held} == {Hold("low_confidence")}
    assert len(held) < len(readings) / 4


def test_what_may_be_an_issue_is_told_as_grave_as_it_would_be(reader: Reader) -> None:
    examples = [*data.examples("train"), *data.examples("heldout")]
    readings = [read(reader, example.title, example.text) for example in examples]

    doubtful = [one for one in readings if one.hold and not one.is_issue and not one.flags]
    settled = [one for one in readings if not one.hold and not one.is_issue]

    assert doubtful
    assert min(one.severity for one in doubtful) >= 1
    assert {one.severity for one in settled} == {0}
    assert {one.would_be for one in readings if one.is_issue} <= {1, 2, 3}
    assert all(one.would_be == one.severity for one in readings if one.severity)
    assert {one.would_be > 0 for one in settled} == {True, False}
    by_model = [one for one in settled if not one.flags]
    assert all((one.would_be > 0) == (one.issue_score >= POSSIBLE) for one in by_model)


def test_version_names_model_and_rules(reader: Reader) -> None:
    assert reader.version == f"{load_model().version}.{RULES}"


SPEECH = [
    example
    for split in ("train", "heldout")
    for example in data.examples(split)
    if "speech" in example.marks
]


def test_words_and_protests_are_told_in_at_least_forty_examples() -> None:
    assert len({example.id[:4] for example in SPEECH}) >= 40


@pytest.mark.parametrize("example", SPEECH, ids=lambda example: example.id)
def test_words_and_protests_are_no_issue(reader: Reader, example: data.Example) -> None:
    reading = read(reader, example.title, example.text)

    assert (reading.is_issue, reading.severity) == (False, 0)


#: Written for this test alone: the model has learnt from none of them.
UNSEEN_SPEECH = [json.loads(line) for line in SPEECH_FILE.read_text("utf-8").splitlines()]


def test_words_and_protests_unseen_are_at_least_forty() -> None:
    assert len({row["text"] for row in UNSEEN_SPEECH}) >= 40


@pytest.mark.parametrize("row", UNSEEN_SPEECH, ids=lambda row: row["id"])
@pytest.mark.parametrize("accents", [True, False], ids=["accents", "bare"])
def test_words_and_protests_unseen_are_no_issue_and_make_no_case(
    reader: Reader, row: dict[str, str], accents: bool
) -> None:
    title, text = row["title"], row["text"]
    if not accents:
        title, text = without_accents(title), without_accents(text)

    reading = read(reader, title, text)

    # A case is made of severity 1 and more (`tests/triage/test_policy.py`).
    assert (reading.is_issue, reading.severity) == (False, 0)


@pytest.mark.parametrize(
    ("title", "text", "topic"),
    [
        (
            "Dân phản đối bãi rác, một người bị phạt vì đăng tin",
            (
                "Một người bị phạt vì bài viết trên mạng. Tuy nhiên bãi rác xã An Đức vẫn quá tải, "
                "rác thải bốc mùi hôi thối nồng nặc, gần 200 hộ dân bức xúc, kêu cứu suốt ba tháng."
            ),
            "waste",
        ),
        (
            "Triệu tập người đăng clip đánh bạn",
            (
                "Công an triệu tập người đăng bài trên Facebook. Trước đó nhóm nữ sinh hành hung "
                "một học sinh lớp 8 ở trường THCS khiến em bị thương phải nhập viện cấp cứu."
            ),
            "education",
        ),
    ],
)
def test_a_problem_told_beside_words_is_the_issue(
    reader: Reader, title: str, text: str, topic: str
) -> None:
    reading = read(reader, title, text)

    assert reading.is_issue
    assert topic in {found.topic for found in reading.topics}
    assert "speech" in reading.flags

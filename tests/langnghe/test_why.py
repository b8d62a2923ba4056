"""`langnghe cases show N --why`: every decision in words, with sums that add up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from kept_events import Clock, doubtful, installation, keep, reading
from typer.testing import CliRunner, Result

from langnghe.app import App
from langnghe.cli import app as command
from langnghe.cli import decide
from langnghe.correspond import correspond
from langnghe.deciding import Actor, act
from langnghe.delivering import deliver
from langnghe.judging import judge_events
from langnghe.opening import open_by_hand
from langnghe.why import why_text
from storage import cases
from triage.act import Act, Kind


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(
    tmp_path: Path, clock: Clock, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> App:
    made = installation(tmp_path / "tinh", clock, sqlite_template)
    monkeypatch.setattr(decide, "App", lambda _: made)
    return made


def call(*words: str) -> Result:
    return CliRunner().invoke(command, ["cases", "show", *words])


def sections(text: str) -> dict[str, list[str]]:
    """Split the text into its sections by title."""
    found: dict[str, list[str]] = {}
    for block in text.split("\n\n")[1:]:
        title, *lines = block.rstrip("\n").splitlines()
        found[title.split(":")[0].split(" (")[0]] = [line.strip() for line in lines]
    return found


@pytest.fixture
def sent(app: App, clock: Clock) -> str:
    """The words about a case that was mailed, and acknowledged too late."""
    keep(app, 1, reading())
    judge_events(app)
    correspond(app, "r1")
    deliver(app)
    clock.forward(days=3)
    with app.sessions.begin() as session:
        act(app, session, 1, Act(Kind.ACKNOWLEDGE), Actor("unit:x", "ubnd-huyen-ba-tri"))
    return call("1", "--why").stdout


def test_the_parts_of_the_score_add_up_by_hand(sent: str) -> None:
    *parts, total = sections(sent)["Điểm"]

    points = []
    for part in parts:
        found = re.match(r"\w+ +([\d.]+) × ([\d.]+) = ([\d.]+) +\(.+\)$", part)
        assert found is not None, part
        value, weight, given = map(float, found.groups())
        assert given == pytest.approx(value * weight, abs=0.005)
        points.append(given)
    assert total == "cộng        4 + 1 + 0.2 = 5.2"
    assert sum(points) == pytest.approx(5.2)


def test_every_row_that_was_looked_at_says_why(sent: str, app: App) -> None:
    lines = sections(sent)["Phân công"]

    assert lines[0] == "dòng quyết định: routing/ben-tre-den-02-2025.toml#1"
    assert lines[2] == "Các dòng về xã An Hiệp (ngày 20/07/2023):"
    assert lines[3] == "routing/ben-tre-den-02-2025.toml#1 (chủ trì đơn vị của nơi đó): ĐƯỢC CHỌN"
    assert sum("ĐƯỢC CHỌN" in line for line in lines) == 1
    assert any("chỉ khi liên quan nhiều đơn vị" in line for line in lines)
    assert any("chỉ khi không nêu nơi nào nhỏ hơn" in line for line in lines)
    skipped = [line for line in lines if line.startswith("không chọn, ")]
    counted = sum(int(re.findall(r"\((\d+)\)", line)[0]) for line in skipped)
    named = sum(": không chọn" in line or "ĐƯỢC CHỌN" in line for line in lines)
    old = [file for file in app.catalog.routing.values() if file.id != "vinh-long"]
    assert counted + named == sum(len(file.rows) for file in old)
    assert lines[-1] == "Ủy ban nhân dân huyện Ba Tri, tỉnh Bến Tre: có địa chỉ"


def test_it_tells_to_whom_by_which_mail_and_by_when(sent: str, app: App) -> None:
    with app.views() as session:
        story = cases.show(session, 1)
    assert story is not None
    key, recipient, state, message_id = story.notices[0]

    told = sections(sent)
    assert (recipient, state) == ("vp.batri@vidu.example", "sent")
    assert told["Đã gửi cho"] == [
        f"{recipient}: đã gửi lúc 12:00 20/07/2023; Message-ID {message_id} [{key}]"
    ]
    assert told["Thời hạn"][2] == (
        "tiếp nhận: hạn 11:00 21/07/2023; xong 12:00 23/07/2023, quá hạn"
    )
    assert [line.split(" ", 3)[3] for line in told["Lịch sử"] if line[0].isdigit()][-1] == (
        "unit:x: đơn vị tiếp nhận"
    )
    assert any(app.catalog.hash in line for line in told["Phiên bản"])
    assert any("mô hình" in line for line in told["Phiên bản"])


def test_the_nearest_threshold_comes_first_and_says_what_lies_behind(sent: str) -> None:
    lines = sections(sent)["Nếu xét lại lúc này"]

    assert lines[0].startswith("gửi đơn vị trong đợt tới: ")
    assert lines[1] == "Ngưỡng gần nhất có thể đổi kết quả:"
    assert lines[2] == (
        "- độ tin cậy là vấn đề 0.97, ngưỡng 0.85 (đạt, cách 14%); dưới ngưỡng thì "
        "chờ người quyết định"
    )
    assert "- mức độ 2, ngưỡng 2 (đạt, cách 50%); dưới ngưỡng thì chỉ nêu trong bản tin" in lines


def test_what_is_held_says_the_threshold_it_missed(app: App) -> None:
    keep(app, 1, reading(issue_score=0.7))
    judge_events(app)

    told = sections(why_text(app, 1) or "")

    assert "Độ tin cậy là vấn đề thấp: 0.70 dưới 0.85" in told["Chính sách"]
    assert told["Nếu xét lại lúc này"][2] == (
        "- độ tin cậy là vấn đề 0.7, ngưỡng 0.85 (chưa đạt, cách 18%); từ ngưỡng thì "
        "gửi đơn vị trong đợt tới"
    )
    assert told["Đã gửi cho"] == ["không có"]
    assert told["Thời hạn"][1] == "chưa gửi: đồng hồ chưa chạy"


def test_what_keeps_it_quiet_is_named(app: App) -> None:
    event = keep(app, 1, doubtful())
    keep(app, 2, reading(severity=3))
    judge_events(app)
    with app.sessions.begin() as session:
        number = open_by_hand(app, session, event, "đã hỏi, có thật", "analyst:a")

    told = sections(why_text(app, number) or "")

    assert told["Vì sao có vụ việc"][0] == "đã hỏi, có thật"
    assert told["Bị chặn cảnh báo bởi"] == [
        "lúc này: Đã có vụ việc lớn số 1 đang mở cùng nơi, cùng chủ đề"
    ]


def test_a_case_without_a_place_has_no_rows_to_tell_of(app: App) -> None:
    event = keep(app, 1, reading(None))
    judge_events(app)
    with app.sessions.begin() as session:
        number = open_by_hand(app, session, event, "đã hỏi, có thật", "analyst:a")

    assert (
        "chưa có địa bàn: không dòng nào được xét"
        in sections(why_text(app, number) or "")["Phân công"]
    )


def test_show_without_why_stays_json_and_no_case_is_no_text(app: App) -> None:
    keep(app, 1, reading())
    judge_events(app)

    assert call("1").stdout.startswith("{")
    assert call("99", "--why").exit_code == 1
    assert why_text(app, 99) is None

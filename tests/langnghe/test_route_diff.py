"""`langnghe route` and `langnghe route diff`: who answers, and whom a change of rows moves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from kept_events import AN_DUC, CONTACTS, Clock, installation, keep, reading
from typer.testing import CliRunner, Result

import config
from langnghe.app import App
from langnghe.cli import app as command
from langnghe.cli import route as route_commands
from langnghe.judging import judge_events
from nlp.reading import TopicScore

SHIPPED = Path(config.__file__).parent / "defaults" / "routing"
SPECIAL = """
[[rows]]
place = "29161"
topics = ["waste"]
valid_to = 2025-06-30
lead = "so-tai-nguyen-moi-truong-ben-tre"
"""


@pytest.fixture
def app(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    """Three open cases: waste in xã An Hiệp, in xã An Đức, and health in xã An Hiệp."""
    made = installation(tmp_path / "tinh", Clock(), sqlite_template)
    monkeypatch.setattr(route_commands, "App", lambda _: made)
    for number, read in enumerate(
        (reading(), reading(AN_DUC), reading(topics=(TopicScore("health", 0.95),))), 1
    ):
        keep(made, number, read)
    judge_events(made)
    return made


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def with_special(folder: Path) -> Path:
    shutil.copytree(SHIPPED, folder)
    (folder / "bai-rac.toml").write_text(SPECIAL, "utf-8")
    return folder


def test_two_folders_of_routing_files_list_what_would_move(app: App, tmp_path: Path) -> None:
    new = with_special(tmp_path / "moi")

    forth, back = call("route", "diff", SHIPPED, new), call("route", "diff", new, SHIPPED)
    same = call("route", "diff", SHIPPED, SHIPPED)

    assert forth.exit_code == 1
    assert forth.stderr == "1 of 3 open cases would change hands\n"
    (moved,) = lines(forth)
    # The department has no address: the case would climb to the district, with other company.
    assert (moved["case"], moved["unit"]) == (1, "ubnd-huyen-ba-tri")
    assert moved["old"]["rule"] == "routing/ben-tre-den-02-2025.toml#1"
    assert moved["new"]["rule"] == "routing/bai-rac.toml#1"
    assert moved["old"]["cooperating"] == ["so-tai-nguyen-moi-truong-ben-tre"]
    assert moved["new"]["cooperating"] == []
    assert lines(back)[0]["new"] == moved["old"]
    assert (same.exit_code, same.stdout) == (0, "")
    assert same.stderr == "0 of 3 open cases would change hands\n"


def test_two_operator_s_folders_bring_their_own_addresses(app: App, tmp_path: Path) -> None:
    assert app.folder is not None
    new = tmp_path / "moi"
    (new / "routing").mkdir(parents=True)
    (new / "routing" / "bai-rac.toml").write_text(SPECIAL, "utf-8")
    address = 'so-tai-nguyen-moi-truong-ben-tre = "so@vidu.example"\n'
    (new / "contacts.toml").write_text(CONTACTS + address, "utf-8")

    result = call("route", "diff", app.folder, new)

    moved = {line["case"]: line["new"]["lead"] for line in lines(result)}
    assert result.exit_code == 1
    assert moved == {1: "so-tai-nguyen-moi-truong-ben-tre"}


def test_an_address_that_the_new_folder_leaves_out_is_missed(app: App, tmp_path: Path) -> None:
    assert app.folder is not None
    new = tmp_path / "moi"
    new.mkdir()
    unit = "ubnd-huyen-ba-tri"
    left = [line for line in CONTACTS.splitlines() if unit not in line]
    assert len(left) < len(CONTACTS.splitlines())
    (new / "contacts.toml").write_text("\n".join(left) + "\n", "utf-8")

    result = call("route", "diff", app.folder, new)

    assert result.exit_code == 1
    assert all(line["new"]["lead"] != unit for line in lines(result))
    assert {line["old"]["lead"] for line in lines(result)} == {unit}


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        (None, "", "neither an operator's folder nor routing files"),
        ("a.toml", "rows = 3", "routing/a.toml: rows"),
        ("a.toml", '[[rows]]\nplace = "1"\nlead = "ai-do"', "no unit 'ai-do'"),
        ("a.toml", '[[rows]]\nplace = "1"\nlead = "{place}"\ntopics = ["x"]', "no topic 'x'"),
        ("a.toml", '[[rows]]\nplace="1"\nlead="{place}"\n' * 2, "both claim every topic in 1"),
    ],
)
def test_what_does_not_hold_together_is_refused_by_name(
    app: App, tmp_path: Path, file: str | None, text: str, says: str
) -> None:
    new = tmp_path / "moi"
    new.mkdir()
    if file:
        (new / file).write_text(text, "utf-8")

    result = call("route", "diff", SHIPPED, new)

    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""


def test_a_folder_that_is_not_there_is_a_wrong_call(app: App, tmp_path: Path) -> None:
    assert call("route", "diff", SHIPPED, tmp_path / "khong-co").exit_code == 2
    assert call("route", "diff", SHIPPED).exit_code == 2


def test_route_keeps_its_contract_beside_diff(app: App) -> None:
    asked = ("--place", "xã An Hiệp, huyện Ba Tri", "--topic", "waste", "--on", "2023-07-20")

    plain = call("route", *asked)
    wrong = call("route", *asked, "--expect", "ubnd-xa-an-hiep")
    missing = call("route", "--topic", "waste")

    assert set(lines(plain)[0]) == {
        "unit_then", "unit_now", "lead", "cooperating", "copies", "hold", "candidates", "rule",
        "why", "place",
    }  # fmt: skip
    assert (plain.exit_code, lines(plain)[0]["lead"]) == (0, "ubnd-huyen-ba-tri")
    assert (wrong.exit_code, missing.exit_code) == (1, 2)
    assert wrong.stderr == "expected ubnd-xa-an-hiep, got ubnd-huyen-ba-tri\n"
    assert "missing --place, --on" in missing.stderr


def test_an_address_of_before_the_reform_is_still_understood(app: App) -> None:
    asked = ("--topic", "waste", "--on", "2025-08-03", "--as-of", "2025-08-03")

    commune = call("route", "--place", "xã An Hiệp, huyện Ba Tri", *asked)
    district = call("route", "--place", "huyện Ba Tri", *asked)
    nowhere = call("route", "--place", "xã Không Có, huyện Ba Tri", *asked)

    assert lines(commune)[0]["unit_now"] == "ubnd-xa-an-hiep"
    assert lines(district)[0]["hold"] == "huyện Ba Tri nay thuộc 7 nơi, chưa rõ nơi xảy ra"
    assert lines(nowhere)[0]["hold"] == "không tìm thấy địa bàn này"


def test_calendar_prints_the_verified_year_and_refuses_others() -> None:
    text, plain = (
        call("calendar", "--year", "2026"),
        call("calendar", "--year", "2026", "--format", "json"),
    )

    (year,) = lines(plain)
    assert text.stdout.startswith("Lịch làm việc năm 2026 (đã kiểm)")
    assert (year["working_days"], year["provisional"]) == (249, False)
    assert year["holidays"]["2026-11-24"] == "Ngày Văn hóa Việt Nam"
    assert year["makeup_days"] == {
        "2026-01-10": "Làm bù cho ngày 02/01",
        "2026-08-22": "Làm bù cho ngày 31/8",
    }
    assert sum(year["months"].values()) == 249
    assert call("calendar", "--year", "1800").exit_code == 2

"""The book of misses: where it was lost, what is linked, what is learnt; and the weekly figures."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from langnghe.app import App
from langnghe.cli import app as command
from langnghe.missing import Noted, note_miss
from langnghe.rounds import understand
from langnghe.weekfigures import figures_of, machine_form, monday_of, shown
from storage import cases, items, labels
from storage.items import KeptItem
from storage.missed import Miss
from triage.case import CaseState

NOW = datetime(2026, 3, 4, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
WASTE = (
    "Rác chất đống trước chợ An Hiệp, Ba Tri, dân kêu hôi thối",
    "Mười ngày nay, rác chất cao trước chợ xã An Hiệp, huyện Ba Tri, tỉnh Bến Tre, không xe nào gom.",
)
SPORT = (
    "Đội tuyển nữ giành chiến thắng",
    "Tối qua, đội tuyển bóng đá nữ thắng trận giao hữu với tỷ số 2-0 trên sân nhà.",
)


@pytest.fixture
def app(engine: Engine, tmp_path: Path, shipped_parts: dict[str, Any]) -> App:
    url = engine.url.render_as_string(hide_password=False)
    made = App(None, clock=lambda: NOW, data_dir=tmp_path, database_url=url)
    vars(made).update(shipped_parts, engine=engine)
    return made


def keep(app: App, number: int, words: tuple[str, str], *, read: bool = True) -> int:
    one = KeptItem(
        source_id="bao",
        outlet="Báo",
        kind="press",
        url=f"https://bao.example.vn/{number}",
        external_id=str(number),
        title=words[0],
        text=words[1],
        published=NOW - 5 * HOUR,
        fetched_at=NOW - 4 * HOUR,
        body_sha256=f"{number:064x}",
    )
    with app.sessions.begin() as session:
        (new,) = items.keep(session, [one]).new
    if read:
        understand(app)
    return new


def place(app: App, name: str) -> str:
    return next(k for k, one in app.gazetteer.units().items() if one.name == name)


def note(app: App, **over: Any) -> Miss:
    values: dict[str, Any] = {
        "title": "Chuyện ở chợ",
        "url": "",
        "on": date(2026, 3, 3),
        "place_key": None,
        "topic": "waste",
        "road": "cử tri",
    }
    with app.sessions.begin() as session:
        return note_miss(app, session, Noted(**(values | over)), "analyst:lan")


def said(app: App, item: int) -> dict[str, Any]:
    with app.views() as session:
        return labels.of_items(session, [item]).get(item, {})


def test_what_we_never_had_was_not_crawled(app: App) -> None:
    miss = note(app, title="Gọi 0912 345 678 gặp bà con ấp 3", url="https://khac.example.vn/1")

    assert (miss.station, miss.event_id) == ("not_crawled", None)
    assert "0912" not in miss.title


def test_what_is_kept_but_not_read(app: App) -> None:
    item = keep(app, 1, WASTE, read=False)

    assert note(app, url="https://bao.example.vn/1").station == "not_read"
    assert said(app, item) == {}


def test_an_item_read_as_no_issue_is_learnt_from_and_becomes_an_event(app: App) -> None:
    item = keep(app, 1, SPORT)
    key = place(app, "xã Tân Thủy")

    miss = note(app, url="https://bao.example.vn/1?utm_source=x", place_key=key, topic="safety")

    assert miss.station == "no_issue"
    assert said(app, item)["is_issue"] is True
    assert said(app, item)["topics"] == ["safety"]
    assert said(app, item)["place"]["key"] == key
    understand(app)
    with app.views() as session:
        assert labels.of_items(session, [item])[item]["place"]["name"] == "xã Tân Thủy"
        from storage import missed

        (line,) = missed.every(session)
    assert (line.event_id, line.id) == (item, miss.id)


def test_an_item_is_found_by_its_title_where_no_address_is_known(app: App) -> None:
    keep(app, 1, SPORT)

    assert note(app, title=SPORT[0]).station == "no_issue"
    assert note(app, title=SPORT[0], on=date(2026, 1, 3)).station == "not_crawled"


@pytest.mark.parametrize(
    ("named", "station"),
    [("xã Tân Thủy", "wrong_place"), ("xã An Hiệp", "waited"), ("huyện Ba Tri", "waited")],
)
def test_a_place_is_wrong_where_neither_holds_the_other(app: App, named: str, station: str) -> None:
    item = keep(app, 1, WASTE)
    keys = [k for k, one in app.gazetteer.units().items() if one.name == named]
    key = next(k for k in keys if any(one.name == "huyện Ba Tri" for one in app.gazetteer.chain(k)))

    miss = note(app, url="https://bao.example.vn/1", place_key=key)

    assert (miss.station, miss.event_id) == (station, item)
    assert ("place" in said(app, item)) is (station == "wrong_place")


@pytest.mark.parametrize(
    ("state", "sent", "station"),
    [
        (CaseState.PROPOSED, None, "waited"),
        (CaseState.DISMISSED, None, "dismissed"),
        (CaseState.SENT, NOW - HOUR, "known"),
        (CaseState.SENT, NOW + HOUR, "waited"),
    ],
)
def test_a_case_waited_was_dismissed_or_known(
    app: App, state: CaseState, sent: datetime | None, station: str
) -> None:
    item = keep(app, 1, WASTE)
    with app.sessions.begin() as session:
        (case,) = cases.find(session)
        cases.change(session, case.brief.case_id, state=state.value)
        if sent:
            cases.entry(session, case.brief.case_id, sent, "machine", "sent", "")

    miss = note(app, url="https://bao.example.vn/1")

    assert miss.station == station
    assert bool(said(app, item)) is (station == "dismissed")


def test_the_week_is_the_iso_week_and_by_default_the_last_whole_one() -> None:
    assert monday_of("2026-W10", date(2026, 5, 1)) == date(2026, 3, 2)
    assert monday_of("", date(2026, 3, 9)) == date(2026, 3, 2)
    assert monday_of("", date(2026, 3, 8)) == date(2026, 2, 23)
    for bad in ("2026-10", "2026-W60", "W10"):
        with pytest.raises(ValueError, match="week"):
            monday_of(bad, date(2026, 5, 1))


def test_weekly_figures_are_told_in_three_forms(app: App) -> None:
    keep(app, 1, WASTE)
    with app.sessions.begin() as session:
        (case,) = cases.find(session)
        number = case.brief.case_id
        cases.entry(session, number, NOW + HOUR, "machine", "sent", "")
        data = {"veracity": "true", "outcome": "fixed"}
        cases.entry(session, number, NOW + 2 * HOUR, "analyst:lan", "closed", "Đã gom", data)
    note(app, url="https://khac.example.vn/1")

    week = figures_of(app, date(2026, 3, 2))

    assert (week.sent, week.ended.true, week.misses) == (1, 1, {"not_crawled": 1})
    plain = machine_form(week)
    assert (plain["week"], plain["units"][0]["precision"]) == (
        "2026-W10",
        {"part": 1, "whole": 1, "value": None},
    )
    assert json.loads(shown(app, week, "json"))["recall"] == {"part": 1, "whole": 2, "value": None}
    text = shown(app, week, "text")
    assert "SỐ LIỆU TUẦN 2026-W10" in text
    assert "Tỷ lệ phát hiện, nhiều nhất là: quá ít (1/2)" in text
    assert "không thu được tin này: 1" in text
    assert "Phát hiện → gửi đơn vị: 1.0 / 1.0 (1 vụ việc)" in text
    html = shown(app, week, "html")
    assert "<title>" in html
    assert "quá ít (1/1)" in html
    empty = figures_of(app, date(2026, 2, 2))
    assert "chưa tính được tỷ lệ phát hiện" in shown(app, empty, "text")
    assert "chưa có" in shown(app, empty, "html")


def test_the_book_and_the_week_by_command(tmp_path: Path) -> None:
    (tmp_path / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")

    def call(*words: str) -> Any:
        return CliRunner().invoke(command, ["--config", str(tmp_path), *words])

    words = ["--title", "Cống sập", "--on", "2025-03-03", "--topic", "waste", "--road", "1022"]
    done = call("missed", "add", *words, "--place", "xã Tân Thủy, huyện Ba Tri", "--who", "lan")
    assert json.loads(done.stdout)["station_text"] == "không thu được tin này"
    assert done.exit_code == 0
    (listed,) = call("missed", "list").stdout.splitlines()
    assert json.loads(listed)["who"] == "analyst:lan"
    assert call("missed", "add", *words[:4], "--topic", "x", "--road", "y").exit_code == 2
    assert call("report", "week", "--of", "2026-W99").exit_code == 2
    assert json.loads(call("report", "week", "--format", "json").stdout)["sent"] == 0

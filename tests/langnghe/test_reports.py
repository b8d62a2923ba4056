"""Papers, exports and lines of the command, from the tables to the bytes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mailroom import UNIT, Clock, a_case
from typer.testing import CliRunner, Result

from config.settings import ZONE
from langnghe import deciding
from langnghe.app import App
from langnghe.cli import app as command
from langnghe.deciding import Actor
from langnghe.digesting import entries, pledges, unheard
from langnghe.exporting import Form, Period, What, export_bytes
from langnghe.hearing import coverage, own_places
from langnghe.reporting import case_bytes, month_bytes
from langnghe.telling import digest_bytes, tell
from storage import cases, merging
from storage.models import CommitmentRow
from triage.act import Act, Kind
from triage.case import CaseOutcome, CaseState, Deadlines, Veracity
from triage.digest import Section

BEGIN = datetime(2026, 3, 2, 9, tzinfo=ZONE)
DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
    return tmp_path


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGIN)


@pytest.fixture
def office(folder: Path, clock: Clock) -> App:
    return App(folder, clock=clock)


def sent(app: App, number: int, **values: Any) -> int:
    """Open a case that was sent just now, with the clocks of severity 2."""
    case, now = a_case(app, number), app.clock()
    with app.sessions.begin() as session:
        cases.set_deadlines(session, case, Deadlines(now + DAY, now + 5 * DAY, now + 20 * DAY))
        cases.change(session, case, **{"sent_at": now} | values)
    return case


def promise(app: App, case: int, days: int, state: str = "open") -> None:
    now = app.clock()
    row = CommitmentRow(
        case_id=case, kind="promise", text="gom hết rác", by=f"unit:{UNIT}", members=[],
        made_at=now, due=(now + days * DAY).date(), state=state, note="",
    )  # fmt: skip
    with app.sessions.begin() as session:
        session.add(row)


def event_of(app: App, case: int) -> int:
    with app.views() as session:
        found = cases.get(session, case)
    assert found is not None
    return found.brief.event_id


def test_the_ledger_in_the_digest(office: App, clock: Clock) -> None:
    one, other, closed = (sent(office, n) for n in (1, 2, 3))
    promise(office, one, 30)
    clock.turn(hours=1)
    promise(office, one, 3)
    promise(office, other, 40)
    promise(office, closed, 2)
    with office.sessions.begin() as session:
        cases.change(session, closed, state=CaseState.CLOSED.value, closed_at=clock.now)

    with office.views() as session:
        ahead = list(pledges(office, session, office.today()))
        (entry,) = entries(office, session, [event_of(office, one)])
        late = list(pledges(office, session, (clock.now + 5 * DAY).date()))

    assert [(found.case_id, found.late) for found in ahead] == [(one, False)]
    assert [(found.case_id, found.late) for found in late] == [(one, True)]
    assert entry.promised == (BEGIN + 3 * DAY).date()


def test_an_answer_after_a_promise_settles_it(office: App, clock: Clock) -> None:
    case = sent(office, 1)
    promise(office, case, 3)
    with office.sessions.begin() as session:
        values = {"state": "answered", "answered_at": clock.turn(hours=2)}
        cases.change(session, case, proposed_veracity="partly", statement="Đã gom.", **values)

    with office.views() as session:
        found = list(pledges(office, session, office.today()))
        (entry,) = entries(office, session, [event_of(office, case)])

    assert found == []
    assert entry.promised is None
    assert (entry.proposed, entry.statement) == ("partly", "Đã gom.")


def test_units_not_heard_from(office: App, clock: Clock) -> None:
    first, second, heard = (sent(office, n) for n in (1, 2, 3))
    with office.sessions.begin() as session:
        cases.change(session, heard, state="acknowledged", acknowledged_at=clock.now)

    with office.views() as session:
        early = list(unheard(office, session, clock.now))
        (found,) = unheard(office, session, clock.turn(days=2))

    assert early == []
    assert (found.unit_id, found.cases, found.since) == (UNIT, (first, second), BEGIN)


def test_a_merged_event_is_told_once_as_the_event_it_is_part_of(office: App) -> None:
    one, other = sent(office, 1), sent(office, 2)
    root, merged = event_of(office, one), event_of(office, other)
    with office.sessions.begin() as session:
        merging.merge(session, root, merged, "analyst:x", office.clock())

    with office.views() as session:
        told = entries(office, session, [root, merged])

    assert [(entry.event_id, entry.case_id) for entry in told] == [(root, other)]


def test_days_that_follow_each_other(office: App, clock: Clock) -> None:
    case = sent(office, 1)
    days = []
    for change in ({}, {}, {}, {"state": "acknowledged", "acknowledged_at": BEGIN + 3 * DAY}, {}):
        with office.sessions.begin() as session:
            if change:
                cases.change(session, case, **change)
        tell(office, office.today())
        days.append(json.loads(digest_bytes(office, office.today(), "json")))
        clock.turn(days=1)

    def told(day: dict[str, Any]) -> list[tuple[str, bool, list[str]]]:
        return [
            (section.value, entry["brief"], entry["changes"])
            for section in Section
            for entry in day[section.value]
        ]

    assert [told(day) for day in days] == [
        [("new", False, [])],
        [("carried", True, [])],
        [("overdue", False, [])],
        [("changed", False, ["đơn vị đã tiếp nhận"])],
        [("carried", True, [])],
    ]


def test_a_past_day_prints_as_it_was_told(office: App, clock: Clock) -> None:
    case = sent(office, 1)
    tell(office, office.today())
    forms = ("html", "text", "json", "docx")
    before = [digest_bytes(office, BEGIN.date(), form) for form in forms]
    clock.turn(days=9)
    with office.sessions.begin() as session:
        cases.change(session, case, state="closed", closed_at=clock.now, outcome="fixed")

    assert [digest_bytes(office, BEGIN.date(), form) for form in forms] == before


def test_places_of_the_units_that_nobody_spoke_of(office: App) -> None:
    with office.views() as session:
        found = coverage(office, session, office.clock())

    places = own_places(office, office.today())
    assert {place.level.value for place in places} == {"commune"}
    assert found.places == len(places) == len(found.places_without_source) > 40
    assert found.quiet_days == 30
    assert (found.seen, len(found.failed)) == (0, found.expected)
    assert {one.reason for one in found.failed} == {"chưa được hỏi lần nào"}


def test_before_the_reform_the_places_are_districts(office: App) -> None:
    places = own_places(office, datetime(2023, 7, 1, tzinfo=ZONE).date())

    assert "huyện Ba Tri" in [place.name for place in places]
    assert len(places) == 9


@pytest.mark.parametrize("form", ["docx", "html", "text"])
def test_a_brief_of_a_case(office: App, form: str) -> None:
    case = sent(office, 1)
    promise(office, case, 3)

    content = case_bytes(office, case, form)

    assert content is not None
    if form == "docx":
        assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    else:
        assert "Rác ùn ở chợ An Hiệp" in content.decode()
        assert "gom hết rác" in content.decode()
    assert case_bytes(office, 99, form) is None


def test_a_month(office: App, clock: Clock) -> None:
    sent(office, 1)
    done = sent(office, 2, acknowledged_at=BEGIN + timedelta(hours=2))
    promise(office, done, 1)
    clock.turn(days=3)
    with office.sessions.begin() as session:
        cases.change(
            session, done, state="closed", outcome="explained", closed_at=clock.now,
            answered_at=clock.now, veracity="true",
        )  # fmt: skip
    tell(office, office.today())

    pack = json.loads(month_bytes(office, "2026-03", "json"))

    assert pack["counts"] | {"events": 0} == {
        "events": 0, "new": 2, "closed": 1, "dismissed": 0, "open": 1, "late": 1, "waiting": 0,
        "recurring": 0, "items": 2,
    }  # fmt: skip
    assert (pack["outcomes"]["explained"], pack["outcomes"]["fixed"]) == (1, 0)
    (unit,) = pack["units"]
    assert unit["unit_id"] == UNIT
    assert unit["stations"][0] == {"due": 2, "kept": 1, "hours": 2.0}
    assert pack["listening"]["days"] == 1
    assert pack["promises"]["late"] == 1
    assert (pack["until"], pack["last"]) == ("2026-03-05", "2026-03-31")
    assert month_bytes(office, "2026-03", "docx").startswith(b"PK")
    assert "Tháng chưa hết" in month_bytes(office, "2026-03", "text").decode()


def test_a_month_is_told_as_it_ended_not_as_it_stands_now(office: App, clock: Clock) -> None:
    number = sent(office, 1)
    clock.turn(days=40)
    before = json.loads(month_bytes(office, "2026-03", "json"))
    end = Act(Kind.CLOSE, "đã gom hết rác", veracity=Veracity.TRUE, outcome=CaseOutcome.FIXED)
    with office.sessions.begin() as session:
        deciding.act(office, session, number, end, Actor("analyst:lan"))

    after = json.loads(month_bytes(office, "2026-03", "json"))
    april = json.loads(month_bytes(office, "2026-04", "json"))

    assert before["counts"] == after["counts"]
    assert (after["counts"]["open"], after["counts"]["closed"], after["counts"]["late"]) == (
        1,
        0,
        1,
    )
    assert [case["state"] for case in after["top"]] == ["sent"]
    assert (april["counts"]["open"], april["counts"]["closed"]) == (0, 1)


def test_a_month_before_the_mail_left_knows_of_no_term(office: App, clock: Clock) -> None:
    number = sent(office, 1)
    clock.turn(days=40)
    with office.sessions.begin() as session:
        cases.change(session, number, sent_at=clock.now)
        cases.entry(session, number, clock.now, "machine", "sent", "", {"unit": UNIT})

    march = json.loads(month_bytes(office, "2026-03", "json"))

    assert (march["counts"]["open"], march["counts"]["late"]) == (1, 0)
    assert march["top"][0]["state"] == "approved"
    assert (march["top"][0]["sent_at"], march["top"][0]["deadlines"]) == (None, None)


def test_exports(office: App, capsys: pytest.CaptureFixture[str]) -> None:
    case = sent(office, 1)
    clock_day = BEGIN.date()

    def rows(what: What, period: Period) -> list[list[str]]:
        content = export_bytes(office, what, Form.CSV, period, "trực ban")
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))

    today = Period(clock_day, clock_day)
    (_, row) = rows(What.CASES, today)
    (_, item) = rows(What.ITEMS, today)

    assert row[:4] == [str(case), "2026-03-02 09:00", "Rác ùn ở chợ An Hiệp", row[3]]
    assert item[3] == "Rác ùn ở chợ An Hiệp, lần 1"
    assert len(rows(What.CASES, Period(clock_day + DAY))) == 1
    assert len(rows(What.EVENTS, Period())) == 1  # never judged, so of no concern yet
    assert export_bytes(office, What.CASES, Form.XLSX, Period(), "x").startswith(b"PK")


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(command, [str(word) for word in words])


def test_every_export_is_logged_with_who_what_and_how_much(folder: Path, office: App) -> None:
    sent(office, 1)

    made = call("-c", folder, "export", "cases", "--format", "xlsx", "--who", "truc-ban", "--out", folder / "data" / "a.xlsx")  # fmt: skip
    printed = call("--json-logs", "-c", folder, "export", "items", "--from", "2026-03-02", "--to", "2026-03-02")  # fmt: skip

    assert (made.exit_code, printed.exit_code) == (0, 0), printed.stderr
    for word in ("export", "truc-ban", "cases", "xlsx"):
        assert word in made.stderr
    logged = json.loads(printed.stderr.splitlines()[-1])
    assert (logged["event"], logged["what"], logged["rows"]) == ("export", "items", 1)
    assert (folder / "data" / "a.xlsx").read_bytes().startswith(b"PK")
    assert printed.stdout_bytes.startswith(b"\xef\xbb\xbf")
    assert call("-c", folder, "export", "--out", folder / "x" / "y.csv").exit_code == 2


def test_reports_by_command(folder: Path, office: App) -> None:
    case = sent(office, 1)

    month = call("-c", folder, "report", "month", "--of", "2026-03", "--format", "html")
    brief = call("-c", folder, "cases", "brief", str(case))

    assert month.exit_code == brief.exit_code == 0
    assert "<!DOCTYPE html>" in month.stdout
    assert f"VỤ VIỆC SỐ {case}" in brief.stdout
    assert call("-c", folder, "cases", "brief", "99").exit_code == 1
    for wrong in ("2026-13", "3", "2999-01"):
        assert call("-c", folder, "report", "month", "--of", wrong).exit_code == 2


def test_lines_of_the_command_are_in_the_time_of_viet_nam(folder: Path, office: App) -> None:
    case = sent(office, 1)

    (line,) = [json.loads(one) for one in call("-c", folder, "cases", "list").stdout.splitlines()]
    story = json.loads(call("-c", folder, "cases", "show", str(case)).stdout)

    assert list(line)[:8] == [
        "number", "state", "severity", "unit", "place", "title", "due", "since",
    ]  # fmt: skip
    assert (line["number"], line["unit"], line["since"]) == (
        case,
        UNIT,
        "2026-03-02T09:00:00+07:00",
    )
    assert line["due"] == "2026-03-03T09:00:00+07:00"
    assert line["brief"]["opened_at"] == "2026-03-02T09:00:00+07:00"
    assert story["entries"][0]["at"] == "2026-03-02T09:00:00+07:00"

"""What people do with a case becomes labels of its items, and stands over every reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from langnghe.app import App
from langnghe.deciding import Actor, act
from langnghe.rounds import understand
from storage import cases, items, labels, readings, triage
from storage.items import KeptItem
from storage.readings import Versions
from triage.act import Act, Kind
from triage.case import CaseOutcome, CaseState, Veracity

NOW = datetime(2026, 3, 4, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAN = Actor("analyst:lan")
TITLE = "Rác chất đống trước chợ An Hiệp, Ba Tri, dân kêu hôi thối"
TEXT = (
    "Hơn mười ngày nay, rác sinh hoạt chất cao trước chợ xã An Hiệp, huyện Ba Tri, tỉnh Bến Tre "
    "mà không có xe tới gom. Nước rỉ ra mặt lộ bốc mùi hôi thối, hàng trăm hộ dân quanh chợ "
    "không buôn bán được, trẻ em trong ấp bị ho kéo dài."
)
OTHER = (
    "Tiểu thương chợ xã An Hiệp, huyện Ba Tri, tỉnh Bến Tre cho hay rác ứ đọng trước cổng chợ "
    "nhiều ngày, mùi hôi thối nồng nặc, nước đen chảy tràn. Nhiều trẻ em phải nhập viện vì ho, "
    "sốt; bà con đề nghị gom rác ngay."
)


class Clock:
    """A clock that goes on by a minute each time it is asked."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def app(engine: Engine, tmp_path: Path, shipped_parts: dict[str, Any]) -> App:
    url = engine.url.render_as_string(hide_password=False)
    made = App(None, clock=Clock(), data_dir=tmp_path, database_url=url)
    vars(made).update(shipped_parts, engine=engine)
    return made


def keep(app: App, number: int, title: str = TITLE, text: str = TEXT) -> int:
    one = KeptItem(
        source_id=f"bao-{number}",
        outlet=f"Báo {number}",
        kind="press",
        url=f"https://b{number}.example.vn/{number}",
        external_id=str(number),
        title=title,
        text=text,
        published=NOW - 5 * HOUR,
        fetched_at=NOW - 4 * HOUR,
        body_sha256=f"{number:064x}",
    )
    with app.sessions.begin() as session:
        (new,) = items.keep(session, [one]).new
    understand(app)
    return new


def do(app: App, number: int, kind: Kind, **values: Any) -> None:
    with app.sessions.begin() as session:
        act(app, session, number, Act(kind, **values), LAN)


def only_case(app: App) -> int:
    with app.views() as session:
        (found,) = cases.find(session)
    return found.brief.case_id


def said(app: App, item: int) -> dict[str, Any]:
    with app.views() as session:
        return labels.of_items(session, [item]).get(item, {})


def facts(app: App, event: int) -> triage.EventFacts:
    with app.views() as session:
        (found,) = triage.facts(session, [event])
    return found


def sent(app: App, number: int) -> None:
    with app.sessions.begin() as session:
        cases.change(session, number, state=CaseState.SENT.value, sent_at=NOW)


def test_correction_is_kept_and_no_newer_reader_moves_it(app: App) -> None:
    item = keep(app, 1)
    key = next(k for k in app.gazetteer.units() if app.gazetteer.get(k).name == "xã Tân Thủy")

    do(app, only_case(app), Kind.CORRECT, severity=1, topics=("health",), place_key=key)

    known = said(app, item)
    assert (known["severity"], known["topics"]) == (1, ["health"])
    assert (known["place"]["key"], known["place"]["name"]) == (key, "xã Tân Thủy")
    before = facts(app, item)
    assert (before.severity, before.topics, before.topic_score) == (1, ("health",), 1.0)
    assert (before.place, before.place_score, before.hold) == (key, 1.0, None)
    with app.sessions.begin() as session:
        stored = items.get(session, item)
        read = readings.as_read(session, [item])[item]
        assert stored is not None
        assert read.topics[0].topic == "waste"  # what the reader read is kept beside it
        newer = replace(read, version="newer", severity=3)
        readings.save(session, [(stored, newer)], Versions("newer", "g", "m", "c"))
    assert facts(app, item) == before


def test_a_later_report_counts_for_itself_but_not_for_the_place(app: App) -> None:
    item = keep(app, 1)
    key = next(k for k in app.gazetteer.units() if app.gazetteer.get(k).name == "xã Tân Thủy")
    do(app, only_case(app), Kind.CORRECT, severity=1, topics=("health",), place_key=key)

    later = keep(app, 2, "Chợ An Hiệp (Ba Tri) ngập rác, tiểu thương nghỉ bán", OTHER)

    with app.views() as session:
        assert labels.of_items(session, [later]) == {}
        own = readings.by_items(session, [later])[later]
    found = facts(app, item)
    assert found.items == 2
    assert (found.topics, found.place) == (("health",), key)
    assert found.severity == own.severity > 1


def test_a_corrected_proposal_waits_for_a_person_and_gets_no_evidence_twice(app: App) -> None:
    keep(app, 1)
    number = only_case(app)
    with app.sessions.begin() as session:
        cases.change(session, number, state=CaseState.PROPOSED.value)
    do(app, number, Kind.CORRECT, severity=2, topics=("waste", "health"))

    understand(app)

    with app.views() as session:
        story = cases.show(session, number)
    assert story is not None
    assert story.case.brief.state is CaseState.PROPOSED
    assert [line.kind for line in story.entries if line.kind == "evidence"] == []


def test_no_issue_is_learnt_taken_back_by_undo_and_by_reopening(app: App) -> None:
    item = keep(app, 1)
    number = only_case(app)
    dropped = {"text": "Tin quảng cáo", "code": "not_an_issue"}

    do(app, number, Kind.DISMISS, **dropped)
    assert said(app, item) == {"is_issue": False}
    assert facts(app, item).severity == 0
    understand(app)
    assert only_case(app) == number  # the event makes no other case

    do(app, number, Kind.UNDO)
    assert said(app, item) == {}

    do(app, number, Kind.DISMISS, **dropped)
    do(app, number, Kind.REOPEN, text="Xem lại thì đúng là có")
    assert said(app, item) == {}
    with app.views() as session:
        assert [one.value for one in labels.all_labels(session)] == [False, None, False, None]


def test_undone_step_by_step_nothing_of_what_was_taught_is_left(app: App) -> None:
    item = keep(app, 1)
    number = only_case(app)
    before = facts(app, item).severity
    wrong, other = {1, 2, 3} - {before}
    told = []

    do(app, number, Kind.CORRECT, severity=wrong)
    do(app, number, Kind.CORRECT, severity=other)
    do(app, number, Kind.CORRECT, severity=wrong)
    for _ in range(3):
        do(app, number, Kind.UNDO)
        told.append(said(app, item))
    understand(app)

    assert told == [{"severity": other}, {"severity": wrong}, {}]
    with app.views() as session:
        case = cases.get(session, number)
    assert case is not None
    assert (case.brief.severity, facts(app, item).severity) == (before, before)


def test_elsewhere_makes_no_case_again(app: App) -> None:
    item = keep(app, 1)
    number = only_case(app)

    do(app, number, Kind.DISMISS, text="Chợ này ở tỉnh khác", code="elsewhere")
    understand(app)

    found = facts(app, item)
    assert (found.place, found.elsewhere, said(app, item)) == (None, True, {"place": {}})
    assert only_case(app) == number


@pytest.mark.parametrize("code", ["duplicate", "handled", "other"])
def test_other_dismissals_say_nothing_of_the_text(app: App, code: str) -> None:
    item = keep(app, 1)

    do(app, only_case(app), Kind.DISMISS, text="Đã có vụ khác", code=code)

    assert said(app, item) == {}


@pytest.mark.parametrize(
    ("veracity", "confirmed"),
    [
        (Veracity.TRUE, True),
        (Veracity.PARTLY, True),
        (Veracity.FALSE, False),
        (Veracity.UNDECIDED, False),
    ],
)
def test_closing_confirms_what_proved_true_and_only_that(
    app: App, veracity: Veracity, confirmed: bool
) -> None:
    item = keep(app, 1)
    number = only_case(app)
    sent(app, number)
    outcome = CaseOutcome.EXPLAINED

    do(app, number, Kind.CLOSE, text="Đã kiểm tra", veracity=veracity, outcome=outcome)

    found = said(app, item)
    assert found.get("is_issue") is (True if confirmed else None)
    assert ("topics" in found) is confirmed


def test_an_amendment_to_true_confirms_as_well(app: App) -> None:
    item = keep(app, 1)
    number = only_case(app)
    sent(app, number)
    do(app, number, Kind.CLOSE, text="Không đúng", veracity=Veracity.FALSE)

    do(app, number, Kind.AMEND, text="Đính chính: đúng", veracity=Veracity.TRUE)

    assert said(app, item)["is_issue"] is True


def test_the_answer_of_a_unit_teaches_nothing_before_it_is_confirmed(app: App) -> None:
    item = keep(app, 1)
    number = only_case(app)
    sent(app, number)
    with app.views() as session:
        case = cases.get(session, number)
    assert case is not None
    unit = Actor(f"unit:{case.brief.unit_id}", case.brief.unit_id)
    answer = Act(Kind.ANSWER, "Đúng như phản ánh", veracity=Veracity.TRUE)

    with app.sessions.begin() as session:
        act(app, session, number, answer, unit)

    assert said(app, item) == {}

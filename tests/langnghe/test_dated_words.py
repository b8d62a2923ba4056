"""Dated words on a case: who promised what until when, masked, settled once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from web_samples import installation, sent_case

from langnghe.app import App
from langnghe.dating import add_date, settle_date
from storage import cases, commitments
from triage.act import MoveRefused

WHO = "analyst:trực ban"
DAY = date(2026, 3, 20)


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    return installation(engine, tmp_path)


def test_group_task_is_kept_with_its_units_and_masked(app: App) -> None:
    case = sent_case(app)
    units = ("ubnd-xa-an-hiep", "ubnd-xa-ba-tri")
    with app.sessions.begin() as session:
        words = "Phủ bạt các ô rác, đầu mối 0912 345 678"
        add_date(app, session, case, "task", words, DAY, who=WHO, units=units)
    with app.views() as session:
        (kept,) = commitments.of_case(session, case)
        told = cases.show(session, case)
    assert (kept.kind, kept.due, kept.state) == ("task", DAY, "open")
    assert [name.rpartition("xã ")[2][:7] for name in kept.members] == ["An Hiệp", "Ba Tri,"]
    assert "0912" not in kept.text
    assert told is not None
    assert told.entries[-1].kind == "commitment"


def test_date_is_settled_once_and_only_on_its_own_case(app: App) -> None:
    first, second = sent_case(app, 1), sent_case(app, 2, title="Đường lún ở chợ")
    with app.sessions.begin() as session:
        number = add_date(app, session, first, "dialogue", "Đối thoại với dân", DAY, who=WHO)
    with app.sessions.begin() as session, pytest.raises(MoveRefused, match="không có hẹn"):
        settle_date(app, session, second, number, "kept", "", who=WHO)
    with app.sessions.begin() as session:
        settle_date(app, session, first, number, "kept", "Đã đối thoại", who=WHO)
    with app.sessions.begin() as session, pytest.raises(MoveRefused, match="đã có người"):
        settle_date(app, session, first, number, "late", "", who=WHO)


@pytest.mark.parametrize(
    ("kind", "text", "units"),
    [
        ("party", "x", ()),
        ("task", "  ", ()),
        ("task", "x", ("ubnd-khong-co",)),
        ("task", "x" * 3000, ()),
    ],
)
def test_what_is_no_date_is_refused(app: App, kind: str, text: str, units: tuple[str, ...]) -> None:
    case = sent_case(app)
    with app.sessions.begin() as session, pytest.raises(MoveRefused):
        add_date(app, session, case, kind, text, DAY, who=WHO, units=units)
    with app.views() as session:
        assert commitments.of_case(session, case) == []

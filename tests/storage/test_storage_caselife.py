"""Moves of a case in the tables: kept with what they replaced, and taken back exactly."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from storage_samples import NOON, one_event

from storage import caselife, cases
from storage.cases import NewCase
from storage.db import Sessions, open_database, sessions
from storage.models import CaseEntryRow, CaseRow, CommitmentRow
from triage.act import BY_UNIT, COLUMNS, Act, Kind, MoveRefused
from triage.case import CaseOutcome, CaseState, Deadlines, Veracity
from triage.moves import move

ACTS = st.builds(
    Act,
    kind=st.sampled_from(Kind),
    text=st.sampled_from(["", "đã xem", "dọn xong"]),
    unit_id=st.sampled_from(["", "ubnd-a", "ubnd-b"]),
    unit_name=st.sampled_from(["", "UBND xã A"]),
    veracity=st.none() | st.sampled_from(Veracity),
    outcome=st.none() | st.sampled_from(CaseOutcome),
    due=st.none() | st.dates(date(2026, 3, 1), date(2026, 12, 31)),
    severity=st.none() | st.integers(1, 3),
    topics=st.none() | st.sampled_from([("waste",), ("health", "waste")]),
    place_key=st.none() | st.sampled_from(["29161@", "836@"]),
)


def new_case(event: int, state: CaseState) -> NewCase:
    return NewCase(
        event_id=event, episode=1, state=state, title="Rác", gist="Rác", topics=("waste",),
        severity=2, place_key="29161@", place="xã An Hiệp", unit_id="ubnd-a",
        unit_name="UBND xã A", opened_at=NOON,
    )  # fmt: skip


def columns(session: Session, number: int) -> dict[str, Any]:
    row = session.get_one(CaseRow, number)
    session.refresh(row)
    return {name: getattr(row, name) for name in COLUMNS}


def do(session: Session, number: int, act: Act, at: datetime) -> None:
    stands = caselife.standing(session, number)
    assert stands is not None
    change = move(stands, act, at)
    caselife.keep(session, number, stands.state, change, at, "analyst:a")


def send(session: Session, number: int, at: datetime) -> None:
    """Send an approved case as a round does."""
    sent = cases.transition(session, number, [CaseState.APPROVED], CaseState.SENT, sent_at=at)
    if sent:
        hour = timedelta(hours=1)
        cases.set_deadlines(session, number, Deadlines(at + hour, at + 8 * hour, at + 40 * hour))
        cases.entry(session, number, at, "machine", "sent", "UBND xã A", {"notices": []})


@pytest.fixture(scope="module")
def shared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Sessions:
    path = tmp_path_factory.mktemp("life") / "langnghe.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = sessions(open_database(f"sqlite:///{path}"))
    with database.begin() as session:
        one_event(session, [1])
    return database


class Walk:
    """One case walked through random acts, with what each decision replaced; None: a wall."""

    def __init__(self, session: Session, number: int) -> None:
        self.session, self.number, self.at = session, number, NOON
        self.done: list[dict[str, Any] | None] = []

    @property
    def columns(self) -> dict[str, Any]:
        return columns(self.session, self.number)

    @property
    def lines(self) -> int:
        return _lines(self.session, self.number)

    def act(self, act: Act) -> None:
        """Do an act or see it refused, and check what either left."""
        self.at += timedelta(hours=1)
        before, lines = self.columns, self.lines
        try:
            if act.kind is Kind.UNDO:
                caselife.undo(self.session, self.number, self.at, "analyst:a", act.text)
            else:
                do(self.session, self.number, act, self.at)
        except MoveRefused:
            assert (self.columns, self.lines) == (before, lines)
            assert act.kind is not Kind.UNDO or not self.done or self.done[-1] is None
            return
        assert self.lines == lines + 1
        if act.kind is Kind.UNDO:
            assert self.columns == self.done.pop()
        elif act.kind is not Kind.NOTE:
            self.done.append(None if act.kind in BY_UNIT else before)

    def round(self) -> None:
        """Let a round send the case if it may go."""
        if self.columns["state"] == CaseState.APPROVED:
            send(self.session, self.number, self.at)
            self.done.append(None)


@settings(deadline=None, max_examples=60)
@given(
    state=st.sampled_from([CaseState.PROPOSED, CaseState.APPROVED]),
    steps=st.lists(st.tuples(ACTS, st.booleans()), max_size=8),
)
def test_undo_restores_exactly_and_a_refusal_changes_nothing(
    shared: Sessions, state: CaseState, steps: list[tuple[Act, bool]]
) -> None:
    with shared() as session:  # never committed: the next example begins anew
        number = cases.open_case(session, new_case(1, state))
        assert number is not None
        walk = Walk(session, number)
        for act, round_follows in steps:
            walk.act(act)
            if round_follows:
                walk.round()
        session.rollback()


def _lines(session: Session, number: int) -> int:
    query = select(CaseEntryRow.seq).where(CaseEntryRow.case_id == number)
    seqs = list(session.scalars(query.order_by(CaseEntryRow.seq)))
    assert seqs == list(range(1, len(seqs) + 1))
    return len(seqs)


def test_of_two_who_act_at_once_the_second_is_told(database: Sessions) -> None:
    with database.begin() as session:
        number = cases.open_case(session, new_case(one_event(session, [1]), CaseState.PROPOSED))
        assert number is not None
        stands = caselife.standing(session, number)
        assert stands is not None
        approve = move(stands, Act(Kind.APPROVE), NOON)
        dismiss = move(stands, Act(Kind.DISMISS, "trùng"), NOON)
        caselife.keep(session, number, stands.state, approve, NOON, "analyst:a")
        with pytest.raises(MoveRefused, match="người khác"):
            caselife.keep(session, number, stands.state, dismiss, NOON, "analyst:b")

        assert columns(session, number)["state"] == "approved"


def test_a_promise_is_kept_beside_the_case(database: Sessions) -> None:
    with database.begin() as session:
        number = cases.open_case(session, new_case(one_event(session, [1]), CaseState.APPROVED))
        assert number is not None
        send(session, number, NOON)
        do(session, number, Act(Kind.PROGRESS, "đang dọn", due=date(2026, 4, 1)), NOON)

        promise = session.scalars(select(CommitmentRow)).one()
        assert (promise.case_id, promise.due, promise.state) == (number, date(2026, 4, 1), "open")


def test_what_a_mail_told_or_a_unit_answered_is_not_taken_back(database: Sessions) -> None:
    with database.begin() as session:
        number = cases.open_case(session, new_case(one_event(session, [1]), CaseState.PROPOSED))
        assert number is not None
        do(session, number, Act(Kind.APPROVE), NOON)
        send(session, number, NOON)
        with pytest.raises(MoveRefused, match="thư"):
            caselife.undo(session, number, NOON, "analyst:a", "nhầm")
        do(session, number, Act(Kind.ACKNOWLEDGE), NOON)
        with pytest.raises(MoveRefused, match="đơn vị"):
            caselife.undo(session, number, NOON, "analyst:a", "nhầm")

"""The life of a case, move by move: what random people and units may do, and what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.act import BY_UNIT, COLUMNS, DISMISSALS, Act, Change, Kind, MoveRefused, Standing
from triage.case import CaseOutcome, CaseState, Veracity
from triage.moves import ALLOWED, move

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2023, 7, 20, 8, tzinfo=ZONE)
TRUTHS = (Veracity.TRUE, Veracity.PARTLY, Veracity.FALSE, Veracity.UNDECIDED)
CLOCKS = ("ack_due", "verify_due", "final_due")
OVER = (CaseState.CLOSED, CaseState.DISMISSED)

UNITS = st.sampled_from(["", "ubnd-a", "ubnd-b", "so-c"])
ACTS = st.builds(
    Act,
    kind=st.sampled_from(Kind),
    text=st.sampled_from(["", "  ", "đã xem", "dọn xong"]),
    code=st.sampled_from(["", *DISMISSALS]),
    unit_id=UNITS,
    unit_name=st.sampled_from(["", "UBND xã A"]),
    veracity=st.none() | st.sampled_from(Veracity),
    outcome=st.none() | st.sampled_from(CaseOutcome),
    due=st.none() | st.dates(date(2023, 7, 1), date(2024, 12, 31)),
    severity=st.none() | st.integers(0, 4),
    topics=st.none() | st.sampled_from([(), ("waste",), ("health", "waste")]),
    place_key=st.none() | st.sampled_from(["29161@", "836@"]),
)


class Life:
    """A case as the tables would keep it: its columns, moved by `move`, sent by the round."""

    def __init__(self, state: CaseState, unit: str) -> None:
        self.columns: dict[str, Any] = dict.fromkeys(COLUMNS)
        self.columns |= {
            "state": state.value, "unit_id": unit, "unit_name": unit, "severity": 2,
            "topics": ["waste"], "veracity": Veracity.UNVERIFIED.value, "statement": "",
            "returned": 0, "reminded": 0, "escalated": 0,
        }  # fmt: skip
        self.sent = False

    @property
    def standing(self) -> Standing:
        at = self.columns
        return Standing(
            state=CaseState(at["state"]),
            unit_id=at["unit_id"],
            unit_name=at["unit_name"],
            veracity=Veracity(at["veracity"]),
            severity=at["severity"],
            topics=tuple(at["topics"]),
            returned=at["returned"],
            was_sent=self.sent,
            proposed_veracity=_maybe(Veracity, at["proposed_veracity"]),
            proposed_outcome=_maybe(CaseOutcome, at["proposed_outcome"]),
            statement=at["statement"],
        )

    def send(self, now: datetime) -> None:
        """Do what a round does with an approved case: send it; running clocks go on."""
        if self.columns["state"] == CaseState.APPROVED and self.columns["unit_id"]:
            self.sent = True
            self.columns["state"] = CaseState.SENT.value
            if self.columns["ack_due"] is None:
                self.columns |= {clock: now + timedelta(days=5) for clock in CLOCKS}


def _maybe(kind: Any, value: Any) -> Any:
    return None if value is None else kind(value)


@settings(deadline=None, max_examples=300)
@given(
    state=st.sampled_from([CaseState.PROPOSED, CaseState.APPROVED]),
    unit=st.sampled_from(["ubnd-a", "ubnd-b"]),
    steps=st.lists(st.tuples(ACTS, st.booleans()), max_size=14),
)
def test_no_sequence_of_acts_leaves_the_rules(
    state: CaseState, unit: str, steps: list[tuple[Act, bool]]
) -> None:
    life, now = Life(state, unit), START
    for act, round_follows in steps:
        now += timedelta(hours=3)
        before, columns = life.standing, dict(life.columns)
        with suppress(MoveRefused):  # a refusal changes nothing: a move only returns a change
            change = move(before, act, now)
            life.columns |= change.values
            _check(before, act, change, columns, life.columns)
        if round_follows:
            life.send(now)


def _check(
    before: Standing,
    act: Act,
    change: Change,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> None:
    after = CaseState(new["state"])
    assert before.state in ALLOWED[act.kind]
    assert set(change.values) <= set(COLUMNS)
    assert change.kind is act.kind
    # Over only by a person's word; truth settled only there, and with an end where it is true.
    if after in OVER and before.state not in OVER:
        assert act.kind in (Kind.CLOSE, Kind.DISMISS)
    if act.kind is Kind.CLOSE:
        _check_end(new)
    if new["outcome"] != old["outcome"] and new["outcome"] is not None:
        assert act.kind in (Kind.CLOSE, Kind.AMEND)
        assert new["veracity"] in TRUTHS
    if new["veracity"] in TRUTHS and new["veracity"] != old["veracity"]:
        assert act.kind in (Kind.CLOSE, Kind.AMEND)
    # The clocks run on whatever is handed over; only an outbreak that begins anew starts anew.
    if act.kind is not Kind.REOPEN:
        assert [new[clock] for clock in CLOCKS] == [old[clock] for clock in CLOCKS]
    assert (new["returned"] - old["returned"]) == (act.kind is Kind.NOT_OURS)
    if act.kind in BY_UNIT:
        assert new["unit_id"] == old["unit_id"]
        assert after not in OVER
    if change.promise is not None:
        assert act.due == change.promise.due
        assert act.kind in (Kind.ANSWER, Kind.PROGRESS)
    if act.kind is Kind.PROGRESS:
        assert new["answered_at"] == old["answered_at"]
        assert after is CaseState.ACKNOWLEDGED or after is before.state


def _check_end(new: Mapping[str, Any]) -> None:
    assert new["veracity"] in TRUTHS
    assert new["statement"]
    if new["veracity"] in (Veracity.TRUE, Veracity.PARTLY):
        assert new["outcome"] is not None
    else:
        assert new["outcome"] not in (CaseOutcome.FIXED, CaseOutcome.SCHEDULED)


STANDING = Standing(CaseState.ANSWERED, "ubnd-a", "UBND xã A", Veracity.CHECKING, 2, ("waste",))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.UNDO])
@pytest.mark.parametrize("state", list(CaseState))
def test_each_move_is_possible_from_just_the_states_it_names(kind: Kind, state: CaseState) -> None:
    act = Act(
        kind, "vì đã xem", unit_id="so-c", unit_name="Sở C", veracity=Veracity.TRUE,
        outcome=CaseOutcome.FIXED, due=date(2023, 8, 1), severity=3,
    )  # fmt: skip
    case = replace(STANDING, state=state)

    if state in ALLOWED[kind]:
        assert move(case, act, START).kind is kind
    else:
        with pytest.raises(MoveRefused, match="Không thể"):
            move(case, act, START)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (Act(Kind.CLOSE, "xong"), "Hãy kết luận"),
        (Act(Kind.CLOSE, "xong", veracity=Veracity.CHECKING), "Hãy kết luận"),
        (Act(Kind.CLOSE, "xong", veracity=Veracity.TRUE), "Hãy chọn kết quả"),
        (Act(Kind.CLOSE, veracity=Veracity.FALSE), "Hãy ghi nội dung kết luận"),
        (
            Act(Kind.CLOSE, "xong", veracity=Veracity.FALSE, outcome=CaseOutcome.FIXED),
            "không khớp",
        ),
        (
            Act(Kind.CLOSE, "xong", veracity=Veracity.UNDECIDED, outcome=CaseOutcome.SCHEDULED),
            "không khớp",
        ),
        (
            Act(Kind.ANSWER, "rồi", veracity=Veracity.TRUE, outcome=CaseOutcome.REFUSED),
            "không khớp",
        ),
        (Act(Kind.DISMISS), "Hãy ghi lý do"),
        (Act(Kind.ASSIGN), "Hãy chọn đơn vị"),
        (Act(Kind.ASSIGN, unit_id="ubnd-a"), "đang phụ trách"),
        (Act(Kind.CORRECT), "Không có gì thay đổi"),
        (Act(Kind.CORRECT, severity=4), "Mức độ"),
        (Act(Kind.CORRECT, topics=()), "ít nhất một chủ đề"),
        (Act(Kind.ANSWER, "rồi"), "Hãy chọn một kết luận"),
        (Act(Kind.ANSWER, veracity=Veracity.TRUE), "kết quả xác minh"),
        (Act(Kind.PROGRESS, "đang làm"), "ngày dự kiến"),
        (Act(Kind.PROGRESS, "đang làm", due=date(2023, 7, 19)), "đã qua"),
        (Act(Kind.ANSWER, "rồi", veracity=Veracity.TRUE, due=date(2023, 7, 19)), "đã qua"),
        (Act(Kind.SEND_BACK), "Hãy ghi"),
        (Act(Kind.NOTE, " "), "Hãy ghi"),
        (Act(Kind.UNDO), "Không thể hoàn tác"),
    ],
)
def test_a_move_without_what_it_needs_is_refused_in_words(act: Act, words: str) -> None:
    with pytest.raises(MoveRefused, match=words):
        move(STANDING, act, START)


def test_an_end_that_was_proposed_with_another_finding_is_not_taken_over() -> None:
    fixed = replace(STANDING, proposed_veracity=Veracity.TRUE, proposed_outcome=CaseOutcome.FIXED)

    change = move(fixed, Act(Kind.CLOSE, "không có việc này", veracity=Veracity.FALSE), START)
    amended = move(
        replace(fixed, state=CaseState.CLOSED, veracity=Veracity.TRUE),
        Act(Kind.AMEND, "xem lại thì không đúng", veracity=Veracity.FALSE),
        START,
    )

    assert change.values["outcome"] is None
    assert amended.values["outcome"] is None


def test_a_case_that_nobody_answered_says_so_when_it_is_closed() -> None:
    sent = replace(STANDING, state=CaseState.SENT)
    act = Act(Kind.CLOSE, "đã gọi điện", veracity=Veracity.TRUE, outcome=CaseOutcome.FIXED)

    change = move(sent, act, START)

    assert change.data["unanswered"] is True
    assert change.text == "(Đơn vị chưa trả lời.) đã gọi điện"
    assert change.values["statement"] == "đã gọi điện"
    assert "unanswered" not in move(STANDING, act, START).data


def test_a_unit_s_answer_is_a_proposal_and_progress_is_no_answer() -> None:
    sent = replace(STANDING, state=CaseState.SENT, veracity=Veracity.UNVERIFIED)

    answer = move(
        sent,
        Act(Kind.ANSWER, "đã dọn", veracity=Veracity.TRUE, outcome=CaseOutcome.EXPLAINED),
        START,
    )
    progress = move(sent, Act(Kind.PROGRESS, "đang dọn", due=date(2023, 8, 1)), START)

    assert answer.values["state"] == "answered"
    assert (answer.values["proposed_veracity"], answer.values["veracity"]) == ("true", "checking")
    assert (answer.values["proposed_outcome"], "outcome" in answer.values) == ("explained", False)
    assert progress.values["state"] == "acknowledged"
    assert "answered_at" not in progress.values
    assert progress.promise is not None

"""The life of a case: what a person or a unit may do with it, and what that changes.

Pure: a move is checked against where the case stands and gives the change to keep, or is
refused in words. Nothing is ever forwarded or closed by time alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from config.settings import ZONE
from triage.act import FARTHEST, OTHER, Act, Change, Kind, MoveRefused, Promise, Standing
from triage.case import CaseState, Veracity
from triage.ending import FITTING, need_fitting

S = CaseState
_LIVE = (S.PROPOSED, S.APPROVED, S.SENT, S.ACKNOWLEDGED, S.ANSWERED)
_WITH_UNIT = (S.SENT, S.ACKNOWLEDGED, S.ANSWERED)
#: From which states each move is possible; UNDO is checked against the history.
ALLOWED: Mapping[Kind, tuple[CaseState, ...]] = {
    Kind.APPROVE: (S.PROPOSED,),
    Kind.DISMISS: _LIVE,
    Kind.ASSIGN: _LIVE,
    Kind.CORRECT: _LIVE,
    Kind.CLOSE: _WITH_UNIT,
    Kind.SEND_BACK: (S.ANSWERED,),
    Kind.REOPEN: (S.CLOSED, S.DISMISSED),
    Kind.AMEND: (S.CLOSED,),
    Kind.NOTE: tuple(S),
    Kind.ACKNOWLEDGE: (S.SENT,),
    Kind.NOT_OURS: (S.SENT, S.ACKNOWLEDGED),
    Kind.ANSWER: _WITH_UNIT,
    Kind.PROGRESS: _WITH_UNIT,
}
_STATE_WORDS: Mapping[CaseState, str] = {
    S.PROPOSED: "đang chờ duyệt",
    S.APPROVED: "đã duyệt, chờ gửi",
    S.SENT: "đã gửi, chờ tiếp nhận",
    S.ACKNOWLEDGED: "đơn vị đang xác minh",
    S.ANSWERED: "đơn vị đã trả lời, chờ xác nhận",
    S.CLOSED: "đã kết thúc",
    S.DISMISSED: "đã bỏ",
}
_MOVE_WORDS: Mapping[Kind, str] = {
    Kind.APPROVE: "duyệt",
    Kind.DISMISS: "bỏ",
    Kind.ASSIGN: "chuyển đơn vị",
    Kind.CORRECT: "sửa",
    Kind.CLOSE: "kết thúc",
    Kind.SEND_BACK: "yêu cầu trả lời lại",
    Kind.REOPEN: "mở lại",
    Kind.AMEND: "đính chính",
    Kind.NOTE: "ghi chú",
    Kind.UNDO: "hoàn tác",
    Kind.ACKNOWLEDGE: "tiếp nhận",
    Kind.NOT_OURS: "trả lại",
    Kind.ANSWER: "trả lời",
    Kind.PROGRESS: "báo tiến độ",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One move that is asked for."""

    case: Standing
    act: Act
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(ZONE).date()

    @property
    def text(self) -> str:
        return self.act.text.strip()

    def need_words(self, what: str) -> None:
        if not self.text:
            raise MoveRefused(f"Hãy ghi {what}.")


def move(case: Standing, act: Act, now: datetime) -> Change:
    """Return what `act` changes. Raises `MoveRefused` with the reason in Vietnamese.

    A unit's answer proposes; only CLOSE settles truth and outcome. A promise of a new day
    is not an answer and stops no clock. ASSIGN and NOT_OURS keep the clocks running.
    """
    if case.state not in ALLOWED.get(act.kind, ()):
        words = _STATE_WORDS[case.state]
        raise MoveRefused(f"Không thể {_MOVE_WORDS[act.kind]}: vụ việc {words}.")
    return _MOVES[act.kind](_Asked(case, act, now))


def _approve(asked: _Asked) -> Change:
    unit = asked.act.unit_id or asked.case.unit_id
    if not unit:
        raise MoveRefused("Chưa có đơn vị phụ trách: hãy chọn đơn vị trước khi duyệt.")
    values: dict[str, Any] = {"state": S.APPROVED.value, "hold": None}
    if asked.act.unit_id and asked.act.unit_id != asked.case.unit_id:
        values |= {"unit_id": asked.act.unit_id, "unit_name": asked.act.unit_name}
    return Change(Kind.APPROVE, values, asked.text, {"unit": unit})


def _dismiss(asked: _Asked) -> Change:
    asked.need_words("lý do bỏ vụ việc")
    values = {"state": S.DISMISSED.value, "closed_at": asked.now}
    return Change(Kind.DISMISS, values, asked.text, {"code": asked.act.code or OTHER})


def _assign(asked: _Asked) -> Change:
    if not asked.act.unit_id:
        raise MoveRefused("Hãy chọn đơn vị nhận vụ việc.")
    if asked.act.unit_id == asked.case.unit_id and asked.case.state in _WITH_UNIT:
        raise MoveRefused(f"{asked.case.unit_name} đang phụ trách vụ việc này.")
    values: dict[str, Any] = {"unit_id": asked.act.unit_id, "unit_name": asked.act.unit_name}
    values |= {"state": S.APPROVED.value, "hold": None, "acknowledged_at": None}
    values |= {"answered_at": None, "reminded": 0, "escalated": 0} | _NO_PROPOSAL
    return Change(
        Kind.ASSIGN, values, asked.text, {"from": asked.case.unit_id, "to": asked.act.unit_id}
    )


def _correct(asked: _Asked) -> Change:
    values: dict[str, Any] = {}
    if asked.act.severity is not None and asked.act.severity != asked.case.severity:
        if not 1 <= asked.act.severity <= 3:
            raise MoveRefused("Mức độ phải là 1, 2 hoặc 3.")
        values["severity"] = asked.act.severity
    if asked.act.topics is not None and asked.act.topics != asked.case.topics:
        if not asked.act.topics:
            raise MoveRefused("Hãy chọn ít nhất một chủ đề.")
        values["topics"] = list(asked.act.topics)
    if asked.act.place_key is not None:
        values |= {"place_key": asked.act.place_key, "place": asked.act.place}
    if not values:
        raise MoveRefused("Không có gì thay đổi.")
    return Change(Kind.CORRECT, values, asked.text)


def _close(asked: _Asked) -> Change:
    truth = asked.act.veracity or asked.case.proposed_veracity
    if truth is None or truth not in FITTING:
        raise MoveRefused("Hãy kết luận: đúng, đúng một phần, không đúng hay chưa đủ căn cứ.")
    need_fitting(truth, asked.act.outcome)
    outcome = asked.act.outcome or asked.case.proposed_outcome
    if outcome not in FITTING[truth]:  # the unit proposed it with another finding
        outcome = None
    if outcome is None and truth in (Veracity.TRUE, Veracity.PARTLY):
        raise MoveRefused("Hãy chọn kết quả giải quyết.")
    statement = asked.text or asked.case.statement
    if not statement:
        raise MoveRefused("Hãy ghi nội dung kết luận.")
    values: dict[str, Any] = {
        "state": S.CLOSED.value,
        "closed_at": asked.now,
        "statement": statement,
    }
    values |= {"veracity": truth.value, "outcome": outcome.value if outcome else None}
    data: dict[str, Any] = {"veracity": truth.value, "outcome": values["outcome"]}
    if asked.case.state is not S.ANSWERED:
        data["unanswered"] = True
        statement = f"(Đơn vị chưa trả lời.) {statement}"
    return Change(Kind.CLOSE, values, statement, data)


def _send_back(asked: _Asked) -> Change:
    asked.need_words("điều cần đơn vị trả lời lại")
    values = {"state": S.ACKNOWLEDGED.value, "answered_at": None} | _NO_PROPOSAL
    return Change(Kind.SEND_BACK, values, asked.text)


def _reopen(asked: _Asked) -> Change:
    asked.need_words("lý do mở lại")
    approved = asked.case.state is S.CLOSED and asked.case.unit_id
    state = S.APPROVED if approved else S.PROPOSED
    return Change(Kind.REOPEN, {"state": state.value} | afresh(), asked.text)


def afresh() -> dict[str, Any]:
    """Return what a case forgets when it is opened again: its end, its clocks, its answer."""
    values: dict[str, Any] = dict.fromkeys(
        ("closed_at", "outcome", "acknowledged_at", "answered_at")
    )
    values |= dict.fromkeys(("ack_due", "verify_due", "final_due"))
    values |= {"veracity": Veracity.UNVERIFIED.value, "reminded": 0, "escalated": 0}
    return values | _NO_PROPOSAL


def _amend(asked: _Asked) -> Change:
    asked.need_words("nội dung đính chính")
    truth = asked.act.veracity or asked.case.veracity
    values: dict[str, Any] = {"veracity": truth.value, "statement": asked.text}
    need_fitting(truth, asked.act.outcome)
    if asked.act.outcome is not None:
        values["outcome"] = asked.act.outcome.value
    elif truth in (Veracity.FALSE, Veracity.UNDECIDED) and truth is not asked.case.veracity:
        values["outcome"] = None  # that of the finding that is withdrawn
    return Change(Kind.AMEND, values, asked.text, {"veracity": truth.value})


def _note(asked: _Asked) -> Change:
    asked.need_words("nội dung ghi chú")
    return Change(Kind.NOTE, {}, asked.text)


def _acknowledge(asked: _Asked) -> Change:
    return Change(Kind.ACKNOWLEDGE, _received(asked), asked.text)


def _not_ours(asked: _Asked) -> Change:
    asked.need_words("lý do không thuộc thẩm quyền")
    times = asked.case.returned + 1
    hold = f"{asked.case.unit_name} trả lại (lần {times}): {asked.text}"
    candidates = [asked.act.unit_id] if asked.act.unit_id else []
    values = {"state": S.PROPOSED.value, "returned": times, "hold": hold}
    values |= {"candidates": candidates, "acknowledged_at": None}
    data = {
        "from": asked.case.unit_id,
        "suggests": asked.act.unit_id or None,
        "suggests_text": asked.act.unit_name,
    }
    return Change(Kind.NOT_OURS, values, asked.text, data)


def _answer(asked: _Asked) -> Change:
    truth = asked.act.veracity
    if truth is None or truth not in FITTING:
        raise MoveRefused("Hãy chọn một kết luận: đúng, đúng một phần, không đúng, chưa rõ.")
    need_fitting(truth, asked.act.outcome)
    asked.need_words("kết quả xác minh")
    values = _received(asked) if asked.case.state is S.SENT else {}
    values |= {"state": S.ANSWERED.value, "answered_at": asked.now, "statement": asked.text}
    values |= {"proposed_veracity": truth.value}
    values |= {"proposed_outcome": asked.act.outcome.value if asked.act.outcome else None}
    promise = Promise(asked.text, asked.act.due) if asked.act.due else None
    _need_future(asked)
    data = {"veracity": truth.value, "outcome": values["proposed_outcome"]}
    return Change(Kind.ANSWER, values, asked.text, data | _day(asked.act.due), promise)


def _progress(asked: _Asked) -> Change:
    asked.need_words("tiến độ xử lý")
    if asked.act.due is None:
        raise MoveRefused("Hãy ghi ngày dự kiến hoàn thành.")
    _need_future(asked)
    values = _received(asked) if asked.case.state is S.SENT else {}
    promise = Promise(asked.text, asked.act.due)
    return Change(Kind.PROGRESS, values, asked.text, _day(asked.act.due), promise)


_NO_PROPOSAL: dict[str, Any] = {
    "proposed_veracity": None,
    "proposed_outcome": None,
    "statement": "",
}
_MOVES: Mapping[Kind, Callable[[_Asked], Change]] = {
    Kind.APPROVE: _approve,
    Kind.DISMISS: _dismiss,
    Kind.ASSIGN: _assign,
    Kind.CORRECT: _correct,
    Kind.CLOSE: _close,
    Kind.SEND_BACK: _send_back,
    Kind.REOPEN: _reopen,
    Kind.AMEND: _amend,
    Kind.NOTE: _note,
    Kind.ACKNOWLEDGE: _acknowledge,
    Kind.NOT_OURS: _not_ours,
    Kind.ANSWER: _answer,
    Kind.PROGRESS: _progress,
}


def _received(asked: _Asked) -> dict[str, Any]:
    values: dict[str, Any] = {"state": S.ACKNOWLEDGED.value, "acknowledged_at": asked.now}
    values |= {"reminded": 0, "escalated": 0}  # the ladder begins anew with the next clock
    if asked.case.veracity is Veracity.UNVERIFIED:
        values["veracity"] = Veracity.CHECKING.value
    return values


def _need_future(asked: _Asked) -> None:
    if asked.act.due is not None and asked.act.due < asked.today:
        raise MoveRefused("Ngày dự kiến đã qua: hãy chọn một ngày từ hôm nay trở đi.")
    if asked.act.due is not None and asked.act.due > asked.today + FARTHEST:
        raise MoveRefused("Ngày dự kiến quá xa: hãy chọn một ngày trong 5 năm tới.")


def _day(due: date | None) -> dict[str, str]:
    return {"due": due.isoformat()} if due else {}

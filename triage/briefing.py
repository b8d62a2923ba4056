"""The brief of one case: what, where, since when, on what evidence, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from triage.case import CaseState
from triage.digest import Link, next_due
from triage.entrywords import ENTRY
from triage.paper import Line, Paper, Part, lines
from triage.record import CaseRecord, Commitment
from triage.wording import (
    ANSWER,
    OUTCOME,
    STATE,
    VERACITY,
    day_text,
    late_text,
    moment_text,
    one_line,
    severity_text,
)

#: What fits on a page.
_MOST_LINKS, _MOST_LINES = 6, 8
_PROMISE_STATE = {"open": "chưa đến hẹn", "kept": "đã giữ lời", "late": "trễ hẹn"}


def happened(kind: str, text: str) -> str:
    """Return one line of history in words; who did it is not for a brief."""
    words = ENTRY.get(kind, kind)
    words = words[:1].upper() + words[1:]
    # Why it was opened stands in a line of its own.
    return words if not text or kind.startswith("opened") else f"{words}: {text}"


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that a brief of a case is written from. Texts are masked.

    `topics` are names; `evidence` the original reports, oldest first, `copies` what they
    reprinted; `history` what happened, in words, oldest first; `then` the unit that was
    responsible on the day of the report, where it is another.
    """

    case: CaseRecord
    province: str
    made_at: datetime
    day: date
    topics: tuple[str, ...]
    first_at: datetime
    evidence: tuple[Link, ...]
    outlets: int
    copies: int
    history: tuple[tuple[datetime, str], ...]
    commitments: tuple[Commitment, ...]
    why: tuple[str, ...] = ()
    then: str = ""


def case_paper(found: Dossier) -> Paper:
    """Return the brief as a paper of one page."""
    case = found.case
    return Paper(
        subject=f"Tóm tắt vụ việc số {case.case_id}: {one_line(case.title, 120)}",
        province=found.province,
        made_at=found.made_at,
        kind="TÓM TẮT VỤ VIỆC",
        small=True,
        parts=(
            Part("Nội dung phản ánh", tuple(_what(found))),
            Part("Căn cứ", tuple(_evidence(found))),
            Part("Đã yêu cầu và được trả lời", tuple(_answers(found))),
            Part("Tình trạng và thời hạn", tuple(_standing(found))),
            Part("Diễn biến", tuple(_history(found))),
        ),
    )


def _what(found: Dossier) -> Iterator[Line]:
    case = found.case
    yield Line(f"Việc: {case.title} ({VERACITY[case.veracity]}).")
    yield from lines(case.gist)
    yield Line(
        f"Nơi xảy ra: {case.place or 'chưa rõ'}. Phản ánh từ {day_text(found.first_at)}. "
        f"Mức độ: {severity_text(case.severity).lower()}. Lĩnh vực: {'; '.join(found.topics)}."
    )
    if case.recurs_of:
        yield Line(f"Đã từng xảy ra: vụ việc số {case.recurs_of}.")


def _evidence(found: Dossier) -> Iterator[Line]:
    copies = f", {found.copies} bản đăng lại" if found.copies else ""
    yield Line(f"{found.outlets} nguồn độc lập{copies}.")
    for link in found.evidence[:_MOST_LINKS]:
        day = f" ({day_text(link.day)})" if link.day else ""
        said = f": {one_line(link.title, 160)}" if link.title else ""
        yield Line(f"{link.outlet}{said}{day}", link.url)
    if len(found.evidence) > _MOST_LINKS:
        yield Line(f"… và {len(found.evidence) - _MOST_LINKS} tin khác.")


def _answers(found: Dossier) -> Iterator[Line]:
    case = found.case
    then = f" (lúc xảy ra: {found.then})" if found.then else ""
    yield Line(f"Đơn vị phụ trách: {case.unit_name or 'chưa rõ'}{then}.")
    if case.sent_at is None:
        yield Line("Chưa gửi đơn vị nào.")
        return
    yield Line(
        f"Gửi {moment_text(case.sent_at)}, đề nghị xác minh và trả lời; "
        f"đã nhắc {case.reminded} lần, báo cấp trên {case.escalated} lần, "
        f"đơn vị trả lại {case.returned} lần."
    )
    if case.proposed and case.state is not CaseState.CLOSED:
        said = f": {case.statement}" if case.statement else ""
        yield Line(f"Đơn vị trả lời ({ANSWER[case.proposed]}, chờ xác nhận){said}")
    elif case.state is CaseState.CLOSED:
        yield from lines(f"Kết luận đã xác nhận: {case.statement}" if case.statement else "")
    elif case.answered_at is None:
        yield Line("Chưa nhận được kết quả xác minh.")
    for one in found.commitments:
        state = "trễ hẹn" if one.late_on(found.day) else _PROMISE_STATE.get(one.state, "đã rút")
        yield Line(f"Hẹn ngày {day_text(one.due)} ({state}): {one.text}")


def _standing(found: Dossier) -> Iterator[Line]:
    case = found.case
    ended = f", ngày {day_text(case.closed_at)}" if case.closed_at else ""
    outcome = f"; kết quả: {OUTCOME[case.outcome]}" if case.outcome else ""
    yield Line(f"Hiện nay: {STATE[case.state]}{ended}{outcome}.")
    if case.deadlines is None:
        yield Line("Chưa có hạn: vụ việc chưa được gửi đi.")
        return
    clocks = case.deadlines
    for what, due, done in (
        ("Báo đã tiếp nhận", clocks.acknowledge, case.acknowledged_at),
        ("Trả lời kết quả xác minh", clocks.verify, case.answered_at),
        ("Báo cáo kết quả cuối cùng", clocks.final, case.closed_at),
    ):
        yield Line(f"{what}: hạn {moment_text(due)}; {_kept(due, done, found)}.")
    running = next_due(case.state, clocks)
    if running and running.at < found.made_at:
        yield Line(f"Đang quá hạn {running.what} {late_text(running.at, found.made_at)}.")


def _kept(due: datetime, done: datetime | None, found: Dossier) -> str:
    if done is not None:
        word = "đúng hạn" if done <= due else f"trễ {late_text(due, done)}"
        return f"đã làm {moment_text(done)}, {word}"
    return f"quá hạn {late_text(due, found.made_at)}" if due < found.made_at else "chưa đến hạn"


def _history(found: Dossier) -> Iterator[Line]:
    for at, words in _shortened(found.history):
        yield Line(f"{day_text(at)}: {one_line(words, 200)}")
    if found.why:
        yield Line(f"Vì sao thành vụ việc: {one_line('; '.join(found.why), 300)}")


def _shortened(history: Sequence[tuple[datetime, str]]) -> Sequence[tuple[datetime, str]]:
    """Keep the beginning and the latest of a long history."""
    if len(history) <= _MOST_LINES:
        return history
    skipped = len(history) - _MOST_LINES
    gap = (history[1][0], f"… {skipped} bước khác …")
    return (*history[:1], gap, *history[-(_MOST_LINES - 1) :])

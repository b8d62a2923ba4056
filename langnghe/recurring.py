"""What is remembered of the last outbreak when a problem returns."""

from __future__ import annotations

from dataclasses import dataclass

from langnghe.app import App
from storage import cases, commitments
from storage.db import Session
from triage.wording import OUTCOME, day_text

_BROKEN = "late"


@dataclass(frozen=True, slots=True)
class Memory:
    """How the last case ended, in words, and the promises of it that were not kept."""

    words: tuple[str, ...]
    broken: tuple[int, ...]


def remember(app: App, session: Session, number: int | None) -> Memory:
    """Say how case `number` ended and which of its promised days have passed unkept."""
    last = cases.get(session, number) if number is not None else None
    if last is None or number is None:
        return Memory((), ())
    ended = f"ngày {day_text(last.closed_at)}" if last.closed_at else "trước đây"
    outcome = OUTCOME[last.outcome] if last.outcome else "không ghi kết quả"
    words = [f"Tái diễn: vụ việc số {number} kết thúc {ended}, {outcome}"]
    today = app.today()
    late = [one for one in commitments.open_promises(session, [number]) if one.due < today]
    words += [
        f"Lời hứa đến ngày {day_text(one.due)} chưa được thực hiện: {one.text}" for one in late
    ]
    return Memory(tuple(words), tuple(one.id for one in late))


def settle_broken(app: App, session: Session, memory: Memory, old: int, new: int) -> None:
    """Mark what was promised and not kept, and say so in the history of the old case."""
    now = app.clock()
    note = f"Vấn đề tái diễn, vụ việc số {new}"
    for promise in memory.broken:
        if commitments.settle(session, promise, _BROKEN, now, "machine", note):
            cases.entry(session, old, now, "machine", "promise_late", note, {"promise": promise})

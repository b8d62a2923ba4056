"""Keeping what people and units do with a case, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.cases import LIVE, entry
from storage.models import CaseEntryRow, CaseRow, CommitmentRow, EventRow
from triage.act import BY_UNIT, COLUMNS, Change, Kind, MoveRefused, Standing
from triage.case import CaseOutcome, CaseState, Veracity

#: Lines after which a decision cannot simply be taken back: somebody outside was told.
_TOLD = ("sent", "asked_again", "closing_sent")
_AT = "at:"
_MACHINE = "machine"


def standing(session: Session, case_id: int) -> Standing | None:
    """Return where a case stands, locked until the end of the transaction; None without it."""
    row = session.scalar(select(CaseRow).where(CaseRow.id == case_id).with_for_update())
    if row is None:
        return None
    return Standing(
        state=CaseState(row.state),
        unit_id=row.unit_id,
        unit_name=row.unit_name,
        veracity=Veracity(row.veracity),
        severity=row.severity,
        topics=tuple(row.topics),
        returned=row.returned,
        was_sent=row.sent_at is not None,
        proposed_veracity=Veracity(row.proposed_veracity) if row.proposed_veracity else None,
        proposed_outcome=CaseOutcome(row.proposed_outcome) if row.proposed_outcome else None,
        statement=row.statement,
    )


def keep(
    session: Session,
    case_id: int,
    before: CaseState,
    change: Change,
    at: datetime,
    who: str,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write a change, the line of history with what it replaced, and the promise made.

    Raises `MoveRefused` where the case left the state `before` meanwhile: of two people who
    act at once, the second is told. So it does where a case would come back beside another.
    """
    row = session.get_one(CaseRow, case_id)
    _check_alone(session, row, change.values, change.kind)
    old = {name: _plain(getattr(row, name)) for name in change.values}
    _write(session, case_id, before, change.values)
    kept = {**change.data, **(data or {})}
    if old:
        kept["before"] = old
    entry(session, case_id, at, who, change.kind.value, change.text, kept)
    if change.promise is not None:
        promised = change.promise
        session.add(
            CommitmentRow(
                case_id=case_id,
                kind="promise",
                text=promised.text,
                by=who,
                members=[],
                made_at=at,
                due=promised.due,
                state="open",
                note="",
            )
        )
    session.flush()


def undo(session: Session, case_id: int, at: datetime, who: str, why: str) -> str:
    """Take the last decision of a person back and return its kind.

    Raises `MoveRefused` where there is none, where a unit acted since, or where a mail
    already told of it: then only a new decision can put it right. So it does where the
    problem has another open case by now.
    """
    lines = list(
        session.scalars(
            select(CaseEntryRow)
            .where(CaseEntryRow.case_id == case_id)
            .order_by(CaseEntryRow.seq.desc())
        )
    )
    undone = {line.data["undoes"] for line in lines if line.kind == Kind.UNDO.value}
    for line in lines:
        if line.kind in _TOLD:
            raise MoveRefused("Không thể hoàn tác: thư về quyết định này đã được gửi đi.")
        if line.seq in undone or "before" not in line.data:
            continue
        if line.kind in [kind.value for kind in BY_UNIT]:
            raise MoveRefused("Không thể hoàn tác: đơn vị đã trả lời sau quyết định này.")
        row, values = session.get_one(CaseRow, case_id), replaced(line.data)
        _check_alone(session, row, values, Kind.UNDO)
        _write(session, case_id, CaseState(row.state), values)
        entry(session, case_id, at, who, Kind.UNDO.value, why, {"undoes": line.seq})
        return line.kind
    raise MoveRefused("Không có quyết định nào để hoàn tác.")


def in_hand(session: Session, case_id: int) -> bool:
    """Say whether somebody decided about a case: the machine then leaves its proposal alone."""
    decided = [kind.value for kind in Kind if kind is not Kind.NOTE]
    query = select(CaseEntryRow.seq).where(
        CaseEntryRow.case_id == case_id,
        CaseEntryRow.kind.in_(decided),
        CaseEntryRow.who != _MACHINE,
    )
    return session.scalar(query.limit(1)) is not None


def _check_alone(session: Session, row: CaseRow, values: Mapping[str, Any], kind: Kind) -> None:
    """Refuse to bring a case back where its problem has an open one already.

    The event is locked, so that of two cases that are brought back at once one is refused.
    """
    if CaseState(row.state) in LIVE or CaseState(values.get("state", row.state)) not in LIVE:
        return
    root = select(func.coalesce(EventRow.merged_into, EventRow.id)).where(
        EventRow.id == row.event_id
    )
    event = session.scalar(root)
    session.execute(select(EventRow.id).where(EventRow.id == event).with_for_update())
    inner = select(EventRow.id).where(EventRow.merged_into == event)
    query = select(CaseRow.id).where(
        CaseRow.event_id.in_([event, *session.scalars(inner)]),
        CaseRow.id != row.id,
        CaseRow.state.in_([state.value for state in LIVE]),
    )
    other = session.scalar(query.order_by(CaseRow.id).limit(1))
    if other is not None:
        words = "hoàn tác" if kind is Kind.UNDO else "mở lại"
        raise MoveRefused(f"Không thể {words}: sự việc này đã có vụ việc đang mở số {other}.")


def _write(session: Session, case_id: int, before: CaseState, values: Mapping[str, Any]) -> None:
    strange = set(values) - set(COLUMNS)
    if strange:
        raise ValueError(f"not for a move to change: {sorted(strange)}")
    if not values:
        return
    written = session.scalar(
        update(CaseRow)
        .where(CaseRow.id == case_id, CaseRow.state == before.value)
        .values(**values)
        .returning(CaseRow.id)
    )
    if written is None:
        raise MoveRefused("Vụ việc vừa được người khác xử lý; hãy tải lại.")
    session.expire(session.get_one(CaseRow, case_id))


def _plain(value: Any) -> Any:
    return f"{_AT}{value.isoformat()}" if isinstance(value, datetime) else value


def replaced(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that a line of history replaced, as they were before it."""
    return {
        name: datetime.fromisoformat(value.removeprefix(_AT))
        if isinstance(value, str) and value.startswith(_AT)
        else value
        for name, value in data.get("before", {}).items()
    }

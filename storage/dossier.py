"""Everything that is kept about one case, for whoever asks why it is as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.cases import CaseEntry, StoredCase, by_rows
from storage.commitments import Entry, of_case
from storage.models import (
    AssessmentRow,
    CaseEntryRow,
    CaseRow,
    NoticeCaseRow,
    NoticeRow,
)
from triage.notice import WAITING


@dataclass(frozen=True, slots=True)
class KeptAssessment:
    """What triage last said of the event. `parts` are the score's, as they were summed."""

    at: datetime
    score: float
    parts: tuple[Mapping[str, Any], ...]
    verdict: str
    reasons: tuple[str, ...]
    routing: Mapping[str, Any]
    config_hash: str


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """One mail that told of the case, and where it stands in the outbox."""

    key: str
    kind: str
    recipient: str
    message_id: str
    state: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One case with all decisions about it. `returned` counts the times it was "not ours"."""

    case: StoredCase
    unit_now: str | None
    reasons: tuple[str, ...]
    sent_at: datetime | None
    acknowledged_at: datetime | None
    answered_at: datetime | None
    returned: int
    reminded: int
    escalated: int
    config_hash: str
    gazetteer_version: str
    model_version: str
    assessment: KeptAssessment | None
    entries: tuple[CaseEntry, ...]
    notices: tuple[KeptNotice, ...]
    promises: tuple[Entry, ...]


def open_dossier(session: Session, case_id: int) -> Dossier | None:
    """Return all that is kept about a case, or None where there is none."""
    row = session.get(CaseRow, case_id)
    if row is None:
        return None
    return Dossier(
        case=by_rows([row])[0],
        unit_now=row.unit_now,
        reasons=tuple(row.reasons),
        sent_at=row.sent_at,
        acknowledged_at=row.acknowledged_at,
        answered_at=row.answered_at,
        returned=row.returned,
        reminded=row.reminded,
        escalated=row.escalated,
        config_hash=row.config_hash,
        gazetteer_version=row.gazetteer_version,
        model_version=row.model_version,
        assessment=_assessment(session, row.event_id),
        entries=_entries(session, case_id),
        notices=_notices(session, case_id),
        promises=tuple(of_case(session, case_id)),
    )


def _assessment(session: Session, event_id: int) -> KeptAssessment | None:
    row = session.get(AssessmentRow, event_id)
    if row is None:
        return None
    return KeptAssessment(
        at=row.at,
        score=row.score,
        parts=tuple(row.parts),
        verdict=row.verdict,
        reasons=tuple(row.reasons),
        routing=row.routing or {},
        config_hash=row.config_hash,
    )


def _entries(session: Session, case_id: int) -> tuple[CaseEntry, ...]:
    query = select(CaseEntryRow).where(CaseEntryRow.case_id == case_id)
    return tuple(
        CaseEntry(row.seq, row.at, row.who, row.kind, row.text, row.data)
        for row in session.scalars(query.order_by(CaseEntryRow.seq))
    )


def _notices(session: Session, case_id: int) -> tuple[KeptNotice, ...]:
    query = (
        select(NoticeRow)
        .join(NoticeCaseRow, NoticeCaseRow.notice_key == NoticeRow.key)
        .where(NoticeCaseRow.case_id == case_id, NoticeRow.kind != WAITING)
        .order_by(NoticeRow.created_at, NoticeRow.key)
    )
    return tuple(
        KeptNotice(
            key=row.key,
            kind=row.kind,
            recipient=row.recipient,
            message_id=row.message_id,
            state=row.state,
            attempts=row.attempts,
            created_at=row.created_at,
            sent_at=row.sent_at,
            last_error=row.last_error,
        )
        for row in session.scalars(query)
    )

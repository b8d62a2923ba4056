"""Delete whole rows whose term is over, a batch at a time, each with its line in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from storage.erasing import Word
from storage.holds import Held, standing
from storage.models import (
    AuditRow,
    CaseRow,
    DeletionRow,
    FetchRow,
    NoticeCaseRow,
    NoticeRow,
    RoundRow,
)
from triage.case import CaseState
from triage.notice import WAITING

BATCH = 500
_OVER = (CaseState.CLOSED.value, CaseState.DISMISSED.value)
_ENDED = ("sent", "failed", "dropped")


def _mails(before: datetime) -> Select[Any]:
    open_case = exists().where(
        NoticeCaseRow.notice_key == NoticeRow.key,
        NoticeRow.kind != WAITING,  # what people were reminded of is no part of the case
        CaseRow.id == NoticeCaseRow.case_id,
        or_(CaseRow.state.not_in(_OVER), standing(Held.CASE, CaseRow.id)),
    )
    return select(NoticeRow.key).where(
        NoticeRow.created_at < before, NoticeRow.state.in_(_ENDED), ~open_case
    )


def _polls(before: datetime) -> Select[Any]:
    return select(FetchRow.id).where(FetchRow.at < before)


def _rounds(before: datetime) -> Select[Any]:
    """The newest round of each job stays: it tells when the job last ended."""
    later = aliased(RoundRow)
    newer = exists().where(later.job == RoundRow.job, later.id > RoundRow.id)
    used = exists().where(FetchRow.round_id == RoundRow.id)
    return select(RoundRow.id).where(
        RoundRow.scheduled_for < before, RoundRow.finished_at.is_not(None), newer, ~used
    )


def _audit(before: datetime) -> Select[Any]:
    return select(AuditRow.id).where(AuditRow.at < before)


#: What can be pruned, in the order in which one must go before the other.
KINDS: dict[str, tuple[Callable[[datetime], Select[Any]], Any]] = {
    "mail": (_mails, NoticeRow.key),
    "poll": (_polls, FetchRow.id),
    "round": (_rounds, RoundRow.id),
    "audit": (_audit, AuditRow.id),
}


def count(kind: str, before: datetime, session: Session) -> int:
    """Return how many rows of a kind have a term that was over before then."""
    query, _ = KINDS[kind]
    return session.scalar(select(func.count()).select_from(query(before).subquery())) or 0


def prune(kind: str, before: datetime, session: Session, word: Word) -> int:
    """Delete one batch of a kind and write it down; return how many rows went, 0 at the end."""
    query, key = KINDS[kind]
    keys = list(session.scalars(query(before).order_by(key).limit(BATCH)))
    if keys:
        if kind == "mail":
            _with_cases(session, keys)
        session.execute(delete(key.class_).where(key.in_(keys)))
        session.add(
            DeletionRow(
                at=word.at, kind=kind, key=f"{keys[0]}..{keys[-1]}", number=len(keys), sha256="",
                rule=word.rule, who=word.who, why=word.why,
            )
        )  # fmt: skip
        session.flush()
    return len(keys)


def _with_cases(session: Session, keys: Sequence[str]) -> None:
    session.execute(delete(NoticeCaseRow).where(NoticeCaseRow.notice_key.in_(keys)))

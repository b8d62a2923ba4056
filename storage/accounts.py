"""Who may sign in, who is signed in, and what they looked at and did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.models import AccountRow, AuditRow, InviteRow, WebSessionRow

#: Subjects that people know by their number.
_NUMBERED = ("case", "event", "item")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signs in. `unit_id` is set for the role of a unit."""

    id: int
    login: str
    name: str
    role: str
    unit_id: str | None
    language: str
    password_hash: str
    disabled: bool
    created_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invite:
    """A link that is good once: for a first password, or a new one."""

    login: str
    role: str
    unit_id: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing that was looked at, exported or changed."""

    at: datetime
    who: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def accounts(session: Session) -> list[Account]:
    """Return all accounts by login."""
    return [_account(row) for row in session.scalars(select(AccountRow).order_by(AccountRow.login))]


def holders(session: Session, role: str) -> list[int]:
    """Return the ids of the accounts of a role that can sign in, and hold them as they are.

    Whoever wants to change one of them meanwhile waits until this transaction ends.
    """
    query = (
        select(AccountRow.id)
        .where(AccountRow.role == role, AccountRow.disabled_at.is_(None))
        .order_by(AccountRow.id)
        .with_for_update()
    )
    return list(session.scalars(query))


def by_login(session: Session, login: str) -> Account | None:
    """Return the account of a login name, which is kept in small letters."""
    row = session.scalar(select(AccountRow).where(AccountRow.login == login.lower()))
    return _account(row) if row else None


def create(session: Session, invite: Invite, name: str, password_hash: str, at: datetime) -> int:
    """Make the account of an invitation, or set a new password where it exists.

    A new password ends every session that stands.
    """
    row = session.scalar(select(AccountRow).where(AccountRow.login == invite.login.lower()))
    if row is None:
        row = AccountRow(
            login=invite.login.lower(),
            name=name,
            password_hash=password_hash,
            role=invite.role,
            unit_id=invite.unit_id,
            created_at=at,
        )
        session.add(row)
    else:
        row.password_hash = password_hash
        row.name = name or row.name
        session.execute(delete(WebSessionRow).where(WebSessionRow.account_id == row.id))
    session.flush()
    return row.id


def change(session: Session, account_id: int, **values: Any) -> None:
    """Set columns of an account; a change of role or a block ends its sessions."""
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(**values))
    if values.keys() & {"role", "unit_id", "disabled_at", "password_hash"}:
        session.execute(delete(WebSessionRow).where(WebSessionRow.account_id == account_id))


def invite(session: Session, key: str, new: Invite, at: datetime) -> None:
    """Keep an invitation under the hash of its link; earlier ones of the same login end."""
    end_invites(session, new.login, at)
    session.add(
        InviteRow(
            id=key,
            login=new.login.lower(),
            role=new.role,
            unit_id=new.unit_id,
            created_at=at,
            expires_at=new.expires_at,
        )
    )
    session.flush()


def end_invites(session: Session, login: str, at: datetime) -> None:
    """Make every link of a login that was not used worth nothing."""
    left = (InviteRow.login == login.lower()) & InviteRow.used_at.is_(None)
    session.execute(update(InviteRow).where(left).values(used_at=at))


def invited(session: Session, key: str, now: datetime) -> Invite | None:
    """Return an invitation that is still good, leaving it so."""
    row = session.get(InviteRow, key)
    if row is None or row.used_at is not None or row.expires_at <= now:
        return None
    return Invite(row.login, row.role, row.unit_id, row.expires_at)


def use_invite(session: Session, key: str, now: datetime) -> Invite | None:
    """Take an invitation: of two who come with one link, one gets it."""
    row = session.execute(
        update(InviteRow)
        .where(InviteRow.id == key, InviteRow.used_at.is_(None), InviteRow.expires_at > now)
        .values(used_at=now)
        .returning(InviteRow.login, InviteRow.role, InviteRow.unit_id, InviteRow.expires_at)
    ).first()
    return Invite(*row) if row else None


def sign_in(session: Session, key: str, account_id: int, now: datetime, until: datetime) -> None:
    """Begin a session under the hash of its cookie."""
    session.add(
        WebSessionRow(
            id=key, account_id=account_id, created_at=now, seen_at=now, expires_at=until, data={}
        )
    )
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(seen_at=now))
    session.flush()


def signed_in(session: Session, key: str, now: datetime) -> tuple[Account, datetime] | None:
    """Return whose session it is and when it began; None where it ended or is blocked."""
    found = session.execute(
        select(AccountRow, WebSessionRow.created_at)
        .join(WebSessionRow, WebSessionRow.account_id == AccountRow.id)
        .where(
            WebSessionRow.id == key,
            WebSessionRow.expires_at > now,
            AccountRow.disabled_at.is_(None),
        )
    ).first()
    return (_account(found[0]), found[1]) if found else None


def prolong(session: Session, key: str, now: datetime, until: datetime) -> None:
    """Note that a session is used, and let it last longer."""
    session.execute(
        update(WebSessionRow).where(WebSessionRow.id == key).values(seen_at=now, expires_at=until)
    )


def sign_out(session: Session, key: str) -> None:
    """End a session."""
    session.execute(delete(WebSessionRow).where(WebSessionRow.id == key))


def forget_ended(session: Session, now: datetime) -> None:
    """Remove sessions that ended."""
    session.execute(delete(WebSessionRow).where(WebSessionRow.expires_at <= now))


def note(session: Session, line: AuditLine) -> None:
    """Add one line to the audit."""
    session.add(
        AuditRow(
            at=line.at,
            who=line.who,
            action=line.action,
            subject=line.subject,
            detail=dict(line.detail),
        )
    )
    session.flush()


def audit(
    session: Session, *, before: int | None = None, about: str = "", limit: int = 100
) -> list[tuple[int, AuditLine]]:
    """Return lines of the audit with their numbers, newest first, older than `before`.

    `about` is a subject, the number of a case, event or item, or the login of who did it.
    """
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditRow.id < before)
    if about:
        subjects = [about, *(f"{kind}:{about}" for kind in _NUMBERED)]
        by = AuditRow.who == f"account:{about.lower()}"
        query = query.where(AuditRow.subject.in_(subjects) | by)
    return [
        (row.id, AuditLine(row.at, row.who, row.action, row.subject, row.detail))
        for row in session.scalars(query)
    ]


def _account(row: AccountRow) -> Account:
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role,
        unit_id=row.unit_id,
        language=row.language,
        password_hash=row.password_hash,
        disabled=row.disabled_at is not None,
        created_at=row.created_at,
        seen_at=row.seen_at,
    )

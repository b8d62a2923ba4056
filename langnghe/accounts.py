"""Accounts of the console: roles, passwords, one-time links, sessions."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from langnghe.app import App
from langnghe.passwords import LONGEST as LONGEST_PASSWORD
from langnghe.passwords import check_password
from storage import accounts
from storage.accounts import Account, AuditLine, Invite
from storage.db import Session

#: A session ends after so long without use, and in any case after so long.
IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
INVITE_LASTS = timedelta(hours=24)


class Role(StrEnum):
    """What somebody may do. Each is told in `MAY`; none of them sees more of persons."""

    ANALYST = "analyst"
    LEAD = "lead"
    UNIT = "unit"
    OPERATOR = "operator"
    ADMIN = "admin"


class Right(StrEnum):
    """Something that takes a right."""

    LOOK = "look"  # queue, cases, events, map, trends, search
    DECIDE = "decide"  # approve, dismiss, correct, assign, close, silence
    LEAD = "lead"  # reopen, amend, policies, exports
    ANSWER = "answer"  # a unit's own cases
    OPERATE = "operate"  # sources, contacts
    ADMIN = "admin"  # accounts
    AUDIT = "audit"
    SELF = "self"  # one's own password and language


MAY: dict[Role, frozenset[Right]] = {
    Role.ANALYST: frozenset({Right.SELF, Right.LOOK, Right.DECIDE}),
    Role.LEAD: frozenset({Right.SELF, Right.LOOK, Right.DECIDE, Right.LEAD, Right.AUDIT}),
    Role.UNIT: frozenset({Right.SELF, Right.ANSWER}),
    Role.OPERATOR: frozenset({Right.SELF, Right.LOOK, Right.OPERATE}),
    Role.ADMIN: frozenset({Right.SELF, Right.LOOK, Right.OPERATE, Right.ADMIN, Right.AUDIT}),
}
# argon2id with the library's defaults: RFC 9106's second recommendation.
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: whose it is, and what the cookie carries."""

    account: Account
    cookie: str


def may(account: Account, right: Right) -> bool:
    """Say whether the account's role has a right."""
    return right in MAY[Role(account.role)]


def fingerprint(secret: str) -> str:
    """Return what is kept of a link or a cookie: a copy of the database opens no door."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_invite(app: App, session: Session, login: str, role: Role, unit: str | None) -> str:
    """Return the secret of a link that is good once for `INVITE_LASTS`; earlier ones end."""
    secret = secrets.token_urlsafe(32)
    now = app.clock()
    new = Invite(login, role.value, unit, now + INVITE_LASTS)
    accounts.invite(session, fingerprint(secret), new, now)
    return secret


def accept_invite(app: App, session: Session, secret: str, name: str, password: str) -> bool:
    """Make the account of a link, or give it a new password; False for a link gone.

    Raises `BadPassword`, leaving the link good.
    """
    invited = accounts.invited(session, fingerprint(secret), app.clock())
    check_password(password, invited.login if invited else "")
    taken = accounts.use_invite(session, fingerprint(secret), app.clock())
    if taken is None:
        return False
    accounts.create(session, taken, name.strip(), _HASHER.hash(password), app.clock())
    line = AuditLine(app.clock(), f"account:{taken.login}", "password_set", taken.login, {})
    accounts.note(session, line)
    return True


def change_password(app: App, session: Session, account: Account, old: str, new: str) -> bool:
    """Give an account a new password and end all its sessions; False where `old` is wrong.

    Raises `BadPassword` where the new one cannot be used.
    """
    try:
        _HASHER.verify(account.password_hash, old[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    check_password(new, account.login)
    accounts.change(session, account.id, password_hash=_HASHER.hash(new))
    accounts.end_invites(session, account.login, app.clock())
    line = AuditLine(app.clock(), f"account:{account.login}", "password_changed", account.login, {})
    accounts.note(session, line)
    return True


def set_blocked(app: App, session: Session, account: Account, *, blocked: bool) -> bool:
    """Let nobody sign in to an account, ending what is signed in, or let them again.

    False, and nothing is changed, where nobody could manage the accounts afterwards. The
    admins are held until the transaction ends: two cannot block one another at once.
    """
    if blocked and accounts.holders(session, Role.ADMIN.value) == [account.id]:
        return False
    accounts.change(session, account.id, disabled_at=app.clock() if blocked else None)
    return True


def sign_in(app: App, session: Session, login: str, password: str) -> SignedIn | None:
    """Begin a session; None where login and password do not belong together.

    An unknown login costs as much time as a wrong password, so that nobody can try names.
    """
    account = accounts.by_login(session, login)
    known = account.password_hash if account and not account.disabled else _NOBODY
    try:
        _HASHER.verify(known, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    if account is None or account.disabled:
        return None
    if _HASHER.check_needs_rehash(known):
        accounts.change(session, account.id, password_hash=_HASHER.hash(password))
    cookie = secrets.token_urlsafe(32)
    now = app.clock()
    accounts.sign_in(session, fingerprint(cookie), account.id, now, now + IDLE)
    return SignedIn(account, cookie)


def current(app: App, session: Session, cookie: str) -> Account | None:
    """Return who is signed in with a cookie, and let the session last while it is used."""
    now, key = app.clock(), fingerprint(cookie)
    found = accounts.signed_in(session, key, now)
    if found is None:
        return None
    account, began = found
    if now >= began + LONGEST:
        accounts.sign_out(session, key)
        return None
    accounts.prolong(session, key, now, min(now + IDLE, began + LONGEST))
    return account


def sign_out(session: Session, cookie: str) -> None:
    """End the session of a cookie."""
    accounts.sign_out(session, fingerprint(cookie))


def invite_link(app: App, secret: str, address: str = "") -> str:
    """Return the address of a one-time link: below the public address, else below `address`."""
    web = app.settings.web
    start = app.settings.public_url.rstrip("/") or address or f"http://{web.host}:{web.port}"
    return f"{start}/moi/{secret}"


def first_link(app: App, address: str) -> str:
    """Return a one-time link that makes the first administrator; "" once there is an account."""
    with app.sessions.begin() as session:
        if accounts.accounts(session):
            return ""
        return invite_link(app, make_invite(app, session, "admin", Role.ADMIN, None), address)

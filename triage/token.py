"""Signed tokens: what an answer link and its forms carry. The home of itsdangerous.

Pure: keys, the present and the random part of a nonce are arguments. A token shows its
key's id in front ("k1.…"), so that keys can be changed while older links still work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from config.errors import LangNgheError

#: What a link is for; part of what is signed, so that no link can serve for another thing.
ANSWER = "answer"
_NONCE = "nonce"
#: Longer than any token of ours; what exceeds it is not looked at.
_MOST_CHARS = 512


class Refusal(StrEnum):
    """Why a token is not taken."""

    FORGED = "forged"
    EXPIRED = "expired"


class TokenRefused(LangNgheError):
    """A token that was not made here, was changed, or is too old; `why` says which."""

    reason = "token"

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Key:
    """A secret that signs. Until `until` it still verifies; None: without end."""

    id: str
    secret: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a link allows: one case, for one unit, while the case's links have this epoch."""

    case_id: int
    unit_id: str
    epoch: int
    expires: datetime
    purpose: str = ANSWER


@dataclass(frozen=True, slots=True)
class FormMark:
    """What a form carries: a nonce, taken once, and the last move its reader had seen."""

    nonce: str
    seen: int
    expires: datetime


def sign(scope: Scope, keys: Sequence[Key]) -> str:
    """Return the token of `scope`, signed with the newest key: the last of `keys`."""
    values = [scope.case_id, scope.unit_id, scope.epoch, int(scope.expires.timestamp())]
    return _sign(values, scope.purpose, keys[-1])


def read(token: str, keys: Sequence[Key], now: datetime, purpose: str = ANSWER) -> Scope:
    """Return what `token` allows. Raises `TokenRefused`.

    Whether the case still has that unit and epoch, and is open, is for the caller to see.
    """
    values = _read(token, purpose, keys, now)
    match values:
        case [int(case_id), str(unit_id), int(epoch), int(until)]:
            expires = datetime.fromtimestamp(until, UTC)
        case _:
            raise TokenRefused(Refusal.FORGED)
    if now >= expires:
        raise TokenRefused(Refusal.EXPIRED)
    return Scope(case_id, unit_id, epoch, expires, purpose)


def sign_form(token: str, mark: FormMark, keys: Sequence[Key]) -> str:
    """Return what a form of the page behind `token` carries to be taken once."""
    values = [mark.nonce, mark.seen, int(mark.expires.timestamp())]
    return _sign(values, _form_purpose(token), keys[-1])


def read_form(text: str, token: str, keys: Sequence[Key], now: datetime) -> FormMark:
    """Return the mark of a form sent under `token`. Raises `TokenRefused`."""
    values = _read(text, _form_purpose(token), keys, now)
    match values:
        case [str(nonce), int(seen), int(until)]:
            expires = datetime.fromtimestamp(until, UTC)
        case _:
            raise TokenRefused(Refusal.FORGED)
    if now >= expires:
        raise TokenRefused(Refusal.EXPIRED)
    return FormMark(nonce, seen, expires)


def _form_purpose(token: str) -> str:
    return f"{_NONCE}.{hashlib.sha256(token.encode()).hexdigest()}"


def _sign(values: list[Any], purpose: str, key: Key) -> str:
    return f"{key.id}.{_serializer(purpose, key).dumps(values)}"


def _read(token: str, purpose: str, keys: Sequence[Key], now: datetime) -> Any:
    if len(token) > _MOST_CHARS or not token.isascii():
        raise TokenRefused(Refusal.FORGED)
    named, _, signed = token.partition(".")
    key = next((key for key in keys if key.id == named), None)
    if key is None:
        raise TokenRefused(Refusal.FORGED)
    try:
        values = _serializer(purpose, key).loads(signed)
    except BadData:
        raise TokenRefused(Refusal.FORGED) from None
    # Base64 writes one signature in several ways (its last letter has unused bits). Only the
    # one we wrote is ours, or a token that was changed on the way would be accepted.
    if _sign(values, purpose, key) != token:
        raise TokenRefused(Refusal.FORGED)
    if key.until is not None and now >= key.until:
        raise TokenRefused(Refusal.EXPIRED)
    return values


def _serializer(purpose: str, key: Key) -> URLSafeSerializer:
    return URLSafeSerializer(
        key.secret,
        salt=f"langnghe.{purpose}.{key.id}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )

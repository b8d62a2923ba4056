"""Signed tokens: what they let through is exactly what was signed, while it may be used."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.token import (
    FormMark,
    Key,
    Refusal,
    Scope,
    TokenRefused,
    read,
    read_form,
    sign,
    sign_form,
)

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
DAY = timedelta(days=1)
OLD = Key("k1", "một bí mật cũ đủ dài để ký")
NEW = Key("k2", "một bí mật mới đủ dài để ký")
SCOPE = Scope(7, "ubnd-xa-an-hiep", 0, NOW + 30 * DAY)
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


def why(token: str, *keys: Key, now: datetime = NOW, purpose: str = "answer") -> Refusal:
    with pytest.raises(TokenRefused) as caught:
        read(token, keys, now, purpose)
    return caught.value.why


scopes = st.builds(
    Scope,
    case_id=st.integers(1, 2**40),
    unit_id=st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=60),
    epoch=st.integers(0, 99),
    expires=st.integers(1, 10**6).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    purpose=st.sampled_from(["answer", "login"]),
)


@given(scopes)
@settings(max_examples=200, deadline=None)
def test_reads_back_what_was_signed_until_it_expires(scope: Scope) -> None:
    token = sign(scope, [OLD, NEW])

    assert read(token, [OLD, NEW], NOW, scope.purpose) == scope
    assert read(token, [NEW], scope.expires - timedelta(seconds=1), scope.purpose) == scope
    assert why(token, NEW, now=scope.expires, purpose=scope.purpose) is Refusal.EXPIRED
    assert why(token, NEW, purpose="other") is Refusal.FORGED


@given(scopes, scopes)
@settings(max_examples=100, deadline=None)
def test_tokens_of_different_scopes_share_nothing(one: Scope, other: Scope) -> None:
    first, second = sign(one, [NEW]), sign(other, [NEW])
    mixed = f"{first.rpartition('.')[0]}.{second.rpartition('.')[2]}"

    assert (first == second) == (one == other)
    if one != other:
        assert why(mixed, NEW, purpose=one.purpose) is Refusal.FORGED


def test_every_change_of_one_character_is_refused() -> None:
    token = sign(SCOPE, [NEW])

    for at in range(len(token)):
        for letter in URL_SAFE:
            if letter != token[at]:
                assert why(f"{token[:at]}{letter}{token[at + 1 :]}", NEW) is Refusal.FORGED
        assert why(token[:at] + token[at + 1 :], NEW) is Refusal.FORGED


def test_a_second_spelling_of_the_same_signature_is_refused() -> None:
    token = sign(SCOPE, [NEW])
    head, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "=")
    same = [
        letter
        for letter in URL_SAFE[:-1]
        if base64.urlsafe_b64decode(signature[:-1] + letter + "=") == raw
    ]

    assert len(same) == 4
    others = [f"{head}.{signature[:-1]}{letter}" for letter in same if letter != signature[-1]]
    assert [why(other, NEW) for other in others] == [Refusal.FORGED] * 3
    assert why(f"{token}=", NEW) is Refusal.FORGED


def test_newest_key_signs_and_older_ones_verify_until_retired() -> None:
    token = sign(SCOPE, [OLD])
    retiring = replace(OLD, until=NOW + DAY)

    assert sign(SCOPE, [OLD, NEW]).startswith("k2.")
    assert read(token, [retiring, NEW], NOW) == SCOPE
    assert why(token, retiring, NEW, now=NOW + DAY) is Refusal.EXPIRED
    assert why(token, NEW) is Refusal.FORGED
    assert why(token, replace(OLD, secret=NEW.secret), NEW) is Refusal.FORGED


@pytest.mark.parametrize(
    "token",
    ["", ".", "k2", "k2.", "k2..", "k2.W10.x", "k2." + "A" * 10_000, "k2.…", "\x00", "k2.\ud800"],
)
def test_what_was_never_a_token_is_refused(token: str) -> None:
    assert why(token, NEW) is Refusal.FORGED


def test_a_form_belongs_to_one_link_and_is_no_link() -> None:
    link, other = sign(SCOPE, [NEW]), sign(replace(SCOPE, case_id=8), [NEW])
    mark = FormMark("nonce", 3, NOW + DAY)
    form = sign_form(link, mark, [NEW])

    assert read_form(form, link, [NEW], NOW) == mark
    for text, token, now, reason in (
        (form, other, NOW, Refusal.FORGED),
        (link, link, NOW, Refusal.FORGED),
        (form, link, NOW + DAY, Refusal.EXPIRED),
    ):
        with pytest.raises(TokenRefused) as caught:
            read_form(text, token, [NEW], now)
        assert caught.value.why is reason
    assert why(form, NEW) is Refusal.FORGED

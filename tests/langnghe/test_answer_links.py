"""Plan T15: no link but the right one is accepted, and looking never changes anything."""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner
from web_samples import (
    DAY,
    NOW,
    OTHER_UNIT,
    UNIT,
    Forms,
    client,
    clock,
    dump,
    installation,
    link,
    post,
    sent_case,
    state,
)

from config.errors import ConfigError
from langnghe.answering import LinkEnded, view
from langnghe.app import App
from langnghe.cli import app as command
from langnghe.correspond import correspond
from langnghe.links import answer_link, answer_token, key_file, keys, rotate
from storage import answers, cases, contacts, outbox
from triage.token import Key, Scope, TokenRefused, read, sign

N = 10_000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> App:
    return installation(engine, tmp_path)


def forgeries(app: App, case: int, other: int, dropped: Key) -> Iterator[str]:
    """Yield bad links for ever: of each kind one after the other, no two kinds alike."""
    chance = random.Random(15)  # noqa: S311 (a repeatable test, no secret)
    good = answer_token(app, case, UNIT, 0)
    second = answer_token(app, other, UNIT, 0)
    scope = Scope(case, UNIT, 0, NOW + 90 * DAY)
    ours = keys(app)
    liar = replace(ours[-1], secret="kẻ giả mạo tự nghĩ ra khóa này")

    def flipped() -> str:
        raw = bytearray(good.encode())
        for _ in range(chance.randint(1, 3)):
            raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(7)
        return raw.decode()

    def swapped() -> str:
        at = chance.randrange(len(good))
        return good[:at] + chance.choice(LETTERS) + good[at + 1 :]

    def cut() -> str:
        at = chance.randrange(len(good))
        return chance.choice([good[:at], good[at:], good + chance.choice(LETTERS), good[::-1]])

    def spliced() -> str:
        one, two = good.split("."), second.split(".")
        return ".".join(chance.choice([a, b]) for a, b in zip(one, two, strict=True))

    def other_scope() -> Scope:
        return replace(
            scope,
            case_id=chance.choice([case, other, 10**6 + chance.randrange(10**6)]),
            epoch=chance.randrange(3),
            expires=NOW + chance.randrange(1, 999) * DAY,
        )

    makers: tuple[Callable[[], str], ...] = (
        flipped,
        swapped,
        cut,
        spliced,
        lambda: sign(other_scope(), [liar]),  # a key of one's own under our key's name
        lambda: sign(other_scope(), [dropped]),  # a key that was dropped
        lambda: sign(replace(other_scope(), purpose=chance.choice(["login", "", "answers"])), ours),
        lambda: sign(replace(scope, unit_id=chance.choice([OTHER_UNIT, "", UNIT + "x"])), ours),
        lambda: sign(replace(scope, epoch=chance.choice([1, -1, 7])), ours),
        lambda: sign(replace(scope, case_id=10**6 + chance.randrange(10**6)), ours),
        lambda: sign(replace(scope, expires=NOW - chance.randrange(10**6) * DAY / 10**5), ours),
    )
    while True:
        for make in makers:
            token = make()
            if token not in (good, second):
                yield token


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_of_ten_thousand_bad_links_none_is_accepted(app: App, engine: Engine) -> None:
    case, other = sent_case(app, 1), sent_case(app, 2)
    dropped = keys(app)[-1]
    rotate(app, drop=True)
    bad = forgeries(app, case, other, dropped)
    before = dump(engine)

    refused = 0
    for token, _ in zip(bad, range(N), strict=False):
        with pytest.raises((TokenRefused, LinkEnded)):
            view(app, token)
        refused += 1

    assert refused == N
    assert view(app, answer_token(app, case, UNIT, 0)).linked.case.brief.case_id == case
    assert dump(engine) == before


def good_half(app: App, case: int) -> str:
    """Return a link that a mail program broke with a slash."""
    token = answer_token(app, case, UNIT, 0)
    return f"{token[:20]}/{token[20:]}"


def test_bad_links_get_one_of_two_pages_whatever_is_done_with_them(
    app: App, engine: Engine
) -> None:
    case, other = sent_case(app, 1), sent_case(app, 2)
    dropped = keys(app)[-1]
    rotate(app, drop=True)
    bad = forgeries(app, case, other, dropped)
    pages: dict[tuple[str, int], set[str]] = {}
    with client(app) as browser:
        form = Forms(browser.get(link(app, case)))
        before = dump(engine)
        broken = chain(["", "a/b", good_half(app, case)], bad)
        for token, number in zip(broken, range(330), strict=False):
            address = "/tra-loi/" + "".join(f"%{byte:02x}" for byte in token.encode())
            method = ("GET", "HEAD", "POST")[number % 3]
            sent = {"files": form.fields("acknowledged")} if method == "POST" else {}
            got = browser.request(method, address, **sent)
            pages.setdefault((method, got.status_code), set()).add(got.text)
        untouched = [(name, rows) for name, rows in dump(engine) if name != "rate"]

    assert {status for _, status in pages} <= {403, 404, 405, 410}
    assert all(len(texts) == 1 for texts in pages.values()), pages.keys()
    assert [name for name, rows in before if (name, rows) not in [*untouched, (name, [])]] == []
    assert state(app, case) == state(app, other) == "sent"
    for texts in pages.values():
        assert "kênh" not in "".join(texts)


def test_looking_changes_nothing(app: App, engine: Engine) -> None:
    case = sent_case(app)
    address = link(app, case)
    before = dump(engine)

    with client(app) as browser:
        for method in ("GET", "HEAD", "OPTIONS", "GET"):
            for query in ("", "?da=acknowledged", "?kind=acknowledged&text=x", "?lang=en"):
                assert browser.request(method, address + query).status_code in (200, 204, 405)
        assert browser.head(address).content == b""

    assert dump(engine) == before


def test_link_ends_with_time_revocation_hand_over_and_close(app: App) -> None:
    case = sent_case(app)
    address = link(app, case)

    def status() -> int:
        with client(app) as browser:
            return browser.get(address).status_code

    def change(**values: Any) -> None:
        with app.sessions.begin() as session:
            cases.change(session, case, **values)

    assert status() == 200
    for values, back in (
        ({"state": "closed"}, {"state": "sent"}),
        ({"state": "dismissed"}, {"state": "sent"}),
        ({"unit_id": OTHER_UNIT}, {"unit_id": UNIT}),
        ({"link_epoch": 1}, {"link_epoch": 0}),
    ):
        change(**values)
        assert status() == 410
        change(**back)
        assert status() == 200
    clock(app).now += app.settings.link_days * DAY
    assert status() == 410


def test_turned_key_signs_anew_and_old_links_work_until_they_expire(app: App) -> None:
    case = sent_case(app)
    old = answer_token(app, case, UNIT, 0)
    clock(app).now += 100 * DAY
    first = rotate(app)
    young = answer_token(app, case, UNIT, 0)
    clock(app).now += DAY
    rotate(app)

    assert young.startswith(f"{first.id}.")
    assert len(keys(app)) == 3
    assert view(app, old)
    assert view(app, young)
    clock(app).now = NOW + app.settings.link_days * DAY
    with pytest.raises(TokenRefused):
        view(app, old)
    assert view(app, young)
    clock(app).now += 101 * DAY
    rotate(app)
    assert len(keys(app)) == 2, "a key whose links have all expired is not kept"


def test_processes_that_start_at_once_share_one_key(app: App) -> None:
    found: list[tuple[Key, ...]] = []
    gate = threading.Barrier(8)

    def start() -> None:
        gate.wait(10)
        found.append(keys(app))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(found) == 8
    assert len(set(found)) == 1
    assert key_file(app).stat().st_mode & 0o777 == 0o600
    assert {path.name for path in key_file(app).parent.iterdir()} == {
        "links.json",
        ".links.json.lock",
    }


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"keys": []}', '{"keys": [{"id": "a"}]}', "\x00"]
)
def test_broken_key_file_is_named_and_not_replaced(app: App, text: str) -> None:
    path = key_file(app)
    path.parent.mkdir()
    path.write_text(text)

    with pytest.raises(ConfigError, match=r"links\.json"):
        keys(app)
    assert path.read_text() == text


def test_mail_gets_a_link_only_where_the_address_is_known(app: App, tmp_path: Path) -> None:
    case = sent_case(app)
    silent = installation(app.engine, tmp_path, public_url="")
    below = installation(app.engine, tmp_path, public_url="http://may-chu.example/lang-nghe/")

    assert answer_link(silent, case, UNIT, 0) == ""
    assert answer_link(app, case, UNIT, 0).startswith("https://langnghe.example/tra-loi/")
    assert answer_link(below, case, UNIT, 0).startswith("http://may-chu.example/lang-nghe/tra-loi/")
    with client(below) as browser:
        assert 'href="/lang-nghe/static/style.css' in browser.get(link(below, case)).text


def test_mail_to_the_unit_holds_a_link_that_works_and_copies_hold_none(app: App) -> None:
    case = sent_case(app, copies=(OTHER_UNIT,))
    with app.sessions.begin() as session:
        cases.change(session, case, state="approved", sent_at=None)
        contacts.confirm(session, UNIT, "mot@vidu.example", "test", NOW)
        contacts.confirm(session, OTHER_UNIT, "hai@vidu.example", "test", NOW)

    correspond(app, "r1")

    with app.sessions.begin() as session:
        claimed = outbox.claim(session, NOW + DAY, "test", 60, 10)
    texts = {one.notice.recipient: one.notice.text + one.notice.html for one in claimed}
    assert set(texts) == {"mot@vidu.example", "hai@vidu.example"}
    links = set(
        re.findall(r"https://langnghe\.example(/tra-loi/[\w.-]+)", texts["mot@vidu.example"])
    )
    assert len(links) == 1
    assert "/tra-loi/" not in texts["hai@vidu.example"]
    with client(app) as browser:
        assert browser.get(links.pop()).status_code == 200


def test_commands_make_revoke_and_rotate(
    app: App, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = sent_case(app)
    monkeypatch.setenv("LANGNGHE_PUBLIC_URL", "https://langnghe.example")
    monkeypatch.setenv("LANGNGHE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LANGNGHE_DATABASE_URL", engine.url.render_as_string(hide_password=False))

    def call(*words: str) -> list[dict[str, Any]]:
        result = CliRunner().invoke(command, ["links", *words])
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def token(made: list[dict[str, Any]]) -> Scope:
        found: str = made[0]["link"]
        return read(found.rpartition("/")[2], keys(app), app.clock())

    first = token(call("make", str(case)))
    assert (first.case_id, first.unit_id, first.epoch) == (case, UNIT, 0)
    assert call("revoke", str(case)) == [{"case": case, "epoch": 1}]
    assert token(call("make", str(case))).epoch == 1
    with app.views() as session:
        linked = answers.linked(session, case)
        assert linked is not None
        assert linked.epoch == 1
    assert [one["signs"] for one in call("rotate")] == [False, True]
    assert [one["signs"] for one in call("rotate", "--drop")] == [True]
    for words in (("make", "999"), ("revoke", "999")):
        assert CliRunner().invoke(command, ["links", *words]).exit_code == 1
    monkeypatch.setenv("LANGNGHE_PUBLIC_URL", "")
    result = CliRunner().invoke(command, ["links", "make", str(case)])
    assert result.exit_code == 2
    assert "public_url" in result.stderr


def test_unit_of_one_case_cannot_answer_another(app: App) -> None:
    mine, theirs = sent_case(app, 1), sent_case(app, 2, unit_id=OTHER_UNIT)
    with client(app) as browser:
        forms = Forms(browser.get(link(app, mine)))
        got = post(browser, link(app, theirs, OTHER_UNIT), "acknowledged", forms=forms)

        assert got.status_code == 403, "a form of another link"
        assert post(browser, link(app, mine), "acknowledged").status_code == 303
    assert (state(app, mine), state(app, theirs)) == ("acknowledged", "sent")

"""What a unit does under its answer link: looking changes nothing, a form is taken once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.errors import LangNgheError
from langnghe.app import App
from langnghe.asking import addresses
from langnghe.deciding import Actor, act
from langnghe.links import keys
from langnghe.mailing import links
from storage import answers, attachments, evidence
from storage.answers import LinkedCase
from storage.attachments import NewFile
from storage.db import Session
from triage.act import BY_UNIT, Act, Kind
from triage.case import CaseState
from triage.moves import ALLOWED
from triage.token import FormMark, Scope, read, read_form, sign_form

#: The states in which nobody answers any more.
OVER = (CaseState.CLOSED, CaseState.DISMISSED)
#: How long a page may lie open before its forms must be sent again.
_FORM_LIFE = timedelta(hours=24)
#: Bytes that no row tells of are cleared away after this long.
_ORPHAN_GRACE = timedelta(days=1)


class LinkEnded(LangNgheError):
    """A link that was good once: revoked, its case is over, or another unit's by now."""

    reason = "link_ended"


class Overtaken(LangNgheError):
    """The case was changed since the form was shown."""

    reason = "overtaken"


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows: the case, its evidence, what can be done, and a mark for each form.

    `units` are (id, name) of those that a case may be said to belong to.
    """

    linked: LinkedCase
    links: tuple[tuple[str, str, str], ...]
    marks: Mapping[Kind, str]
    units: tuple[tuple[str, str], ...]


def admit(app: App, token: str) -> Scope:
    """Return what a link allows. Raises `TokenRefused`; asks no database."""
    return read(token, keys(app), app.clock())


def view(app: App, token: str) -> View:
    """Return what the page of a link shows, changing nothing.

    Raises `TokenRefused`, and `LinkEnded` for a link that was good once.
    """
    scope = admit(app, token)
    with app.views() as session:
        linked = _still_good(session, scope)
        event = linked.case.brief.event_id
        line = evidence.of_events(session, [event]).get(event)
    state = linked.case.brief.state
    can = [kind for kind in BY_UNIT if state in ALLOWED[kind]]
    marks = {kind: _mark(app, token, linked.last_move) for kind in can}
    return View(linked, links(line) if line else (), marks, _units(app, scope.unit_id))


def take(
    app: App, token: str, form: str, asked: Act, files: Sequence[NewFile] = ()
) -> datetime | None:
    """Do what a form asks, with its files, and return None; when it was taken before: since when.

    One transaction: where anything is refused nothing is kept, and the form can be sent
    again. Raises `TokenRefused` for a form that is not of this link or too old, `LinkEnded`,
    `Overtaken`, and `MoveRefused`.
    """
    scope = admit(app, token)
    now = app.clock()
    mark = read_form(form, token, keys(app), now)
    with app.sessions.begin() as session:
        used = answers.use(session, mark.nonce, now, mark.expires)
        if used is not None:
            return used
        linked = _still_good(session, scope, lock=True)
        if linked.last_move != mark.seen:
            raise Overtaken(str(linked.last_move))
        act(app, session, scope.case_id, asked, Actor(f"unit:{scope.unit_id}", scope.unit_id))
        seq = answers.last_seq(session, scope.case_id)
        keep = timedelta(days=app.settings.attachment_days)
        folder = app.settings.data_dir / "attachments"
        attachments.add(session, folder, scope.case_id, seq, files, now, keep)
    return None


def forget(app: App) -> int:
    """Drop attachments whose time is over, and forms that ended; return how many files went."""
    now = app.clock()
    folder = app.settings.data_dir / "attachments"
    with app.sessions.begin() as session:
        answers.forget_nonces(session, now)
        return attachments.expire(session, folder, now, grace=_ORPHAN_GRACE)


def _still_good(session: Session, scope: Scope, *, lock: bool = False) -> LinkedCase:
    gate = answers.gate(session, scope.case_id, lock=lock)
    if (
        gate is None
        or gate.epoch != scope.epoch
        or gate.unit_id != scope.unit_id
        or gate.state in OVER
    ):
        raise LinkEnded("ended")
    linked = answers.linked(session, scope.case_id)
    if linked is None:
        raise LinkEnded("ended")
    return linked


def _mark(app: App, token: str, seen: int) -> str:
    mark = FormMark(secrets.token_urlsafe(16), seen, app.clock() + _FORM_LIFE)
    return sign_form(token, mark, keys(app))


def _units(app: App, but: str) -> tuple[tuple[str, str], ...]:
    known, today = addresses(app), app.today()
    found = [unit for unit in app.catalog.units.values() if unit.id in known and unit.id != but]
    named = [(unit.id, unit.name) for unit in found if unit.holds_on(today)]
    return tuple(sorted(named, key=lambda one: one[1]))

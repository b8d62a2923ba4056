"""Bringing the day's digest to its readers, each at the hour they asked for, once a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from config.errors import ConfigError
from config.settings import ZONE
from langnghe.app import App
from langnghe.digesting import topics_of
from langnghe.judging import unit_name
from langnghe.mailing import console
from langnghe.report import Report
from langnghe.telling import told
from storage import outbox, subscriptions
from storage.db import Session
from storage.subscriptions import Subscription
from triage.digest import DigestData
from triage.mail import digest_key, digest_notice
from triage.message import is_address
from triage.notice import Notice
from triage.selection import select

#: The settings' readers have always been there.
_ALWAYS = datetime(2000, 1, 1, tzinfo=ZONE)


def readers(app: App, session: Session) -> list[Subscription]:
    """Return who reads the digest: those of the table, and those of the settings.

    An address of the settings gets everything at `digest_at`, unless it subscribed to
    something of its own.
    """
    found = {one.email: one for one in subscriptions.living(session)}
    for email in app.settings.mail.digest_to:
        found.setdefault(email, Subscription(email, (), (), app.settings.digest_at, _ALWAYS))
    return [found[email] for email in sorted(found)]


def mail_readers(app: App) -> Report:
    """Queue today's digest for every reader whose hour has come and who has not got it.

    Hours that were missed are made up on the same day, never on the next. Nothing is
    queued before the digest of the day was made.
    """
    now, day = app.clock(), app.today()
    with app.views() as session:
        waiting = list(_waiting(app, session, now, day))
        data = told(session, day) if waiting else None
    if data is None:
        return Report("readers", notes={"waiting": len(waiting)})
    # Made before the tables are written to: a long digest takes a while to show.
    notices = [_notice(app, data, reader, now) for reader in waiting]
    with app.sessions.begin() as session:
        queued = sum(outbox.queue(session, notice) for notice in notices)
    return Report("readers", queued)


def _notice(app: App, data: DigestData, reader: Subscription, now: datetime) -> Notice:
    units = tuple((unit, unit_name(app, unit)) for unit in reader.units)
    part = select(data, tuple(topics_of(app, reader.topics)), units)
    return digest_notice(
        part,
        reader.email,
        now=now,
        not_before=now,
        domain=app.settings.mail.domain,
        console=console(app),
    )


def new_subscription(
    app: App, email: str, topics: tuple[str, ...], units: tuple[str, ...], at: datetime | None
) -> Subscription:
    """Return a subscription, checked against the catalogue.

    Raises `ConfigError` for an address no mail can be sent to, or for what is not there.
    """
    problems = [f"--topic: {one!r} is no topic" for one in topics if one not in app.catalog.topics]
    problems += [f"--unit: {one!r} is no unit" for one in units if one not in app.catalog.units]
    if not is_address(email):
        problems.append(f"EMAIL: mail cannot be sent to {email!r}")
    if problems:
        raise ConfigError(problems)
    hour = at.time() if at else app.settings.digest_at
    return Subscription(email, topics, units, hour, app.clock())


def _waiting(app: App, session: Session, now: datetime, day: date) -> Iterator[Subscription]:
    due = []
    for reader in readers(app, session):
        moment = datetime.combine(day, reader.at, tzinfo=ZONE)
        # Who subscribes after their hour begins tomorrow.
        if reader.created_at <= moment <= now:
            due.append(reader)
    there = subscriptions.mailed(session, [digest_key(day, reader.email) for reader in due])
    yield from (reader for reader in due if digest_key(day, reader.email) not in there)

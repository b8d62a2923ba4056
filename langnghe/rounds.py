"""A round: the stages in their order. What the scheduler, the command and the demo all run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from config.settings import ZONE
from langnghe import retention
from langnghe.answering import forget
from langnghe.app import App
from langnghe.collect import crawl, forgive
from langnghe.correspond import correspond
from langnghe.delivering import deliver
from langnghe.doubting import doubt
from langnghe.gathering import bury
from langnghe.judging import judge_events
from langnghe.logs import logger
from langnghe.readers import mail_readers
from langnghe.report import Report, RoundReport
from langnghe.sealing import seal
from langnghe.stages import group, index, read
from langnghe.telling import tell, was_told
from storage import leases, rounds

log = logger(__name__)
#: Who makes the digest of a day; dead after so long.
_DIGEST, _DIGEST_S = "digest", 300.0
#: After so long the job that makes the digest has missed its moment.
_LATE = timedelta(minutes=10)


def run_round_at(app: App, scheduled_for: datetime) -> RoundReport:
    """Run one whole round: crawl, read, group, judge, mail.

    A second call for the same moment does nothing: two schedulers cannot run one round
    twice.
    """
    bury(app)
    with app.sessions.begin() as session:
        number = rounds.begin(session, "round", scheduled_for, app.clock())
    if number is None:
        log.info("round taken by another process", scheduled_for=str(scheduled_for))
        return RoundReport(())
    heard = crawl(app, number)
    forgive(app, number)
    stages = (
        heard,
        *understand(app).stages,
        correspond(app, round_name(scheduled_for)),
        deliver(app),
    )
    report = RoundReport(stages)
    with app.sessions.begin() as session:
        rounds.finish(session, number, app.clock(), report.as_dict())
    log.info("round", **report.as_dict())
    return report


def understand(app: App) -> RoundReport:
    """Run the stages that need no network: read, index, group, judge."""
    return RoundReport((read(app), index(app), group(app), judge_events(app)))


def run_digest(app: App, day: date) -> Path:
    """Make the digest of `day` once, write it to the data folder, and mail those due now.

    What waited for the end of the quiet hours goes to the units first, so that the digest
    says so. Returns the HTML file. Repeating it tells the same again and mails nothing twice.
    """
    path = _make_digest(app, day)
    mail_readers(app)
    deliver(app)
    return path


def _make_digest(app: App, day: date) -> Path:
    correspond(app, round_name(app.clock()))
    return tell(app, day)


def slot(at: datetime, minutes: int) -> datetime:
    """Return the moment of the plan that `at` belongs to, rounds being `minutes` apart.

    All schedulers name one round so, and only one of them gets it.
    """
    step = minutes * 60
    return datetime.fromtimestamp(at.timestamp() // step * step, UTC)


def due_slot(app: App) -> datetime:
    """Return the moment of the round that is due now.

    Where the clock was set back, the slot may hold a round of when the clock was here before,
    and others began since: then the round is named by the next free second, or nothing would
    be heard until the clock is where it was.
    """
    now = app.clock()
    at = slot(now, app.settings.crawl_every_minutes)
    with app.views() as session:
        run = rounds.find(session, "round", at)
        if run is None or run.number == rounds.newest(session, "round"):
            return at
        free = now.astimezone(UTC).replace(microsecond=0)
        while rounds.find(session, "round", free):  # mails are known by the second of their round
            free += timedelta(seconds=1)
    return free


def round_name(at: datetime) -> str:
    """Return the name of a round, as the keys of its mails carry it."""
    return f"{at.astimezone(ZONE):%Y%m%dT%H%M%S}"


def run_readers(app: App) -> Report:
    """Queue today's digest for the readers whose hour has come; the next delivery sends it.

    Where the job that makes it missed its moment, it is made now.
    """
    if is_digest_missed(app):
        _make_digest(app, app.today())
    return mail_readers(app)


def is_digest_missed(app: App) -> bool:
    """Say whether the moment of today's digest is over for a while, and there is none."""
    late = datetime.combine(app.today(), app.settings.digest_at, tzinfo=ZONE) + _LATE
    return app.clock() >= late and not was_told(app, app.today())


def run_digest_once(app: App, day: date) -> Path | None:
    """Make the digest of `day` for the scheduler; None where another one does, or did."""
    moment = datetime.combine(day, app.settings.digest_at, tzinfo=ZONE)
    with app.sessions.begin() as session:
        taken = leases.take(session, _DIGEST, app.owner, app.clock(), _DIGEST_S)
        rounds.add(session, _DIGEST, moment, app.clock())
        run = rounds.find(session, _DIGEST, moment)
    if taken is None or run is None or run.finished:
        return None
    path = run_digest(app, day)
    with app.sessions.begin() as session:
        rounds.finish(session, run.number, app.clock(), {"digest": path.name})
        leases.release(session, _DIGEST, app.owner, app.clock())
    return path


def run_daily(app: App) -> None:
    """Seal the evidence of the days that are over, and forget what was kept for long enough.

    Neither can be taken back, so a clock that leapt is not believed before the next day.
    """
    bury(app)  # a process that died over it holds it no longer
    now = app.clock()
    with app.sessions.begin() as session:
        unsure = doubt(session, now)
    if unsure:
        log.warning("the clock leapt; nothing is deleted yet", since=unsure.isoformat())
        return
    seal(app)
    forget(app)
    retention.run(app)


def run_mails(app: App) -> Report:
    """Send what waits in the outbox."""
    return deliver(app)

"""A round: the stages in their order. What the scheduler, the command and the demo all run."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from langnghe.app import App
from langnghe.collect import crawl
from langnghe.judging import judge_events
from langnghe.logs import logger
from langnghe.mailing import deliver, queue_cases
from langnghe.report import Report, RoundReport
from langnghe.stages import group, index, read
from langnghe.telling import tell
from storage import rounds

log = logger(__name__)


def run_round_at(app: App, scheduled_for: datetime) -> RoundReport:
    """Run one whole round: crawl, read, group, judge, mail.

    A second call for the same moment does nothing: two schedulers cannot run one round
    twice.
    """
    with app.sessions.begin() as session:
        number = rounds.begin(session, "round", scheduled_for, app.clock())
    if number is None:
        log.info("round taken by another process", scheduled_for=str(scheduled_for))
        return RoundReport(())
    stages = (
        crawl(app, number),
        *understand(app).stages,
        queue_cases(app, f"{scheduled_for:%Y%m%dT%H%M%S}"),
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
    """Make the digest of `day` once, write it to the data folder, and queue its mail.

    Returns the HTML file. Repeating it tells the same again and mails nothing twice.
    """
    path = tell(app, day)
    deliver(app)
    return path


def run_mails(app: App) -> Report:
    """Send what waits in the outbox."""
    return deliver(app)

"""The stage that sends: notices leave the outbox one at a time, and none is missed.

A notice is claimed before it is sent and settled after, each in a transaction of its
own. Who dies in between leaves it to the next sender, under the same Message-ID; so no
more than one notice a sender and death can arrive twice. Who lives, but cannot settle what
it sent (the disk is full, the database away), remembers it and sends nothing before it can.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta

from langnghe.app import App
from langnghe.logs import logger
from langnghe.report import Report
from langnghe.undeliverable import set_aside
from storage import contacts, outbox
from storage.outbox import ClaimedNotice
from triage.notice import DeliveryDeferred, DeliveryFailed, Fault

log = logger(__name__)
#: A sender that has not reported back after this many seconds is taken for dead. Longer
#: than the longest that a notifier takes over one mail.
LEASE_S = 300
#: A run ends after this many seconds: a mail server that lets every mail wait must not
#: keep a round from ending. The next run, a minute later, goes on.
_LONGEST_RUN_S = 240
#: No two tries of a notice lie further apart, whatever the settings say.
_LONGEST_WAIT_MIN = 24 * 60
#: So many runs begin with the oldest notice while the way is shut; then it stands aside once.
_IN_A_ROW = 60
_ASIDE = timedelta(minutes=2)


def deliver(app: App) -> Report:
    """Send what is due in the outbox.

    A notice that cannot go now is tried again after a growing while; one that is refused
    for good, or was deferred for `give_up_hours`, is set aside for a person. Where the
    way itself is at fault (no connection, log-in refused) the run ends at the first
    notice, and nothing is ever set aside for it: the mails wait until the way is open.
    Does nothing while another thread of this process delivers.
    """
    notes: Counter[str] = Counter(sent=0, deferred=0, failed=0)
    if app.delivering.acquire(blocking=False):
        try:
            _run(app, notes)
        finally:
            app.delivering.release()
    return Report("deliver", notes["sent"], notes["failed"], dict(notes))


def _run(app: App, notes: Counter[str]) -> None:
    begin = time.monotonic()
    _ = app.notifier  # where it cannot be made, nothing is claimed
    _mark_sent(app)
    with app.sessions.begin() as session:
        outbox.expire(session, app.owner, app.clock())  # an earlier run could not settle these
        held = outbox.mend(session, app.clock(), LEASE_S, max(_steps(app)))
    if held:
        log.warning("the clock went back", notices=held)
    while time.monotonic() - begin < _LONGEST_RUN_S:
        with app.sessions.begin() as session:
            claimed = outbox.claim(session, app.clock(), app.owner, LEASE_S, 1)
        if not claimed:
            return
        outcome, fault = _deliver_one(app, claimed[0])
        notes[outcome] += 1
        if fault is Fault.SERVER:
            return


def _deliver_one(app: App, claimed: ClaimedNotice) -> tuple[str, Fault | None]:
    notice = claimed.notice
    try:
        app.notifier.send(notice)
    except DeliveryDeferred as error:
        if error.fault is not Fault.SERVER and _hopeless(app, claimed):
            set_aside(app, notice, error)
            return "failed", error.fault
        _defer(app, claimed, error)
        return "deferred", error.fault
    except DeliveryFailed as error:
        set_aside(app, notice, error)
        return "failed", error.fault
    except Exception as error:  # noqa: BLE001 (one notice must not stop the others)
        defect = DeliveryFailed(f"cannot be sent: {type(error).__name__}", Fault.MESSAGE)
        set_aside(app, notice, defect)
        return "failed", defect.fault
    app.unmarked[notice.key] = app.clock()
    _mark_sent(app)
    return "sent", None


def _mark_sent(app: App) -> None:
    """Mark what this process sent. Where that fails, nothing else is sent before it succeeds."""
    if not app.unmarked:
        return
    with app.sessions.begin() as session:
        for key, at in app.unmarked.items():
            recipient = outbox.sent(session, key, at)
            if recipient is None:
                log.warning("sent, but another sender had taken it over", key=key)
            else:
                contacts.works(session, recipient)
    app.unmarked.clear()


def _defer(app: App, claimed: ClaimedNotice, error: DeliveryDeferred) -> None:
    key, again = claimed.notice.key, app.clock() + _patience(app, claimed, error)
    refused = None if error.fault is Fault.SERVER else _refused_since(app, claimed)
    with app.sessions.begin() as session:
        outbox.deferred(session, key, app.owner, str(error), again, refused)
    if error.fault is Fault.SERVER:
        log.error("mails cannot leave", way=app.notifier.where, error=str(error))
    else:
        log.warning("notice not delivered", key=key, error=str(error))


def _hopeless(app: App, claimed: ClaimedNotice) -> bool:
    """Say whether a notice was tried for long enough, and often enough, while the way was open.

    The second counts where the clock jumped: a notice tried once is not hopeless.
    """
    waited = app.clock() - _refused_since(app, claimed)
    often = claimed.refusals >= len(app.settings.retry_minutes)
    return often and waited > timedelta(hours=app.settings.give_up_hours)


def _refused_since(app: App, claimed: ClaimedNotice) -> datetime:
    """Return since when it is put off; now, for the first time or where the clock was ahead."""
    now = app.clock()
    return min(claimed.refused_at or now, now)


def _steps(app: App) -> list[timedelta]:
    minutes = app.settings.retry_minutes or (60,)
    return [timedelta(minutes=min(max(one, 1), _LONGEST_WAIT_MIN)) for one in minutes]


def _patience(app: App, claimed: ClaimedNotice, error: DeliveryDeferred) -> timedelta:
    """Return how long to wait before the next try: the last step is repeated.

    Where the way is shut the run ends anyway, and the next one begins with the same notice:
    it keeps its place before the younger ones. Now and then another one has a try, should
    this one alone be what the server does not like.
    """
    if error.fault is Fault.SERVER:
        return timedelta() if claimed.attempts % _IN_A_ROW else _ASIDE
    steps = _steps(app)
    return steps[min(claimed.refusals, len(steps) - 1)]

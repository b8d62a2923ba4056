"""The room in which events are gathered and judged: one process at a time, whoever it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from config.errors import LangNgheError
from langnghe.app import App
from langnghe.owners import is_dead
from storage import leases, outbox
from storage.db import Session

_NAME = "gather"
#: A holder that has not kept anything for so long is taken for dead.
LEASE_S = 120.0


class RoomLostError(LangNgheError):
    """Another process took the room over, because this one was too slow."""

    reason = "room-lost"


class Room:
    """The room, while it is held. `undisturbed`: nobody else was in since this process left."""

    def __init__(self, app: App, *, undisturbed: bool) -> None:
        self._app = app
        self.undisturbed = undisturbed

    def keep(self, session: Session) -> None:
        """Make sure, in the transaction that writes, that the room is still ours.

        Raises `RoomLostError` where it is not; then nothing of the transaction is kept.
        """
        if not leases.hold(session, _NAME, self._app.owner, self._app.clock(), LEASE_S):
            raise RoomLostError("another process took over the grouping of events")

    def renew(self) -> None:
        """Say that the room is in use still, where nothing is written for a while."""
        with self._app.sessions.begin() as session:
            self.keep(session)


@contextmanager
def gathering(app: App) -> Iterator[Room | None]:
    """Hold the room while the block runs; None where another process is in it."""
    with app.sessions.begin() as session:
        taken = leases.take(session, _NAME, app.owner, app.clock(), LEASE_S)
    if taken is None:
        yield None
        return
    try:
        yield Room(app, undisturbed=taken.before == app.owner)
    finally:
        with app.sessions.begin() as session:
            leases.release(session, _NAME, app.owner, app.clock())


def bury(app: App) -> int:
    """End the leases of processes of this machine that died, and say how many processes.

    Without it nobody takes their work, or sends the mail they were at, before the leases
    end by themselves.
    """
    now = app.clock()
    with app.sessions.begin() as session:
        at_work = {*leases.holders(session, now), *outbox.senders(session, now)}
        dead = sorted(one for one in at_work if is_dead(one))
        for owner in dead:
            leases.expire(session, owner, now)
            outbox.expire(session, owner, now)
    return len(dead)

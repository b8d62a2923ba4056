"""Hold a lease through work that takes longer than the lease: renewed from a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.errors import LangNgheError
from langnghe.app import App
from langnghe.logs import logger
from storage import leases
from storage.db import Session

log = logger(__name__)


class LeaseLostError(LangNgheError):
    """The work under a lease was too slow or cut off from the database; another does it."""

    reason = "lease-lost"
    retryable = True


class Held:
    """A lease while it is held."""

    def __init__(self, app: App, name: str, seconds: float) -> None:
        self.name, self.seconds = name, seconds
        self._app = app
        self._lost = threading.Event()
        self._over = threading.Event()
        self._renewed = time.monotonic()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise `LeaseLostError` where the lease may be somebody else's by now."""
        if self._lost.is_set() or time.monotonic() - self._renewed > self.seconds:
            raise LeaseLostError(f"lost the lease {self.name}")

    def keep(self, session: Session) -> None:
        """Make sure, in the transaction that writes, that the lease is ours; else raise."""
        if not leases.hold(session, self.name, self._app.owner, self._app.clock(), self.seconds):
            raise LeaseLostError(f"lost the lease {self.name}")

    def stop(self) -> None:
        """Renew no more."""
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self.seconds / 4):
            try:
                with self._app.sessions.begin() as session:
                    self.keep(session)
                self._renewed = time.monotonic()
            except LeaseLostError:
                self._lost.set()
                return
            except Exception as error:  # noqa: BLE001 (a database that is away for a moment)
                log.warning("lease not renewed", lease=self.name, error=type(error).__name__)


@contextmanager
def holding(app: App, name: str, seconds: float) -> Iterator[Held | None]:
    """Hold the lease `name` while the block runs; None where another process has it."""
    with app.sessions.begin() as session:
        taken = leases.take(session, name, app.owner, app.clock(), seconds)
    if taken is None:
        yield None
        return
    held = Held(app, name, seconds)
    try:
        yield held
    finally:
        held.stop()
        with app.sessions.begin() as session:
            leases.release(session, name, app.owner, app.clock())

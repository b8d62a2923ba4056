"""Turns at hosts among all workers, kept in the table of hosts."""

from __future__ import annotations

from langnghe.app import App, system_clock
from storage import hosts


class HostTurns:
    """What a crawl asks before each request. Real time, for it is a pause between requests."""

    def __init__(self, app: App) -> None:
        self._app = app

    def take(self, host: str, hold: float) -> tuple[str, float]:
        """Return (token, 0.0) where `host` is ours for `hold` seconds, else ("", seconds left)."""
        with self._app.sessions.begin() as session:
            return hosts.take(session, host, system_clock(), hold)

    def give_back(self, host: str, token: str, rest: float) -> None:
        """End a turn: nobody asks `host` for `rest` seconds."""
        with self._app.sessions.begin() as session:
            hosts.give_back(session, host, token, system_clock(), rest)

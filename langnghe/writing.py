"""Whether the tables can be written to, found out by trying."""

from __future__ import annotations

from langnghe.alarm import watched
from langnghe.app import App
from storage import leases


def try_tables(app: App) -> None:
    """Write a row and take it back. Raises what the database says against it."""
    name = f"try:{app.owner}"
    with app.sessions() as session:
        leases.take(session, name, app.owner, app.clock(), 1.0)
        session.rollback()


def watch_tables(app: App) -> None:
    """Let the alarm of this process say whether the tables can be written to.

    For a process that shows pages beside others that work. On SQLite it does nothing: there
    the jobs of the process itself set the alarm, and a try would have to wait for them.
    """
    if app.engine.dialect.name != "sqlite":
        watched(app.alarm, app.clock, "tables", lambda: try_tables(app))()

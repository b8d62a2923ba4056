"""A table that somebody else holds: no job waits for it for ever, and it is told in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from storage import db, rounds
from storage.errors import Trouble, trouble


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_table_held_by_another_program(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "BUSY_S", 1)
    url = engine.url.render_as_string(hide_password=False)
    mine, now = db.open_database(url), datetime(2026, 3, 2, tzinfo=UTC)
    with engine.begin() as other:
        other.execute(text("LOCK TABLE round IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(OperationalError) as told, db.sessions(mine).begin() as session:
            rounds.add(session, "round", now, now)
    assert trouble(told.value) is Trouble.LOCKED
    with db.sessions(mine).begin() as session:
        assert rounds.add(session, "round", now, now)
    mine.dispose()

"""The server takes the lock, and the rows, from a process that went silent."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from storage import leader
from storage.db import open_database
from storage.errors import database_lost
from storage.leader import Leader, drop_when_silent

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        not os.environ.get("LANGNGHE_TEST_POSTGRES"),
        reason="LANGNGHE_TEST_POSTGRES names no server",
    ),
]
_PATIENT = text("SET statement_timeout = '60s'")


@pytest.fixture
def two(
    postgres_engine: Engine, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Engine, Engine]]:
    """Engines of two processes, silence being two seconds."""
    monkeypatch.setattr(leader, "SILENT_S", 2)
    engines = open_database(postgres_url), open_database(postgres_url)
    yield engines
    for one in engines:
        one.dispose()


def test_a_leader_that_went_silent_loses_the_lock(two: tuple[Engine, Engine]) -> None:
    first, second = Leader(two[0], "silent"), Leader(two[1], "silent")
    assert first.take()
    assert not second.take()
    with two[1].connect() as connection:  # waits until the lock falls, whoever asks for it
        connection.execute(_PATIENT)
        where = {"room": leader._ROOM, "key": first._key}
        connection.execute(text("SELECT pg_advisory_lock(:room, :key)"), where)
        connection.execute(text("SELECT pg_advisory_unlock(:room, :key)"), where)
    assert not first.stands()
    first.leave()
    assert second.take() or second.take()  # its own connection was silent as well
    second.leave()


def test_rows_of_a_process_that_went_silent_are_free(two: tuple[Engine, Engine]) -> None:
    drop_when_silent(two[0])
    put = text("INSERT INTO host_state VALUES ('silent.vn', now())")
    with two[0].connect() as stopped, two[1].connect() as other:
        stopped.execute(put)
        other.execute(_PATIENT)
        other.execute(put)  # waits for the other transaction to end
        other.rollback()
        with pytest.raises(DBAPIError) as caught:
            stopped.execute(text("SELECT 1"))
    assert database_lost(caught.value)

"""A mail server that misbehaves and senders that are killed: no mail is missed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from mail_torture import FAULTS, SCRIPTS, TRIES, script, storm
from sqlalchemy import Engine

sys.path.insert(0, str(Path(__file__).parent.parent / "triage"))
from smtp_servers import certificate, free_port


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """Certificates and keys of a server nobody vouches for, and of a good one."""
    folder = tmp_path_factory.mktemp("tls")
    made = [certificate(folder, name)[0] for name in ("khac.example", "localhost")]
    return tuple((one, one.with_suffix(".key")) for one in made)


@pytest.fixture
def ready(tmp_path: Path, sqlite_template: Path) -> Path:
    """A folder with an empty database."""
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "langnghe.db")
    return tmp_path


@pytest.mark.slow
def test_a_thousand_mails_through_twenty_kills_and_every_kind_of_fault(ready: Path) -> None:
    done = storm(free_port(), ready, notices=1000, kills=20, server_kills=3, faults=FAULTS)

    assert (done.sender_kills, done.server_kills >= 1, done.set_aside > 0) == (20, True, True)
    assert (done.missed, done.open, done.changed, done.stray) == (0, 0, 0, 0)
    assert done.accepted == done.notices + done.repeated


@pytest.mark.slow
def test_two_senders_at_once_share_the_work_through_kills(tmp_path: Path, engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    folder = tmp_path / "operator"

    done = storm(free_port(), folder, notices=120, kills=4, faults=FAULTS, url=url, senders=2)

    assert done.sender_kills >= 2
    assert (done.missed, done.open, done.changed, done.stray) == (0, 0, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_server_that_fails_in_one_way_costs_time_and_no_mail(name, ready, tls) -> None:
    minutes = 8 if name in ("lost after DATA", "silent after DATA") else 90

    done = script(name, free_port(), ready, tls, notices=5, minutes=minutes)

    assert (done["as_expected"], done["missed"], done["open"], done["changed"]) == (True, 0, 0, 0)
    assert done["stray"] == 0
    if SCRIPTS[name][1]:
        assert done["tries"] == [0]
    elif SCRIPTS[name][0].startswith(("RCPT", "DATA")):
        assert done["tries"] == [minute for minute in TRIES if minute < minutes]

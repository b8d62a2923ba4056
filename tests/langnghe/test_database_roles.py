"""The two roles of `ops/postgresql/`: the service works as one that may change no table."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from console_desk import Person
from console_scene import scene
from mailroom import a_case
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError
from web_samples import UNIT, link, post, state

from config.errors import LangNgheError
from langnghe.accounts import Role
from langnghe.app import App
from langnghe.pressfolder import load_press
from langnghe.pressserver import serve_press
from langnghe.retention import HistoryKept, forget
from langnghe.retention import run as run_retention
from langnghe.rounds import run_digest, run_round_at
from storage import cases
from storage.db import healthy, migrate, open_database
from storage.erasing import ERASED

ROLES = Path(__file__).parents[2] / "ops" / "postgresql"
SERVER = os.environ.get("LANGNGHE_TEST_POSTGRES", "")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not SERVER, reason="LANGNGHE_TEST_POSTGRES names no server"),
    pytest.mark.skipif(not shutil.which("psql"), reason="psql is not installed"),
]


@dataclass(frozen=True)
class Roles:
    """A database that the shipped files set up, under names of this test alone."""

    name: str

    def url(self, who: str, database: str | None = None) -> str:
        url = make_url(SERVER).set(database=database or self.name)
        if who:
            url = url.set(username=f"{self.name}_{who}", password=self.name)
        return url.render_as_string(hide_password=False)

    def run(self, words: str, who: str = "", database: str | None = None) -> None:
        """Let psql run a shipped file, with our names in place of its own."""
        words = re.sub(r"\blangnghe(?=_owner|_service|\b)", self.name, words)
        url = self.url(who, database).replace("postgresql+psycopg", "postgresql")
        command = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", url]
        subprocess.run(command, input=words, text=True, check=True, timeout=60)


@pytest.fixture(scope="module")
def roles() -> Iterator[Roles]:
    """The roles and an empty database, dropped at the end."""
    made = Roles(f"langnghe_roles_{uuid.uuid4().hex[:8]}")
    made.run((ROLES / "roles.sql").read_text("utf-8"), database="postgres")
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for who in ("owner", "service"):
            connection.execute(text(f"ALTER ROLE {made.name}_{who} PASSWORD '{made.name}'"))
    yield made
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {made.name} WITH (FORCE)"))
        for who in ("owner", "service"):
            connection.execute(text(f"DROP ROLE {made.name}_{who}"))
    server.dispose()


@pytest.fixture(scope="module")
def service(roles: Roles) -> Iterator[Engine]:
    """The database as the service sees it, after the owner made the tables."""
    early = open_database(roles.url("service"))
    with pytest.raises(LangNgheError, match="langnghe migrate` as the owner"):
        migrate(early)
    early.dispose()
    owner = open_database(roles.url("owner"))
    migrate(owner)
    owner.dispose()
    roles.run((ROLES / "append_only.sql").read_text("utf-8"), who="owner")
    engine = open_database(roles.url("service"))
    migrate(engine)
    assert healthy(engine) is None
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE x (a int)",
        "CREATE TEMPORARY TABLE x (a int)",
        "CREATE SCHEMA x",
        "DROP TABLE item",
        "ALTER TABLE item ADD COLUMN x int",
        "TRUNCATE item",
        "UPDATE audit SET who = 'x'",
        "DELETE FROM audit",
        "UPDATE case_entry SET text = 'x'",
        "DELETE FROM case_entry",
        "UPDATE deletion SET sha256 = ''",
        "DELETE FROM deletion",
        "UPDATE alembic_version SET version_num = '0001'",
        "COPY item TO '/tmp/x'",
        "SELECT pg_read_file('/etc/hostname')",
    ],
)
def test_service_may_not(service: Engine, statement: str) -> None:
    with (
        service.connect() as connection,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner|privileges of"),
    ):
        connection.execute(text(statement))


def test_people_and_units_work_on_it(service: Engine, tmp_path: Path) -> None:
    made = scene(service, tmp_path)
    lan = Person(made.app, "lan", Role.LEAD).sign_in()
    proposed, *_, sent, _, _, _ = made.cases
    decide = f"/vu-viec/{proposed}/quyet-dinh"

    assert lan.post(decide, kind="approved").status_code == 303
    assert lan.post(decide, kind="undone").status_code == 303
    assert lan.post(decide, kind="dismissed", code="other", text="Trùng.").status_code == 303
    assert lan.get("/tim-kiem?q=rac").status_code == 200
    assert lan.get("/nhat-ky").status_code == 200
    unit = UNIT.replace("an-hiep", "ba-tri")
    answered = post(lan.browser, link(made.app, sent, unit), "acknowledged")

    assert (state(made.app, proposed), answered.status_code) == ("dismissed", 303)
    assert state(made.app, sent) == "acknowledged"


def test_what_the_service_may_not_delete_is_told_and_the_owner_does_it(
    roles: Roles, service: Engine, tmp_path: Path
) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    with service.begin() as connection:
        line = (
            "INSERT INTO audit (at, who, action, subject, detail) VALUES (:at, 'a', 'b', 'c', '{}')"
        )
        connection.execute(text(line), {"at": old})

    def run(who: str) -> object:
        app = App(None, data_dir=tmp_path, database_url=roles.url(who), retention={"audit_days": 1})
        app.clock = lambda: datetime(2026, 1, 1, tzinfo=UTC)  # type: ignore[method-assign]
        done = run_retention(app)["audit"]
        app.engine.dispose()
        return done

    assert "vai trò chủ" in str(run("service"))
    assert run("owner") == 1


def test_nothing_is_forgotten_where_the_history_may_not_change(
    roles: Roles, service: Engine, tmp_path: Path
) -> None:
    app = App(None, data_dir=tmp_path, database_url=roles.url("service"))
    app.__dict__["engine"] = service
    case = a_case(app, 77)
    with app.sessions.begin() as session:
        item = session.scalar(text("SELECT id FROM item WHERE url = 'http://bao.example/77'"))
        title = session.scalar(
            text("SELECT title FROM item_version WHERE item_id = :n"), {"n": item}
        )
        cases.entry(session, case, app.clock(), "machine", "evidence", str(title))
    with pytest.raises(HistoryKept, match="owner"):
        forget(app, int(item or 0), "yêu cầu", "analyst:a")
    assert not (tmp_path / "forgotten.jsonl").exists()
    assert title in _words(service, case)

    owner = App(None, data_dir=tmp_path, database_url=roles.url("owner"))
    assert forget(owner, int(item or 0), "yêu cầu", "analyst:a") == [case]
    owner.engine.dispose()
    assert _words(service, case) == {ERASED}


def _words(engine: Engine, case: int) -> set[str]:
    """Return the headline of a case and what its history repeats of it."""
    with engine.connect() as connection:
        asked = (
            'SELECT title FROM "case" WHERE id = :n UNION '
            "SELECT text FROM case_entry WHERE case_id = :n AND kind = 'evidence'"
        )
        return set(connection.scalars(text(asked), {"n": case}))


@pytest.mark.slow
def test_rounds_and_digest_run_on_it(roles: Roles, service: Engine, tmp_path: Path) -> None:
    press = load_press()
    now = [press.rounds[0].crawl_at]
    with serve_press(press) as server:
        app = App(
            press.config,
            clock=lambda: now[0],
            data_dir=tmp_path,
            database_url=roles.url("service"),
            crawl={"proxy": server.url, "allow_private": True},
        )
        for moment in press.rounds[:4]:
            now[0] = moment.crawl_at
            server.set_now(moment.crawl_at)
            report = run_round_at(app, moment.crawl_at)
            assert report.failed == 0
            now[0] = moment.digest_at
            assert run_digest(app, moment.digest_at.date()).exists()
        app.engine.dispose()
    with service.connect() as connection:
        told = connection.scalar(text("SELECT count(*) FROM notice WHERE state = 'sent'"))

    assert told

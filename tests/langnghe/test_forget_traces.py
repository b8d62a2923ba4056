"""What is forgotten is followed to where it stood before: mails to people, former events."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_events import Clock, installation, keep, reading
from sqlalchemy import text

from langnghe import retention
from langnghe.app import App
from langnghe.correspond import remind_people
from langnghe.judging import judge_events
from storage import outbox
from triage.case import CaseState

READER = "doc@vidu.example"
TITLE = "Việc số 77"


@pytest.fixture
def app(tmp_path: Path, sqlite_template: Path) -> App:
    made = installation(tmp_path, Clock(), sqlite_template)
    mail = made.settings.mail.model_copy(update={"digest_to": (READER,)})
    made.settings = made.settings.model_copy(update={"mail": mail})
    return made


def send_all(app: App) -> None:
    """Let every mail leave that waits."""
    with app.sessions.begin() as session:
        for one in outbox.claim(session, app.clock(), "post", 300.0, 100):
            assert outbox.sent(session, one.notice.key, app.clock())


def telling(app: App, table: str) -> int:
    """Return how many rows of a table tell the headline."""
    with app.views() as session:
        rows = session.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608
    return sum(TITLE in str(value) for row in rows for value in row)


def forward(app: App, **by: float) -> None:
    app.clock.forward(**by)  # type: ignore[attr-defined]


class TestMailsToThePeopleWhoDecide:
    """They repeat headline and gist of what waits."""

    @pytest.fixture
    def item(self, app: App) -> int:
        number = keep(app, 77, reading(), outlets=1)
        judge_events(app)
        with app.sessions.begin() as session:
            session.execute(
                text("UPDATE \"case\" SET state = :state, hold = 'x'"),
                {"state": CaseState.PROPOSED.value},
            )
        forward(app, days=5, hours=2)
        assert remind_people(app) == 1
        assert telling(app, "notice") > 0
        return number

    def test_what_is_out_loses_its_words_at_once(self, app: App, item: int) -> None:
        send_all(app)
        retention.forget(app, item, "yêu cầu", "analyst:a")
        assert telling(app, "notice") == 0

    def test_what_waits_loses_them_when_it_is_out(self, app: App, item: int) -> None:
        retention.forget(app, item, "yêu cầu", "analyst:a")
        assert telling(app, "notice") > 0, "its reader has to know what it says"
        send_all(app)
        forward(app, days=1)
        retention.run(app)
        assert telling(app, "notice") == 0

"""What is forgotten is followed to where it stood before: mails to people, former events."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_events import AN_DUC, Clock, installation, join, keep, reading
from sqlalchemy import inspect, text

from langnghe import retention
from langnghe.app import App
from langnghe.correspond import remind_people
from langnghe.judging import judge_events
from langnghe.readers import mail_readers
from langnghe.telling import tell
from storage import cases, merging, outbox
from storage.erasing import ERASED
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


class TestDigestMails:
    """A reader's mail of the day waits like any other."""

    @pytest.mark.parametrize("ends", ["sent", "failed"])
    def test_what_waits_loses_its_words_when_it_is_out(self, app: App, ends: str) -> None:
        item = keep(app, 77, reading(), outlets=1)
        judge_events(app)
        tell(app, app.today())
        assert mail_readers(app).done == 1
        forward(app, hours=1)
        retention.forget(app, item, "yêu cầu", "analyst:a")
        assert telling(app, "notice") > 0, "its reader has to know what it says"
        if ends == "sent":
            send_all(app)
        else:
            with app.sessions.begin() as session:
                (one,) = outbox.claim(session, app.clock(), "post", 300.0, 9)
                assert outbox.failed(session, one.notice.key, "post", "552", app.clock())
        forward(app, days=1)
        retention.run(app)

        assert telling(app, "notice") == 0

    def test_one_that_tells_of_other_events_stays(self, app: App) -> None:
        other = keep(app, 78, reading(place=AN_DUC), outlets=1)
        judge_events(app)
        tell(app, app.today())
        item = keep(app, 77, reading(), outlets=1)
        mail_readers(app)
        retention.forget(app, item, "yêu cầu", "analyst:a")
        send_all(app)
        forward(app, days=1)
        retention.run(app)

        with app.views() as session:
            (kept,) = session.scalars(text("SELECT text FROM notice")).all()
        assert other != item
        assert "Việc số 78" in kept


class TestFormerEvents:
    """A person took the article out of its event before it was to be forgotten."""

    @pytest.fixture
    def moved(self, app: App) -> int:
        first = keep(app, 1, reading(), outlets=1)
        judge_events(app)
        forward(app, hours=1)
        item = join(app, 77, first)
        judge_events(app)
        tell(app, app.today())
        assert telling(app, "case_entry") == telling(app, "digest") == 1
        with app.sessions.begin() as session:
            merging.split(session, first, item, "analyst:a", app.clock())
        judge_events(app)
        return item

    def test_history_and_digests_of_then_lose_its_words(self, app: App, moved: int) -> None:
        cases = retention.forget(app, moved, "yêu cầu", "analyst:a")

        assert 1 in cases
        with app.views() as session:
            tables = inspect(session.connection()).get_table_names()
        left = [one for one in tables if not one.startswith("item_search") and telling(app, one)]
        assert left == []
        paths = (app.settings.data_dir / "digests").iterdir()
        assert [path.name for path in paths if TITLE in path.read_text("utf-8")] == []

    def test_the_case_of_the_others_keeps_their_words(self, app: App, moved: int) -> None:
        retention.forget(app, moved, "yêu cầu", "analyst:a")

        with app.views() as session:
            case = cases.get(session, 1)
        assert case is not None
        assert case.brief.title == "Việc số 1"
        assert case.brief.gist.startswith("Việc số 1: rác thải")
        paths = (app.settings.data_dir / "digests").glob("*.txt")
        assert all("Việc số 1" in path.read_text("utf-8") for path in paths)

    def test_a_case_that_is_called_by_it_loses_name_and_gist(self, app: App, moved: int) -> None:
        with app.sessions.begin() as session:
            cases.change(session, 1, title=TITLE, gist=f"{TITLE}: rác thải chất đống…")
            session.execute(text("UPDATE event SET title = :title"), {"title": TITLE})
        retention.forget(app, moved, "yêu cầu", "analyst:a")

        with app.views() as session:
            case = cases.get(session, 1)
        assert case is not None
        assert (case.brief.title, case.brief.gist) == (ERASED, "")
        assert telling(app, "event") == 0

    def test_of_a_merge_that_was_taken_back_as_well(self, app: App) -> None:
        first = keep(app, 1, reading(), outlets=1)
        judge_events(app)
        item = keep(app, 77, reading(), outlets=1)
        forward(app, hours=1)
        with app.sessions.begin() as session:
            merging.merge(session, first, item, "analyst:a", app.clock())
            data = {"item": item, "severity": 2}
            cases.entry(session, 1, app.clock(), "machine", "evidence", TITLE, data)
            merging.unmerge(session, item, "analyst:a", app.clock())
        retention.forget(app, item, "yêu cầu", "analyst:a")

        assert telling(app, "case_entry") == 0

"""Models, lessons, the book of misses and the lines of weekly figures, as they are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from storage_samples import HOUR, MARKS, NOON, keep_some, one_event, reading
from test_storage_cases import new_case

from storage import cases, figures, labels, lessons, missed, readings, trained
from storage.db import Sessions, open_database
from storage.errors import StorageError
from storage.missed import Miss
from storage.trained import ModelState, TrainedModel
from triage.case import CaseState

A = TrainedModel("aaaa", "models/aaaa/model.npz", NOON, {"learnt": 3}, ModelState.KEPT, "mới")
B = replace(A, version="bbbb", path="models/bbbb/model.npz")
MISS = Miss(
    noted_at=NOON,
    who="analyst:lan",
    title="Cống ấp 3 sập",
    url="https://a.example.vn/1",
    happened_on=NOON.date(),
    place_key=None,
    topic="infrastructure",
    road="cử tri",
    station="no_issue",
    note="Nghe tại buổi tiếp xúc",
)


def states(database: Sessions) -> dict[str, str]:
    with database() as session:
        return {one.version: one.state.value for one in trained.every(session)}


def test_a_model_is_used_alone_and_rolled_back_step_by_step(database: Sessions) -> None:
    with database.begin() as session:
        assert trained.in_use(session) is None
        assert trained.roll_back(session, "lùi") is None
        for one in (A, B):
            trained.keep(session, one)
            assert trained.use(session, one.version, "tốt hơn")
    assert states(database) == {"bbbb": "in_use", "aaaa": "kept"}
    with database.begin() as session:
        assert trained.roll_back(session, "lùi") == "aaaa"
    assert states(database) == {"bbbb": "kept", "aaaa": "in_use"}
    with database.begin() as session:
        assert trained.roll_back(session, "lùi") == ""
        assert trained.in_use(session) is None
    assert states(database) == {"bbbb": "kept", "aaaa": "kept"}


def test_using_the_shipped_model_or_an_unknown_one(database: Sessions) -> None:
    with database.begin() as session:
        trained.keep(session, A)
        trained.use(session, "aaaa", "tốt hơn")
        assert not trained.use(session, "cccc", "?")
    assert states(database) == {"aaaa": "in_use"}
    with database.begin() as session:
        assert trained.use(session, "", "bằng tay")
    assert states(database) == {"aaaa": "kept"}


def test_taking_the_model_in_use_again_keeps_the_way_back(database: Sessions) -> None:
    with database.begin() as session:
        for one in (A, B):
            trained.keep(session, one)
            trained.use(session, one.version, "tốt hơn")
        trained.use(session, "bbbb", "lần nữa")
        assert trained.roll_back(session, "lùi") == "aaaa"


def test_the_same_version_is_kept_once(database: Sessions) -> None:
    with database.begin() as session:
        trained.keep(session, A)
        trained.keep(session, replace(A, state=ModelState.REFUSED, why="kém hơn"))
        assert trained.every(session) == [replace(A, state=ModelState.REFUSED, why="kém hơn")]
        assert trained.get(session, "aaaa") == trained.every(session)[0]


def test_a_database_is_asked_for_its_model_without_being_changed(
    engine: Engine, database: Sessions
) -> None:
    assert trained.ask(engine) is None
    with database.begin() as session:
        trained.keep(session, A)
        trained.use(session, "aaaa", "tốt hơn")
    found = trained.ask(engine)
    assert found is not None
    assert found.version == "aaaa"


def test_a_database_without_tables_cannot_be_asked() -> None:
    with pytest.raises(StorageError, match="cannot be asked"):
        trained.ask(open_database("sqlite://"))


def test_lessons_are_what_people_said_beside_what_was_read(database: Sessions) -> None:
    with database.begin() as session:
        kept = keep_some(session, range(4))
        readings.save(session, [(one, reading()) for one in kept[:3]], MARKS)
        first, second, third, unread = (one.id for one in kept)
        labels.say(session, [first, unread], {"topics": ["health"]}, "lan", NOON)
        labels.say(session, [second], {"place": {"key": "28999@"}}, "lan", NOON)
        labels.say(session, [third], {"is_issue": False}, "lan", NOON)
        labels.take_back(session, [third], ("lan", NOON), "lan", NOON + HOUR)
        (found,) = lessons.lessons(session)
    assert (found.item.id, found.said) == (first, {"topics": ["health"]})
    assert found.read.topics[0].topic == "environment"


def test_items_of_a_time_come_in_order_with_their_events(database: Sessions) -> None:
    with database.begin() as session:
        event = one_event(session, [1, 2])
        late = keep_some(session, [30])
        readings.save(session, [(late[0], reading(is_issue=False))], MARKS)
        (batch,) = lessons.read_since(session, NOON + 2 * HOUR)
        assert list(lessons.read_since(session, NOON + 99 * HOUR)) == []
    assert [(item.id, found) for item, _, found in batch] == [(2, event), (late[0].id, None)]


def test_the_book_of_misses_keeps_station_and_note_and_finds_the_event(database: Sessions) -> None:
    with database.begin() as session:
        number = missed.add(session, MISS)
        assert missed.every(session) == [replace(MISS, id=number)]
        event = one_event(session, [1])
        (found,) = missed.every(session)
        assert (found.event_id, found.station, found.note) == (event, "no_issue", MISS.note)
        assert missed.every(session, NOON, NOON + HOUR) == [found]
        assert missed.every(session, NOON + HOUR) == []
        assert missed.every(session, end=NOON) == []


def test_an_item_is_found_by_any_address_or_by_its_title(database: Sessions) -> None:
    with database.begin() as session:
        (item,) = (one.id for one in keep_some(session, [1]))
        day = timedelta(days=1)
        assert missed.item_of(session, ["", "https://a.example.vn/1"]) == item
        assert missed.item_of(session, ["", "https://a.example.vn/2"]) is None
        assert missed.titled(session, "Tin số 1", NOON, day) == item
        assert missed.titled(session, "Tin số 1", NOON + 3 * day, day) is None
        assert missed.event_of(session, item) is None


def test_lines_of_figures_are_the_cases_that_something_happened_to(database: Sessions) -> None:
    with database.begin() as session:
        one, two = (one_event(session, [n]) for n in (1, 2))
        first = cases.open_case(session, new_case(one, model_version="r7"))
        second = cases.open_case(session, new_case(two, opened_at=NOON - 99 * HOUR))
        assert first is not None
        assert second is not None
        cases.entry(session, first, NOON + 50 * HOUR, "machine", "sent", "", {"notices": []})
        assert missed.last_case(session, one) == ("proposed", NOON + 50 * HOUR)
        assert missed.last_case(session, two) == ("proposed", None)
        cases.change(session, first, state=CaseState.SENT.value)
        (line,) = figures.cases_touched(session, NOON, NOON + HOUR)
        missed.add(session, MISS)
        assert [m.station for m in figures.misses_noted(session, NOON, NOON + HOUR)] == ["no_issue"]
        assert figures.misses_noted(session, NOON + HOUR, NOON + 2 * HOUR) == []
    assert (line.case_id, line.reader, line.topics) == (first, "r7", ("environment",))
    assert [(step.seq, step.kind) for step in line.steps] == [(1, "opened:proposed"), (2, "sent")]

"""Second looks: when they are due, and what is written down of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from storage_samples import HOUR, NOON, keep_some, one_event

from storage import items, looks
from storage.db import Sessions

URL = "https://a.example.vn/0"
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "then"),
    [(0 * HOUR, 2 * HOUR), (2 * HOUR, 12 * HOUR), (3 * DAY, 7 * DAY), (30 * DAY, None)],
)
def test_looks_grow_rarer(age: timedelta, then: timedelta | None) -> None:
    assert looks.next_look(NOON, NOON + age) == (None if then is None else NOON + then)


def test_only_evidence_of_this_source_is_looked_at(database: Sessions) -> None:
    with database.begin() as session:
        one_event(session, [0, 1])
        keep_some(session, [2])
        assert looks.due_looks(session, "bao-a", NOON + HOUR, 9) == ()
        assert looks.due_looks(session, "bao-a", NOON + 2 * HOUR, 9) == (URL,)
        assert len(looks.due_looks(session, "bao-a", NOON + DAY, 9)) == 2
        assert looks.due_looks(session, "bao-a", NOON + DAY, 1) == (URL,)
        assert looks.due_looks(session, "bao-b", NOON + DAY, 9) == ()


def test_page_is_gone_only_where_it_was_seen_before(database: Sessions) -> None:
    found = []
    with database.begin() as session:
        one_event(session, [0])
        for hours, end in enumerate(("gone", "unknown", "there", "gone", "gone", "there")):
            ended = {"there": [], "gone": [], "unknown": []} | {end: [URL]}
            looks.looked(session, NOON + hours * HOUR, **ended)
            kept = items.get(session, 1)
            assert kept is not None
            found.append(kept.gone_at)
    assert found == [None, None, None, NOON + 3 * HOUR, NOON + 3 * HOUR, None]


def test_look_that_is_over_is_not_due_again(database: Sessions) -> None:
    with database.begin() as session:
        one_event(session, [0])
        looks.looked(session, NOON + 3 * HOUR, there=[URL], gone=[], unknown=[])
        assert looks.due_looks(session, "bao-a", NOON + 11 * HOUR, 9) == ()
        assert looks.due_looks(session, "bao-a", NOON + 12 * HOUR, 9) == (URL,)
        looks.looked(session, NOON + 13 * HOUR, there=[], gone=[], unknown=[URL])
        assert looks.due_looks(session, "bao-a", NOON + 18 * HOUR, 9) == ()
        assert looks.due_looks(session, "bao-a", NOON + 19 * HOUR, 9) == (URL,)
        looks.looked(session, NOON + 31 * DAY, there=[], gone=[], unknown=[URL])
        assert looks.due_looks(session, "bao-a", NOON + 99 * DAY, 9) == ()

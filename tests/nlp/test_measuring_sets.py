"""What measures is not what was learnt from."""

from __future__ import annotations

from pathlib import Path

from nlp.training import data

JUDGED = Path(__file__).parents[2] / "benchmarks" / "data" / "stream_500.jsonl"


def test_judged_entries_of_the_stream_are_five_hundred_without_text() -> None:
    rows = list(data.rows(JUDGED))

    assert len({row["id"] for row in rows}) == 500
    assert {frozenset(row) for row in rows} == {frozenset({"id", "is_issue"})}


def test_enough_judged_entries_are_not_learnt_from() -> None:
    learnt = {row["id"] for row in data.rows(data.ANNOTATIONS)}

    # `benchmarks.stream_sample` leaves the others out.
    assert sum(row["id"] not in learnt for row in data.rows(JUDGED)) >= 400

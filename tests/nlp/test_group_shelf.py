"""Events that are not in use lie in a file, and nobody can tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nlp.event import Arrival
from nlp.group import Grouper
from nlp.group_event import Known
from nlp.group_shelf import Shelf

START = datetime(2025, 3, 1, tzinfo=UTC)
PLACES = ("An Hiệp", "Bảo Thạnh", "Tân Xuân", "Giao Thạnh", "Quới Sơn", "Phú Túc", "Tân Hào")
PROBLEMS = (
    ("Bãi rác bốc mùi", "bãi rác quá tải bốc mùi hôi thối, nước rỉ đen chảy ra kênh, ruồi vào nhà"),
    ("Sạt lở bờ sông", "bờ sông sạt lở sát nhà dân, nhiều hộ phải dọn đồ đi nơi khác trong đêm"),
    ("Nước máy nhiễm mặn", "nước máy nhiễm mặn không nấu ăn được, phải mua từng can nước ngọt"),
)


def arrivals() -> list[Arrival]:
    """Sixty reports in a hundred days, some of one problem."""
    made = []
    for number in range(60):
        place, (title, words) = PLACES[number % 7], PROBLEMS[number * 5 % 3]
        text = f"Người dân xã {place} cho biết {words}. Tin thứ {number}, nhắc lại ở {place}."
        at = START + timedelta(days=number * 100 / 60)
        made.append(Arrival(number, f"{title} ở {place}", text, at, (place,), ("waste",)))
    return made


@pytest.mark.parametrize("hot", [1, 3, 10])
def test_what_lies_in_the_file_is_found_as_before(hot: int) -> None:
    small, large = Grouper(), Grouper()
    small._events = Shelf(hot)
    for number, arrival in enumerate(arrivals()):
        assert small.add(arrival) == large.add(arrival)
        if number == 40:
            for grouper in (small, large):
                grouper.forget_before(START + timedelta(days=30))
            assert 1 < len(small) == len(large)
    assert len(small) < 60


def test_a_shelf_keeps_few_in_memory_and_all_it_was_given() -> None:
    shelf = Shelf(hot=2)
    for arrival in arrivals():
        event = Known.begun(arrival)
        event.take(arrival, Grouper().vector(arrival)) if arrival.id < 3 else None
        shelf.put(arrival.id, event)

    assert len(shelf._hot) == 2
    assert len(shelf) == 60
    assert shelf[1].size == 1
    assert shelf[1].places == {"Bảo Thạnh"}
    assert shelf.get(99) is None
    with pytest.raises(KeyError):
        _ = shelf[99]


def test_a_change_survives_the_file() -> None:
    shelf, (first, second, *others) = Shelf(hot=1), arrivals()
    shelf.put(1, Known.begun(first))
    shelf.put(2, Known.begun(second))
    event = shelf[1]
    event.take(others[0], Grouper().vector(others[0]))
    shelf.put(1, event)
    assert shelf[2].size == 0
    assert shelf[1].size == 1


def test_where_the_file_is_full_events_stay_in_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    shelf = Shelf(hot=1)
    shelf._file.execute("PRAGMA max_page_count = 2")
    grouper = Grouper()
    for arrival in arrivals():
        event = Known.begun(arrival)
        event.take(arrival, grouper.vector(arrival))
        shelf.put(arrival.id, event)
    assert [shelf[number].size for number in range(60)] == [1] * 60
    assert shelf.forget_before(START + timedelta(days=50))
    assert 20 < len(shelf) < 40

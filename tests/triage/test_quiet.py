"""What keeps an event quiet: a silence with author, reason and end, or a greater open case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sample_events import NOON, event

from triage.quiet import GreatCase, Silence, hushed

UNTIL = NOON + timedelta(days=2)
GREAT = GreatCase(5, 77, 3, ("waste", "pollution"), ("29161@", "29173@"))


def silence(**about: Any) -> Silence:
    return Silence("Tổ trực", "đã họp với huyện", UNTIL, **about)


@pytest.mark.parametrize(
    ("about", "quiet"),
    [
        ({"event_id": 1}, True),
        ({"event_id": 2}, False),
        ({"topics": ("waste",)}, True),
        ({"topics": ("health",)}, False),
        ({"places": ("29161@",)}, True),
        ({"places": ("29161@",), "topics": ("health",)}, False),
        ({"places": ("836@",)}, False),
        ({}, False),
    ],
)
def test_a_silence_covers_what_it_names_and_never_everything(
    about: dict[str, Any], quiet: bool
) -> None:
    found = hushed(event(), [silence(**about)], [], NOON)

    expected = "Tổ trực tạm ngưng cảnh báo đến 12:00 22/07/2023: đã họp với huyện"
    assert found == (expected if quiet else None)


@pytest.mark.parametrize(("around", "quiet"), [(("836@", "83@"), True), (("83@",), False)])
def test_a_silence_about_a_place_is_about_all_in_it(around: tuple[str, ...], quiet: bool) -> None:
    found = hushed(event(), [silence(places=("836@",))], [], NOON, around)

    assert (found is not None) is quiet


def test_a_silence_ends() -> None:
    silences = [silence(event_id=1)]

    assert hushed(event(), silences, [], UNTIL - timedelta(seconds=1)) is not None
    assert hushed(event(), silences, [], UNTIL) is None


@pytest.mark.parametrize(
    ("changes", "quiet"),
    [
        ({}, True),
        ({"severity": 3}, False),
        ({"event_id": 77}, False),
        ({"place": "836@"}, False),
        ({"place": None}, False),
        ({"topics": ("health", "waste")}, False),
        ({"topics": ()}, False),
    ],
)
def test_a_great_case_speaks_for_the_lesser_ones_at_its_places(
    changes: dict[str, Any], quiet: bool
) -> None:
    found = hushed(event(**changes), [], [GREAT], NOON)

    expected = "Đã có vụ việc lớn số 5 đang mở cùng nơi, cùng chủ đề"
    assert found == (expected if quiet else None)


def test_a_case_that_is_not_great_speaks_for_none() -> None:
    lesser = GreatCase(5, 77, 2, ("waste",), ("29161@",))

    assert hushed(event(severity=1), [], [lesser], NOON) is None

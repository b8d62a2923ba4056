"""At which station a problem was lost that reached the committee by another road first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from triage.case import CaseState


class Station(StrEnum):
    """Where the item that told of the problem stopped, in the order of its way.

    `known`: nowhere; the unit had been written to before the miss was noted.
    """

    NOT_CRAWLED = "not_crawled"
    NOT_READ = "not_read"
    NO_ISSUE = "no_issue"
    WRONG_PLACE = "wrong_place"
    BELOW_FLOOR = "below_floor"
    DISMISSED = "dismissed"
    WAITED = "waited"
    KNOWN = "known"


WORDS: Mapping[Station, str] = {
    Station.NOT_CRAWLED: "không thu được tin này",
    Station.NOT_READ: "đã thu, chưa đọc được",
    Station.NO_ISSUE: "đã đọc, cho là không có vấn đề",
    Station.WRONG_PLACE: "đã đọc, nhận nhầm địa bàn",
    Station.BELOW_FLOOR: "đã gom, không lập vụ việc",
    Station.DISMISSED: "đã lập vụ việc, bị bỏ",
    Station.WAITED: "đã lập vụ việc, chưa gửi đơn vị",
    Station.KNOWN: "đã gửi đơn vị từ trước",
}


@dataclass(frozen=True, slots=True)
class Trace:
    """What became of an item: kept, read, said to be an issue, placed, judged, sent.

    `right_place` is None where nobody said where it was, or the reader found no place.
    `sent_at` is when the case of its event first went to a unit.
    """

    kept: bool = False
    read: bool = False
    is_issue: bool = False
    right_place: bool | None = None
    case: CaseState | None = None
    sent_at: datetime | None = None


def lost_at(trace: Trace, noted_at: datetime) -> Station:
    """Return the first station at which it stopped before `noted_at`."""
    if not trace.kept:
        return Station.NOT_CRAWLED
    if not trace.read:
        return Station.NOT_READ
    if not trace.is_issue:
        return Station.NO_ISSUE
    if trace.right_place is False:
        return Station.WRONG_PLACE
    if trace.case is None:
        return Station.BELOW_FLOOR
    if trace.sent_at is not None and trace.sent_at <= noted_at:
        return Station.KNOWN
    return Station.DISMISSED if trace.case is CaseState.DISMISSED else Station.WAITED

"""The daily digest as data. `triage.assemble` puts it together, `triage.render` shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from triage.case import CaseOutcome, CaseState, Deadlines, Veracity
from triage.wording import day_text, http_only

#: The states in which a unit owes something.
OPEN = (CaseState.SENT, CaseState.ACKNOWLEDGED, CaseState.ANSWERED)


class Section(StrEnum):
    """Where in the digest an event stands."""

    NEW = "new"
    CHANGED = "changed"
    OVERDUE = "overdue"
    WAITING = "waiting"
    CARRIED = "carried"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as shown: its stable id and its name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """One piece of evidence. A fanpage post has no `url`: page, day and masked gist only."""

    outlet: str
    title: str
    url: str = ""
    day: date | None = None

    @property
    def href(self) -> str:
        """The address if it is a plain web address, else empty."""
        return http_only(self.url)


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One event as the digest tells it. Texts are masked.

    `unit_name` is today's unit, `unit_then_name` the one responsible on the item's
    date where that differs. `why` are one-line reasons with the words that decided;
    `outlets` counts independent voices, `copies` what they reprinted. `hold` says why
    a person must decide. `recurs_of` tells the earlier outbreak in words.
    `counted_only` marks what the policy counts and does not name (safety).
    `changes` and `late` are filled in by `assemble`.
    """

    event_id: int
    title: str
    severity: int
    last_at: datetime
    case_id: int | None = None
    gist: str = ""
    topics: tuple[Topic, ...] = ()
    place: str = ""
    unit_name: str = ""
    unit_then_name: str = ""
    veracity: Veracity = Veracity.UNVERIFIED
    state: CaseState | None = None
    outcome: CaseOutcome | None = None
    score: float = 0.0
    why: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    outlets: int = 0
    copies: int = 0
    first_at: datetime | None = None
    waiting_since: datetime | None = None
    deadlines: Deadlines | None = None
    hold: str = ""
    recurs_of: str = ""
    counted_only: bool = False
    changes: tuple[str, ...] = ()
    first_told: bool = False
    late: Due | None = None

    @property
    def due(self) -> Due | None:
        """The clock that runs now."""
        return None if self.state is None else next_due(self.state, self.deadlines)


@dataclass(frozen=True, slots=True)
class Due:
    """One clock of a case: what is owed, and until when."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """A bar of a chart: how many events, and how many of them overdue."""

    name: str
    count: int
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be read, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the day's silence is worth: what was listened to, and what was not.

    `expected` sources should have answered, `seen` did. `silent` answered with nothing
    for longer than their own rhythm; `failed` did not answer. `items` were read today.
    """

    expected: int = 0
    seen: int = 0
    silent: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    places_without_source: tuple[str, ...] = ()
    items: int = 0


@dataclass(frozen=True, slots=True)
class DigestData:
    """One day's digest. `told` is what to remember for the next: event id, fingerprint.

    `below_floor` counts new events too slight to be named; `counted_only` what the
    policy only counts, by topic.
    """

    day: date
    province: str
    made_at: datetime
    coverage: Coverage
    new: tuple[DigestEntry, ...] = ()
    changed: tuple[DigestEntry, ...] = ()
    overdue: tuple[DigestEntry, ...] = ()
    waiting: tuple[DigestEntry, ...] = ()
    carried: tuple[DigestEntry, ...] = ()
    resolved: tuple[DigestEntry, ...] = ()
    by_unit: tuple[Tally, ...] = ()
    by_topic: tuple[Tally, ...] = ()
    counted_only: tuple[Tally, ...] = ()
    below_floor: int = 0
    told: tuple[tuple[int, str], ...] = ()

    @property
    def title(self) -> str:
        """The name of this digest."""
        return f"Điểm vấn đề dân sinh ngày {day_text(self.day)}"

    @property
    def quiet(self) -> bool:
        """Say whether nothing asks for attention today."""
        return not (self.new or self.changed or self.overdue or self.waiting or self.resolved)

    @property
    def headline(self) -> str:
        """The day in one line, also the subject of the mail."""
        counts = (
            (len(self.overdue), "vụ việc quá hạn"),
            (len(self.new), "sự việc mới"),
            (len(self.changed), "có diễn biến"),
            (len(self.waiting), "chờ quyết định"),
            (len(self.resolved), "đã kết thúc"),
        )
        told = ", ".join(f"{count} {what}" for count, what in counts if count)
        return told or "không có sự việc mới đáng nêu"

    def sections(self) -> tuple[tuple[Section, tuple[DigestEntry, ...]], ...]:
        """Return the sections in the order in which a busy reader needs them, empty ones too."""
        order = (
            Section.OVERDUE,
            Section.NEW,
            Section.WAITING,
            Section.CHANGED,
            Section.RESOLVED,
            Section.CARRIED,
        )
        return tuple((section, getattr(self, section.value)) for section in order)


def next_due(state: CaseState, deadlines: Deadlines | None) -> Due | None:
    """Return the clock that runs in `state`; None where nothing is owed by the unit."""
    if deadlines is None or state not in OPEN:
        return None
    return {
        CaseState.SENT: Due("báo đã tiếp nhận", deadlines.acknowledge),
        CaseState.ACKNOWLEDGED: Due("trả lời kết quả xác minh", deadlines.verify),
        CaseState.ANSWERED: Due("báo cáo kết quả cuối cùng", deadlines.final),
    }[state]

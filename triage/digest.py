"""The daily digest as data. `triage.assemble` puts it together, `triage.render` shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from triage.case import CaseOutcome, CaseState, Deadlines, Veracity
from triage.wording import day_text, http_only

_NONE_ASKED = "không có sự việc mới thuộc phần đã đăng ký"
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
    `proposed` is what the unit answered and nobody has confirmed yet, `statement` its
    words. `returned`, `reminded` and `escalated` count since the case was opened or sent;
    `promised` is the next day the unit gave for the work, `items` all reports.
    `changes`, `first_told`, `late`, `broken`, `due_today` and `brief` are filled in by
    `assemble`: `broken` says that the promised day went by, `brief` that one line is
    enough because an earlier digest told it in full.
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
    unit_id: str = ""
    items: int = 0
    closed_at: datetime | None = None
    proposed: Veracity | None = None
    statement: str = ""
    returned: int = 0
    reminded: int = 0
    escalated: int = 0
    promised: date | None = None
    changes: tuple[str, ...] = ()
    first_told: bool = False
    late: Due | None = None
    broken: bool = False
    due_today: bool = False
    brief: bool = False

    @property
    def due(self) -> Due | None:
        """The clock that runs now."""
        return None if self.state is None else next_due(self.state, self.deadlines)

    @property
    def fixed(self) -> bool:
        """Say whether the case ended well: closed, and the problem is gone."""
        return self.state is CaseState.CLOSED and self.outcome is CaseOutcome.FIXED

    @property
    def took(self) -> timedelta | None:
        """How long a closed case lasted, from its opening; None for any other."""
        if self.closed_at is None or self.waiting_since is None:
            return None
        return self.closed_at - self.waiting_since


@dataclass(frozen=True, slots=True)
class Due:
    """One clock of a case: what is owed, and until when."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """A bar of a chart: how many events, how many of them overdue, how many a week before.

    `before` is None where no digest was made a week before.
    """

    name: str
    count: int
    overdue: int = 0
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Pledge:
    """A day that was given for a case: still to come, or gone by (`late`). Texts are masked."""

    case_id: int
    unit_id: str
    unit_name: str
    text: str
    due: date
    late: bool
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unheard:
    """A unit that was written to and has not said a word, and since when. Cases by number."""

    unit_id: str
    unit_name: str
    since: datetime
    cases: tuple[int, ...]
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be read, or a mail that could not be sent, and why."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the day's silence is worth: what was listened to, and what was not.

    `expected` sources should have answered, `seen` did. `silent` answered with nothing
    for longer than their own rhythm; `failed` did not answer. `unusual` brought far
    more or less than on other such days. `items` were read today.
    `places_without_source` are the units' places of which nothing was read for
    `quiet_days`; `places` is how many there are. `unsent` are mails that could not be
    delivered and wait for a person, with the reason.
    """

    expected: int = 0
    seen: int = 0
    silent: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    unusual: tuple[Failure, ...] = ()
    places_without_source: tuple[str, ...] = ()
    items: int = 0
    places: int = 0
    quiet_days: int = 0
    unsent: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestData:
    """One day's digest. `told` is what to remember for the next: event id, fingerprint.

    `below_floor` counts new events too slight to be named; `counted_only` what the
    policy only counts, by topic. `pledges` name cases by number only, so that no event
    is told twice. `scope` says in words what a reader asked for; empty: everything.
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
    pledges: tuple[Pledge, ...] = ()
    unheard: tuple[Unheard, ...] = ()
    scope: str = ""
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
    def deaf(self) -> bool:
        """Say whether fewer than half of the sources were heard: silence then says nothing."""
        return 2 * self.coverage.seen < self.coverage.expected

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
        return told or (_NONE_ASKED if self.scope else "không có sự việc mới đáng nêu")

    @property
    def overdue_again(self) -> tuple[tuple[str, tuple[DigestEntry, ...]], ...]:
        """Return what is still overdue and was told in full before, by unit, most cases first."""
        units: dict[str, list[DigestEntry]] = {}
        for entry in self.overdue:
            if entry.brief:
                units.setdefault(entry.unit_name or "Chưa rõ đơn vị", []).append(entry)
        ordered = sorted(units.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        return tuple((name, tuple(found)) for name, found in ordered)

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
    """Return what the unit owes first in `state`; None where it owes nothing.

    A unit owes the later terms too, and a unit that took a case over may say late that it has it
    while the term of the verification is past already: the earliest is told, so that
    the longest delay is never hidden by a younger clock.
    """
    if deadlines is None or state not in OPEN:
        return None
    owed = (
        Due("báo đã tiếp nhận", deadlines.acknowledge),
        Due("trả lời kết quả xác minh", deadlines.verify),
        Due("báo cáo kết quả cuối cùng", deadlines.final),
    )
    first = {CaseState.SENT: 0, CaseState.ACKNOWLEDGED: 1, CaseState.ANSWERED: 2}[state]
    return min(owed[first:], key=lambda due: due.at)

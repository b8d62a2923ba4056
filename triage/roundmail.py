"""The one mail of a round to one unit: what it owes, what is new, what is over.

Complete when it is made: the same letter gives the same key, Message-ID and words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from triage.case import CaseBrief, CaseOutcome, Veracity
from triage.digest import Due
from triage.mail import Letterhead
from triage.message import message_id
from triage.notice import Notice
from triage.remind import URGENT
from triage.render import render
from triage.wording import day_text, one_line


class Role(StrEnum):
    """What a unit is asked for: to answer, to help the one that answers, or only to know."""

    LEAD = "lead"
    COOPERATING = "cooperating"
    COPY = "copy"


class End(StrEnum):
    """How a case ended for those who were told of it; a correction puts an earlier end right."""

    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Owed:
    """A reminder. `due` is the clock that ran out, `step` the how-manieth time it is said.

    `promise` and `promised` are a word that was given and its day, when that has passed;
    `again` is what an analyst still wants to know of an answer. `silent` names the unit
    that keeps silent, where the letter goes to one above it.
    """

    brief: CaseBrief
    due: Due | None = None
    step: int = 0
    promise: str = ""
    promised: date | None = None
    again: str = ""
    silent: str = ""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A case that is new to the unit. `why_you` is what made it theirs, `note` how it came."""

    brief: CaseBrief
    role: Role
    why_you: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """New evidence on an open case: the brief's links are the new ones; `graver` since then."""

    brief: CaseBrief
    role: Role = Role.LEAD
    graver: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """That a case is over, or that what was said of its end is put right.

    `statement` is the confirmed answer, masked; `why` says why it was withdrawn.
    """

    brief: CaseBrief
    end: End
    outcome: CaseOutcome | None = None
    statement: str = ""
    why: str = ""

    @property
    def corrects(self) -> bool:
        """Say whether it takes back what the unit was told: a false report does, too."""
        return self.end is End.CORRECTED or self.brief.veracity is Veracity.FALSE


Part = Owed | Fresh | News | Ending


@dataclass(frozen=True, slots=True)
class Letter:
    """All that one unit is told in one round. `answer_links` are by case number."""

    unit_name: str
    recipient: str
    parts: Sequence[Part]
    answer_links: Mapping[int, str] = field(default_factory=dict)

    @property
    def owed(self) -> list[Owed]:
        """The reminders, the longest overdue first; those about units below come last."""
        found = [part for part in self.parts if isinstance(part, Owed)]
        return sorted(found, key=_longest_overdue)

    @property
    def fresh(self) -> list[Fresh]:
        """The new cases that the unit must answer, the gravest first."""
        return _gravest(part for part in self._fresh() if part.role is Role.LEAD)

    @property
    def news(self) -> list[News]:
        """The open cases with new evidence."""
        found = [part for part in self.parts if isinstance(part, News)]
        return sorted(found, key=lambda one: (-one.brief.severity, one.brief.case_id))

    @property
    def shared(self) -> list[Fresh]:
        """The new cases of others: first where help is asked for, then for information."""
        helped = _gravest(part for part in self._fresh() if part.role is Role.COOPERATING)
        return helped + _gravest(part for part in self._fresh() if part.role is Role.COPY)

    @property
    def endings(self) -> list[Ending]:
        """What is over or put right, corrections first."""
        found = [part for part in self.parts if isinstance(part, Ending)]
        return sorted(found, key=lambda one: (not one.corrects, one.brief.case_id))

    @property
    def urgent(self) -> bool:
        """Say whether the unit must act on something grave."""
        grave = [one for one in self.news if one.graver]
        asked: list[Part] = [*self.owed, *self.fresh, *grave]
        return any(part.brief.severity >= URGENT for part in asked)

    @property
    def heading(self) -> str:
        """What the mail holds, in one line: counts in the order of the sections."""
        first, *rest = [f"{count} vụ việc {what}" for what, count in self._counts()]
        return ", ".join([first, *(one.replace(" vụ việc ", " ", 1) for one in rest)])

    @property
    def subject(self) -> str:
        """The heading with what makes it urgent, and the first day by which to verify."""
        days = [part.brief.deadlines.verify for part in self.fresh if part.brief.deadlines]
        by = f" – hạn {day_text(min(days))}" if days else ""
        return f"[Lắng Nghe] {'KHẨN: ' if self.urgent else ''}{self.heading}{by}"

    @property
    def case_ids(self) -> tuple[int, ...]:
        """The cases it tells of."""
        return tuple(sorted({part.brief.case_id for part in self.parts}))

    @property
    def asks(self) -> bool:
        """Say whether the unit is asked to answer anything."""
        return bool(self.fresh) or any(not part.silent for part in self.owed)

    def _fresh(self) -> Iterator[Fresh]:
        return (part for part in self.parts if isinstance(part, Fresh))

    def _counts(self) -> Iterator[tuple[str, int]]:
        own = [part for part in self.owed if not part.silent]
        again = sum(bool(part.again) for part in own)
        counted = (
            ("quá hạn", len(own) - again),
            ("cần trả lời lại", again),
            ("cấp dưới chưa trả lời", len(self.owed) - len(own)),
            ("cần xác minh", len(self.fresh)),
            ("có tin mới", len(self.news)),
            ("để phối hợp", sum(part.role is Role.COOPERATING for part in self.shared)),
            ("để biết", sum(part.role is Role.COPY for part in self.shared)),
            ("được đính chính", sum(part.corrects for part in self.endings)),
            ("kết thúc", sum(not part.corrects for part in self.endings)),
        )
        return ((what, count) for what, count in counted if count)


def round_notice(
    letter: Letter, *, key: str, now: datetime, not_before: datetime, letterhead: Letterhead
) -> Notice:
    """Return the mail of a letter. Raises `ValueError` for one that says nothing."""
    if not letter.parts:
        raise ValueError("a letter needs something to say")
    context = {
        "letter": letter,
        "now": now,
        "letterhead": letterhead,
        "topic_names": letterhead.topics or {},
    }
    return Notice(
        key=key,
        kind="cases" if letter.fresh else "round",
        recipient=letter.recipient,
        subject=one_line(letter.subject),
        text=render("round.txt", context),
        html=render("round.html", context),
        message_id=message_id(key, letterhead.domain),
        created_at=now,
        not_before=not_before,
        case_ids=letter.case_ids,
    )


def _gravest(parts: Iterator[Fresh]) -> list[Fresh]:
    return sorted(parts, key=lambda one: (-one.brief.severity, one.brief.case_id))


def _longest_overdue(one: Owed) -> tuple[bool, float, int]:
    since = one.due.at.timestamp() if one.due else float("inf")
    return (bool(one.silent), since, one.brief.case_id)

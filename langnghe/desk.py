"""What lies on the table when letters are written, and what a plan for one case is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from langnghe.app import App
from storage.commitments import Commitment
from storage.correspondence import CaseFile, Posted
from storage.evidence import EventLine
from triage.promise import PromiseState
from triage.remind import URGENT
from triage.roundmail import Part


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of history to be written, and the units whose mails it names."""

    kind: str
    text: str
    units: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one case says this round, and what that changes.

    `settled` are promises with what became of them, and a note.
    """

    file: CaseFile
    parts: tuple[tuple[str, Part], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    settled: tuple[tuple[int, PromiseState], ...] = ()

    @property
    def units(self) -> set[str]:
        """The units that are written to."""
        return {unit for unit, _ in self.parts}

    def and_also(self, other: Plan) -> Plan:
        """Return both plans of one case as one."""
        return Plan(
            self.file,
            (*self.parts, *other.parts),
            {**self.values, **other.values},
            (*self.marks, *other.marks),
            (*self.settled, *other.settled),
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies on the table when the letters of a round are written.

    `boxes` are the addresses of the units that stand today. In quiet hours only what is
    urgent is written (`urgent_only`); the rest waits, and is then one mail. `mails` tells of
    the mails by which cases were put to their units how far they came.
    """

    app: App
    now: datetime
    boxes: Mapping[str, str]
    urgent_only: bool
    lines: Mapping[int, EventLine]
    promises: Mapping[int, Sequence[Commitment]]
    told: Mapping[int, tuple[str, ...]]
    mails: Mapping[str, Posted]

    def may_go(self, severity: int) -> bool:
        """Say whether a case of this severity is written about now."""
        return not self.urgent_only or severity >= URGENT

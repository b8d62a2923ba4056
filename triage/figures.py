"""What weekly figures are counted from: plain lines of cases and misses. Types only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of a case's history."""

    seq: int
    at: datetime
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case with its whole history, oldest line first. `topics` main first."""

    case_id: int
    unit_name: str
    topics: tuple[str, ...]
    opened_at: datetime
    reader: str
    steps: tuple[StepLine, ...]


@dataclass(frozen=True, slots=True)
class MissLine:
    """One line of the book of misses: its topic, and where we lost it."""

    topic: str
    station: str

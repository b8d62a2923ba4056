"""What travels between machines: where to look, never what is so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Stage = Literal["crawl", "read", "settle", "digest", "job"]
#: Which queue carries the hints of a stage, and so which workers take them.
QUEUES: Mapping[Stage, str] = {
    "crawl": "crawl",
    "read": "read",
    "settle": "gather",
    "digest": "gather",
    "job": "mail",
}


@dataclass(frozen=True, slots=True)
class Hint:
    """That there may be work for a stage. Lost, late or twice it does no harm.

    `args` are plain values: numbers, ids, moments as ISO 8601.
    """

    stage: Stage
    args: Mapping[str, Any] = field(default_factory=dict)

    @property
    def queue(self) -> str:
        """The short name of the queue it travels by."""
        return QUEUES[self.stage]


def moment(at: datetime) -> str:
    """Return a moment as hints carry it: the same moment is always the same word."""
    return at.astimezone(UTC).isoformat()

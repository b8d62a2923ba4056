"""What a stage and a round did, for the log line and the result of `langnghe run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Report:
    """What one stage did. `done` and `failed` count pieces of its own kind of work."""

    stage: str
    done: int = 0
    failed: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What the stages of one round did, in order."""

    stages: tuple[Report, ...]

    @property
    def failed(self) -> int:
        """How many pieces of work failed, over all stages."""
        return sum(stage.failed for stage in self.stages)

    def count(self, stage: str, note: str) -> int:
        """Return one count of one stage; 0 where it did not run."""
        return sum(found.notes.get(note, 0) for found in self.stages if found.stage == stage)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {
            stage.stage: {"done": stage.done, "failed": stage.failed, **stage.notes}
            for stage in self.stages
        }

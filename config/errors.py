"""The errors an operator can meet.

Every error the program raises on purpose derives from `LangNgheError` and says
two things a caller must never guess: whether trying again later can help
(`retryable`), and a short stable `reason` for logs and counters. Anything else
that escapes is a defect, and is left to crash with its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class LangNgheError(Exception):
    """Base of every deliberate error."""

    reason: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False


class ConfigError(LangNgheError):
    """The configuration cannot be used. Lists every problem found, not the first."""

    reason = "config"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

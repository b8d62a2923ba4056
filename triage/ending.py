"""Which ends of a case fit what was found to be true."""

from __future__ import annotations

from collections.abc import Mapping

from triage.act import MoveRefused
from triage.case import CaseOutcome, Veracity
from triage.wording import OUTCOME, VERACITY

_PASSED_ON = frozenset({CaseOutcome.EXPLAINED, CaseOutcome.FORWARDED, CaseOutcome.BEYOND_AUTHORITY})
#: The findings that can stand at the end, each with the outcomes that do not contradict it:
#: what is not so cannot have been put right.
FITTING: Mapping[Veracity, frozenset[CaseOutcome]] = {
    Veracity.TRUE: _PASSED_ON | {CaseOutcome.FIXED, CaseOutcome.SCHEDULED},
    Veracity.PARTLY: frozenset(CaseOutcome),
    Veracity.FALSE: frozenset({CaseOutcome.EXPLAINED, CaseOutcome.REFUSED}),
    Veracity.UNDECIDED: _PASSED_ON | {CaseOutcome.REFUSED},
}


def need_fitting(truth: Veracity, outcome: CaseOutcome | None) -> None:
    """Raise `MoveRefused` where an outcome contradicts what was found; none never does."""
    if outcome is not None and outcome not in FITTING.get(truth, frozenset(CaseOutcome)):
        raise MoveRefused(
            f"Kết quả “{OUTCOME[outcome]}” không khớp với kết luận “{VERACITY[truth]}”."
        )

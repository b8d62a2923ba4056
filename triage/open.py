"""Which case an event belongs to: the open one, the last one reopened, or a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from config.catalog import PolicyEntry
from triage.facts import EventFacts, Verdict
from triage.policy import HOLD, MAIL


class Step(StrEnum):
    """What to do with an event's case.

    `attach`: new evidence goes to the open case. `reopen`: the case closed a short time
    ago goes on. `open`: a new case, sent in the next round. `propose`: a new case that
    waits for a person. `none`: no case.
    """

    NONE = "none"
    ATTACH = "attach"
    REOPEN = "reopen"
    OPEN = "open"
    PROPOSE = "propose"


@dataclass(frozen=True, slots=True)
class Opening:
    """One step. `case_id` is the case to attach to or reopen; `episode` counts outbreaks.

    `recurs_of` links a new case to the one that was closed before it. `held` says that a
    person must look before anything is sent. `why` is in Vietnamese.
    """

    step: Step
    episode: int
    why: str
    case_id: int | None = None
    recurs_of: int | None = None
    held: bool = False


def decide(facts: EventFacts, verdict: Verdict, now: datetime, policy: PolicyEntry) -> Opening:
    """Decide what happens to the case of an event.

    An open case takes what comes, whatever the verdict of the day. What was published
    before the last case closed is its own past and opens nothing. What only may be an issue
    is shown to a person and opens nothing by itself. A new outbreak within
    `reopen_days` of closing reopens the case; later it is a new case that recurs. What a
    person dropped is not proposed again in that time, unless new reports are graver.
    """
    held = verdict.action == HOLD
    had = facts.open_case is not None or facts.last_closed_case is not None
    episode = max(facts.cases, facts.last_episode, int(had))
    if facts.open_case is not None:
        why = f"Bổ sung vào vụ việc đang mở số {facts.open_case}"
        return Opening(Step.ATTACH, episode, why, case_id=facts.open_case, held=held)
    if verdict.action not in (MAIL, HOLD):
        return Opening(Step.NONE, episode, "Không lập vụ việc")
    if not facts.confirmed:
        return Opening(Step.NONE, episode, "Chưa chắc là vấn đề: chỉ nêu trong bản tin", held=held)
    dropped = _dropped(facts, now, policy, episode, held=held)
    return (
        dropped
        or _again(facts, now, policy, episode, held=held)
        or Opening(
            Step.PROPOSE if held else Step.OPEN,
            episode + 1,
            _new_words(facts, held=held),
            recurs_of=facts.last_closed_case,
            held=held,
        )
    )


def _dropped(
    facts: EventFacts, now: datetime, policy: PolicyEntry, episode: int, *, held: bool
) -> Opening | None:
    """Return the step for an event whose last case a person dropped, None where it counts anew."""
    last, dropped = facts.dropped_case, facts.dropped_at
    if last is None or dropped is None:
        return None
    graver = facts.severity > facts.dropped_severity and facts.last_at > dropped
    if graver or now - dropped > timedelta(days=policy.reopen_days):
        return None
    why = f"Người có trách nhiệm đã bỏ vụ việc số {last}; chưa có gì nghiêm trọng hơn"
    return Opening(Step.NONE, episode, why, held=held)


def _again(
    facts: EventFacts, now: datetime, policy: PolicyEntry, episode: int, *, held: bool
) -> Opening | None:
    """Return the step for an event whose last case closed a short time ago, else None."""
    last, closed = facts.last_closed_case, facts.last_closed_at
    if last is None or closed is None:
        return None
    if facts.last_at <= closed:
        return Opening(Step.NONE, episode, f"Không có tin mới sau khi đóng vụ việc số {last}")
    if now - closed > timedelta(days=policy.reopen_days):
        return None
    why = f"Tái diễn trong {policy.reopen_days} ngày: mở lại vụ việc số {last}"
    return Opening(Step.REOPEN, episode, why, case_id=last, held=held)


def _new_words(facts: EventFacts, *, held: bool) -> str:
    what = "Đề xuất vụ việc mới, chờ người duyệt" if held else "Lập vụ việc mới"
    again = facts.last_closed_case
    return what if again is None else f"{what}; tái diễn của vụ việc số {again}"

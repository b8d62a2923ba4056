"""Make the notices that triage sends: cases to a unit, reminders, closings, the digest.

A notice is complete when it is made: same arguments, same key, same Message-ID, same
words. Whether and when it goes out is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from config.catalog import PolicyEntry
from config.settings import ZONE
from triage.case import CaseBrief, CaseOutcome
from triage.digest import DigestData, Due, next_due
from triage.message import message_id
from triage.notice import Notice
from triage.render import render, render_digest
from triage.wording import day_text, one_line

#: What a unit is asked for: to answer, to help the one that answers, or only to know.
Role = Literal["lead", "cooperating", "copy"]
#: From this severity on a mail is marked urgent.
URGENT = 3
_ASKED: Mapping[Role, str] = {
    "lead": "cần xác minh",
    "cooperating": "để phối hợp",
    "copy": "để biết",
}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """In whose name the mails speak, and how their Message-IDs end.

    `agency` is the office that runs the system; `reply_to` where answers by mail go,
    empty when a reply to the sender reaches it. `topics` gives topic ids their names.
    """

    domain: str
    agency: str = ""
    reply_to: str = ""
    topics: Mapping[str, str] | None = None


def cases_notice(
    unit_name: str,
    recipient: str,
    briefs: Sequence[CaseBrief],
    *,
    round_id: str,
    now: datetime,
    not_before: datetime,
    letterhead: Letterhead,
    answer_links: Mapping[int, str] | None = None,
    why_you: Mapping[int, str] | None = None,
    role: Role = "lead",
    unit_id: str = "",
) -> Notice:
    """Return the one mail of a round to one unit, with all its cases, the gravest first.

    `answer_links` and `why_you` are by case id: the signed link under which the unit
    answers, and the routing rule that made it theirs. `unit_id` is the unit written to
    where it is not the lead of the cases. Raises `ValueError` without a case.
    """
    ordered = _gravest_first(briefs)
    context = {
        "unit_name": unit_name,
        "briefs": ordered,
        "role": role,
        "answer_links": answer_links or {},
        "why_you": why_you or {},
        "heading": f"{len(ordered)} vụ việc {_ASKED[role]}",
    }
    kind = "cases" if role == "lead" else f"cases-{role}"
    return _notice(
        f"{kind}:{unit_id or ordered[0].unit_id}:{round_id}",
        "cases",
        recipient,
        _cases_subject(ordered, role),
        ("cases", context, letterhead),
        times=(now, not_before),
        case_ids=tuple(brief.case_id for brief in ordered),
    )


def reminder_notice(
    unit_name: str,
    recipient: str,
    briefs: Sequence[CaseBrief],
    *,
    round_id: str,
    now: datetime,
    not_before: datetime,
    letterhead: Letterhead,
    answer_links: Mapping[int, str] | None = None,
    step: int = 1,
    escalated_from: str = "",
) -> Notice:
    """Return the mail that reminds a unit of what it owes; the longest overdue comes first.

    `step` counts the reminders of these cases. `escalated_from` is the unit that did not
    answer, when the mail goes to the level above it: the notice is then an escalation.
    Raises `ValueError` when none of the cases has a running clock.
    """
    owed = _owed(briefs)
    kind = "escalation" if escalated_from else "reminder"
    why = f"{one_line(escalated_from)} chưa trả lời" if escalated_from else f"Nhắc lần {step}"
    heading = f"{why}: {_owed_text(owed, now)}"
    context = {
        "unit_name": unit_name,
        "owed": owed,
        "now": now,
        "escalated_from": escalated_from,
        "answer_links": answer_links or {},
        "heading": heading,
    }
    return _notice(
        f"{kind}:{owed[0][1].unit_id}:{round_id}" + (f":{recipient}" if escalated_from else ""),
        kind,
        recipient,
        f"[Lắng Nghe] {heading}",
        ("reminder", context, letterhead),
        times=(now, not_before),
        case_ids=tuple(brief.case_id for _, brief in owed),
    )


def closing_notice(
    unit_name: str,
    recipient: str,
    brief: CaseBrief,
    *,
    outcome: CaseOutcome | None,
    now: datetime,
    not_before: datetime,
    letterhead: Letterhead,
    statement: str = "",
    correction: int = 0,
) -> Notice:
    """Return the mail that tells a case is over, to one of those who were told it began.

    `outcome` None means it was withdrawn. `statement` is the answer that was confirmed,
    masked. `correction` numbers the mails that put right an earlier closing; 0 is the first.
    """
    suffix = f":correction-{correction}" if correction else ""
    heading = f"Đính chính vụ việc số {brief.case_id}" if correction else ""
    heading = heading or f"Vụ việc số {brief.case_id} đã kết thúc"
    context = {
        "unit_name": unit_name,
        "brief": brief,
        "outcome": outcome,
        "statement": statement,
        "correction": correction,
        "heading": heading,
    }
    return _notice(
        f"closing:{brief.case_id}:{recipient}{suffix}",
        "closing",
        recipient,
        f"[Lắng Nghe] {heading}: {one_line(brief.title, 90)}",
        ("closing", context, letterhead),
        times=(now, not_before),
        case_ids=(brief.case_id,),
    )


def digest_notice(
    data: DigestData, recipient: str, *, now: datetime, not_before: datetime, domain: str
) -> Notice:
    """Return the mail that carries the day's digest to one reader."""
    key = f"digest:{data.day.isoformat()}:{recipient}"
    return Notice(
        key=key,
        kind="digest",
        recipient=recipient,
        subject=one_line(f"[Lắng Nghe] {day_text(data.day)}: {data.headline}"),
        text=render_digest(data, "text"),
        html=render_digest(data, "html"),
        message_id=message_id(key, domain),
        created_at=now,
        not_before=not_before,
    )


def quiet_until(now: datetime, policy: PolicyEntry, *, urgent: bool = False) -> datetime:
    """Return the first moment at or after `now` at which a mail may go out.

    `now` itself outside the quiet hours and for what is urgent; else the end of the
    quiet hours, which may run over midnight. Equal ends mean no quiet hours.
    """
    local = now.astimezone(ZONE)
    begin, end = policy.quiet_from, policy.quiet_to
    clock = local.time()
    over_midnight = begin > end
    quiet = (clock >= begin or clock < end) if over_midnight else begin <= clock < end
    if urgent or not quiet:
        return now
    morning = local.date() + timedelta(days=1 if over_midnight and clock >= begin else 0)
    return datetime.combine(morning, end, tzinfo=ZONE)


def _gravest_first(briefs: Sequence[CaseBrief]) -> list[CaseBrief]:
    if not briefs:
        raise ValueError("a cases notice needs a case")
    return sorted(briefs, key=lambda brief: (-brief.severity, brief.case_id))


def _cases_subject(ordered: Sequence[CaseBrief], role: Role) -> str:
    asked = f"{len(ordered)} vụ việc {_ASKED[role]}"
    if role != "lead":
        return f"[Lắng Nghe] {asked}"
    verify = [brief.deadlines.verify for brief in ordered if brief.deadlines is not None]
    by = f" – hạn {day_text(min(verify))}" if verify else ""
    return f"[Lắng Nghe] {'KHẨN: ' if ordered[0].severity >= URGENT else ''}{asked}{by}"


def _owed(briefs: Sequence[CaseBrief]) -> list[tuple[Due, CaseBrief]]:
    """Return the cases with a running clock, the one that ends first foremost."""
    clocks = ((next_due(brief.state, brief.deadlines), brief) for brief in briefs)
    owed = [(due, brief) for due, brief in clocks if due is not None]
    if not owed:
        raise ValueError("a reminder needs a case with a running clock")
    return sorted(owed, key=lambda pair: (pair[0].at, pair[1].case_id))


def _owed_text(owed: Sequence[tuple[Due, CaseBrief]], now: datetime) -> str:
    late = sum(due.at < now for due, _ in owed)
    return f"{late} vụ việc quá hạn" if late else f"{len(owed)} vụ việc sắp đến hạn"


def _notice(
    key: str,
    kind: str,
    recipient: str,
    subject: str,
    letter: tuple[str, dict[str, Any], Letterhead],
    *,
    times: tuple[datetime, datetime],
    case_ids: tuple[int, ...],
) -> Notice:
    name, context, letterhead = letter
    context |= {"letterhead": letterhead, "topic_names": letterhead.topics or {}}
    return Notice(
        key=key,
        kind=kind,
        recipient=recipient,
        subject=one_line(subject),
        text=render(f"{name}.txt", context),
        html=render(f"{name}.html", context),
        message_id=message_id(key, letterhead.domain),
        created_at=times[0],
        not_before=times[1],
        case_ids=case_ids,
    )

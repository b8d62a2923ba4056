"""Whether the mail that put a case to its unit is out, and what follows where it left late.

A unit cannot be late with what it does not have: until the mail is out nobody is reminded,
and clocks that ran while it waited (the mail server was away, a person sent it again) begin
anew when it is.
"""

from __future__ import annotations

from typing import Any

from langnghe.desk import Desk, Mark, Plan
from langnghe.history import last, put_by, standing
from storage.correspondence import CaseFile
from triage.act import BY_UNIT
from triage.case import CaseState
from triage.deadline import deadlines, taken_over
from triage.wording import moment_text

#: A mail that left after fewer working hours is not late: one that was put off once or twice.
_LATE_H = 0.25
_OWING = (CaseState.SENT, CaseState.ACKNOWLEDGED)


def on_its_way(desk: Desk, file: CaseFile) -> bool:
    """Say whether the unit cannot know of its case yet, as far as is known.

    A unit that did something with it has it, whatever the mail server said.
    """
    found = put_by(file.entries)
    if file.case.brief.state is not CaseState.SENT or found is None:
        return False
    mail = desk.mails.get(found[1])
    acted = last(standing(file.entries), *(kind.value for kind in BY_UNIT))
    return mail is not None and mail.waits and acted < last(file.entries, "sent")


def late_start(desk: Desk, file: CaseFile) -> Plan:
    """Count the clocks of a case from when its mail left, once, where that was late."""
    brief, found = file.case.brief, put_by(file.entries)
    if brief.state not in _OWING or brief.deadlines is None or found is None:
        return Plan(file)
    line, key = found
    mail = desk.mails.get(key)
    if mail is None or mail.sent_at is None or last(file.entries, "left_late") > line.seq:
        return Plan(file)
    calendar = desk.app.calendar
    if calendar.hours_between(line.at, mail.sent_at) < _LATE_H:
        return Plan(file)
    clocks = deadlines(brief.severity, mail.sent_at, desk.app.catalog.policy, calendar)
    if line.data.get("taken_over"):
        clocks = taken_over(brief.deadlines, clocks)
    values: dict[str, Any] = {
        "ack_due": clocks.acknowledge,
        "verify_due": clocks.verify,
        "final_due": clocks.final,
        "reminded": 0,
        "escalated": 0,
    }
    words = f"Thư giao việc rời đi lúc {moment_text(mail.sent_at)}; các hạn tính từ lúc đó."
    return Plan(file, values=values, marks=(Mark("left_late", words),))

"""Notices that cannot be delivered: what becomes of their cases, and how they are put right.

Nothing is lost here: a case whose mail failed goes back to wait for a person, with the
reason; the address is marked, so that the next case does not follow it there.
"""

from __future__ import annotations

from typing import Any

from langnghe.app import App
from langnghe.asking import units_at
from langnghe.logs import logger
from storage import cases, contacts, deadletters, outbox
from storage.cases import CaseEntry, CaseStory
from storage.db import Session
from triage.case import CaseState
from triage.notice import DeliveryError, DeliveryFailed, Fault, Notice, for_units, unit_of

log = logger(__name__)
#: The line of a case's history that tells of a mail that could not be delivered.
UNDELIVERABLE = "undeliverable"
_MACHINE, _CASES = "machine", "cases"


def set_aside(app: App, notice: Notice, error: DeliveryError) -> None:
    """Mark a claimed notice as failed, in one transaction with all that follows from it.

    Does nothing where the claim had passed to another sender.
    """
    bad_address = isinstance(error, DeliveryFailed) and error.fault is Fault.RECIPIENT
    units = units_at(app, notice.recipient) if bad_address else []
    now = app.clock()
    with app.sessions.begin() as session:
        if not outbox.failed(session, notice.key, app.owner, str(error), now):
            return
        for unit in units:
            contacts.mark_failed(session, unit, notice.recipient, str(error), now)
        for case in notice.for_units:
            _tell_case(app, session, notice, case, error)
    log.error(
        "mail set aside",
        key=notice.key,
        kind=notice.kind,
        cases=list(notice.for_units),
        fault=error.fault.value,
        error=str(error),
        contacts=units,
    )


def retry(app: App, key: str, who: str) -> bool:
    """Queue a failed notice again, with its cases; False where it is not failed.

    Those of its cases that still wait because of it are with the unit again. It goes to
    the same address, as it was written: for a new address approve the cases instead.
    """
    now = app.clock()
    with app.sessions.begin() as session:
        notice = deadletters.get(session, key)
        if notice is None or not deadletters.put_back(session, key, now):
            return False
        for case in for_units(notice.kind, notice.case_ids):
            waits = _waits_for(session, case, key)
            if waits:
                cases.transition(
                    session, case, (CaseState.PROPOSED,), CaseState.SENT, hold=None, sent_at=now
                )
            text = f"Gửi lại thư tới {notice.recipient}"
            data = _sent_before(session, case) if waits else {}
            kind = "sent" if waits else "mail_again"
            cases.entry(session, case, now, who, kind, text, data | {"notices": [key]})
    return True


def drop(app: App, key: str, who: str, why: str) -> bool:
    """Give a failed notice up, which ends its alarm; False where it is not failed.

    Its cases stay where they are; their history says who gave it up, and why (masked).
    """
    now, why = app.clock(), app.masker.mask("", why).text
    with app.sessions.begin() as session:
        notice = deadletters.get(session, key)
        if notice is None or not deadletters.drop(session, key):
            return False
        for case in for_units(notice.kind, notice.case_ids):
            text = f"Thôi gửi thư tới {notice.recipient}: {why}"
            cases.entry(session, case, now, who, "mail_dropped", text, {"notice": key})
    return True


def in_words(kind: str, recipient: str) -> str:
    """Say in Vietnamese which mail it was, for whoever has to look after it."""
    return f"{_KINDS.get(kind, kind)} gửi {recipient}"


_KINDS = {
    "cases": "thư giao vụ việc",
    "round": "thư về các vụ việc",
    "waiting": "thư nhắc việc chờ duyệt",
    "digest": "bản tin",
}


def _tell_case(
    app: App, session: Session, notice: Notice, case_id: int, error: DeliveryError
) -> None:
    """Write the reason into a case's history; where its own unit was not reached, hold it."""
    reason = _reason(app, notice.recipient, error)
    if _put_to_unit(session, notice, case_id):
        cases.transition(
            session, case_id, (CaseState.SENT,), CaseState.PROPOSED, hold=reason, sent_at=None
        )
    data = {"notice": notice.key, "fault": error.fault.value, "error": str(error)}
    text = f"{reason} ({error})"
    cases.entry(session, case_id, app.clock(), _MACHINE, UNDELIVERABLE, text, data)


def _reason(app: App, recipient: str, error: DeliveryError) -> str:
    if error.fault is Fault.RECIPIENT:
        return f"Địa chỉ {recipient} không nhận thư"
    if error.fault is Fault.MESSAGE:
        return f"Máy chủ thư không nhận nội dung thư gửi {recipient}"
    return f"Thư gửi {recipient} không đi được sau {app.settings.give_up_hours} giờ thử"


def _waits_for(session: Session, case_id: int, key: str) -> bool:
    """Say whether a case waits because this notice failed, and is still that unit's."""
    story = cases.show(session, case_id)
    if story is None or story.case.brief.state is not CaseState.PROPOSED:
        return False
    failures = [line for line in story.entries if line.kind == UNDELIVERABLE]
    last = failures[-1].data.get("notice") if failures else None
    return last == key and story.case.brief.unit_id == unit_of(key)


def _sent_before(session: Session, case_id: int) -> dict[str, Any]:
    """Return what the unit was to know by the mail that failed."""
    story = cases.show(session, case_id)
    sent = _last_sent(story) if story else None
    return dict(sent.data) if sent else {}


def _put_to_unit(session: Session, notice: Notice, case_id: int) -> bool:
    """Say whether this is the mail by which the case's own unit was to learn of it."""
    story = cases.show(session, case_id)
    if story is None or story.case.brief.unit_id != unit_of(notice.key):
        return False
    sent = _last_sent(story)
    return notice.kind == _CASES and (sent is None or notice.key in sent.data["notices"])


def _last_sent(story: CaseStory) -> CaseEntry | None:
    return next((line for line in reversed(story.entries) if line.kind == "sent"), None)

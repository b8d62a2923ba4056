"""What a form about a case asks for: typed fields turned into one act, or refused in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from langnghe.app import App
from langnghe.asking import UNKNOWN, resolve_place
from langnghe.contract import full_name
from langnghe.web.console.guard import Visit
from storage.cases import StoredCase
from triage.act import DISMISSALS, OTHER, Act, Kind, MoveRefused
from triage.case import CaseOutcome, Veracity

#: What a person of the committee does, and what takes the right to lead.
DECISIONS = frozenset(
    {
        Kind.APPROVE,
        Kind.DISMISS,
        Kind.ASSIGN,
        Kind.CORRECT,
        Kind.CLOSE,
        Kind.SEND_BACK,
        Kind.NOTE,
        Kind.UNDO,
    }
)
LEADING = frozenset({Kind.REOPEN, Kind.AMEND})
_MOST_CHARS = 10_000
_BAD_CHOICE = "Có lựa chọn không hợp lệ; hãy chọn lại."


class ManyPlaces(MoveRefused):
    """A place named in words that several places bear; `choices` are (key, name)."""

    def __init__(self, words: str, choices: tuple[tuple[str, str], ...]) -> None:
        self.choices = choices
        super().__init__(words)


def who(visit: Visit) -> str:
    """Return who acts, as the history shows it: role and login, never a person's name."""
    return f"{visit.me.role}:{visit.me.login}"


def read_act(app: App, case: StoredCase, kind: Kind, form: Mapping[str, str]) -> Act:
    """Turn a form into what it asks. Raises `MoveRefused` for what cannot be read.

    Of a place named in words the map of today decides, and the maps before; `ManyPlaces`
    carries those to choose from.
    """
    text = form.get("text", "")
    if len(text) > _MOST_CHARS:
        raise MoveRefused("Nội dung quá dài; hãy rút gọn.")
    try:
        return Act(
            kind,
            text=text,
            code=_code(form) if kind is Kind.DISMISS else "",
            unit_id=form.get("unit_id", "") if kind in (Kind.APPROVE, Kind.ASSIGN) else "",
            veracity=Veracity(form["veracity"]) if form.get("veracity") else None,
            outcome=CaseOutcome(form["outcome"]) if form.get("outcome") else None,
            severity=_severity(form) if kind is Kind.CORRECT else None,
            topics=_topics(case, form) if kind is Kind.CORRECT else None,
            place_key=_place(app, form) if kind in (Kind.CORRECT, Kind.DISMISS) else None,
        )
    except ValueError as error:
        raise MoveRefused(_BAD_CHOICE) from error


def day(text: str) -> date | None:
    """Read a day as browsers send it, or as people write it: 2026-03-09, 9/3/2026."""
    text = text.strip()
    if not text:
        return None
    try:
        if "/" in text:
            return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 (a day has no zone)
        return date.fromisoformat(text)
    except ValueError as error:
        raise MoveRefused("Ngày không đọc được; hãy ghi như 09/03/2026.") from error


def _code(form: Mapping[str, str]) -> str:
    code = form.get("code") or OTHER
    if code not in DISMISSALS:
        raise MoveRefused(_BAD_CHOICE)
    return code


def _severity(form: Mapping[str, str]) -> int | None:
    text = form.get("severity", "")
    if text and text not in ("1", "2", "3"):
        raise MoveRefused("Mức độ phải là 1, 2 hoặc 3.")
    return int(text) if text else None


def _topics(case: StoredCase, form: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return main topic and others; None where the form says nothing of them."""
    main = form.get("topic", "")
    if not main and "topics" not in form:
        return None
    others = form.get("topics", "").split()
    before = case.brief.topics
    ordered = [*(one for one in before if one in others), *others]
    return tuple(dict.fromkeys([main, *ordered] if main else ordered))


def _place(app: App, form: Mapping[str, str]) -> str | None:
    if form.get("place_key"):
        return form["place_key"]
    named = form.get("place", "").strip()
    if not named:
        return None
    key, reason, candidates = resolve_place(app, named, app.today())
    if key is not None:
        return key
    if reason == UNKNOWN:
        raise MoveRefused(f"Không tìm thấy địa bàn “{named[:100]}” trên bản đồ.")
    choices = tuple((one, full_name(one, app.gazetteer) or one) for one in candidates)
    raise ManyPlaces(f"Có nhiều nơi tên “{named[:100]}”: hãy chọn một nơi.", choices)

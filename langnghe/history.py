"""What a case's history says to whoever writes about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from storage.cases import CaseEntry
from storage.correspondence import CaseFile
from triage.notice import unit_of

#: What a unit is told of why a case was withdrawn; the words of the decision stay inside.
_WITHDRAWN: Mapping[str, str] = {
    "not_an_issue": "qua xem xét, không phải việc cần xác minh",
    "duplicate": "trùng với vụ việc khác",
    "handled": "đã được giải quyết",
    "elsewhere": "không thuộc địa bàn",
}


def standing(entries: Iterable[CaseEntry]) -> list[CaseEntry]:
    """Return the lines that were not taken back."""
    lines = list(entries)
    undone = {entry.data["undoes"] for entry in lines if entry.kind == "undone"}
    return [entry for entry in lines if entry.seq not in undone]


def why_withdrawn(entries: Iterable[CaseEntry]) -> str:
    """Return why a case was withdrawn, as far as units are told; "" where that is all inside."""
    found = latest(entries, lambda entry: entry.kind == "dismissed")
    return _WITHDRAWN.get(str(found.data.get("code", "")), "") if found else ""


def last(entries: Iterable[CaseEntry], *kinds: str) -> int:
    """Return the number of the last line of these kinds; 0 where there is none."""
    return max((entry.seq for entry in entries if entry.kind in kinds), default=0)


def latest(entries: Iterable[CaseEntry], fits: Callable[[CaseEntry], bool]) -> CaseEntry | None:
    """Return the last line that fits, or None."""
    return max((entry for entry in entries if fits(entry)), key=lambda one: one.seq, default=None)


def told_of(file: CaseFile, unit: str) -> list[CaseEntry]:
    """Return the lines that say that this unit was told of evidence."""
    kinds = ("sent", "evidence_sent")
    return [
        entry
        for entry in file.entries
        if entry.kind in kinds and unit in entry.data.get("units", ())
    ]


def was_reached(entries: Iterable[CaseEntry]) -> bool:
    """Say whether any unit ever got the mail that put the case to it, as far as is known."""
    lines = list(entries)
    return any(_arrived(line, lines) for line in lines if line.kind == "sent")


def _arrived(sent: CaseEntry, lines: Iterable[CaseEntry]) -> bool:
    unit = sent.data.get("unit")
    own = {key for key in sent.data.get("notices", ()) if unit_of(key) == unit}
    later = (line for line in lines if line.kind == "undeliverable" and line.seq > sent.seq)
    return own.isdisjoint(line.data["notice"] for line in later)


def put_by(entries: Iterable[CaseEntry]) -> tuple[CaseEntry, str] | None:
    """Return the line that put a case to the unit it was last put to, and the key of that mail.

    The line is the first that names the mail: one that was sent again was written then.
    """
    lines = [entry for entry in entries if entry.kind == "sent"]
    if not lines:
        return None
    unit = lines[-1].data.get("unit")
    own = [key for key in lines[-1].data.get("notices", ()) if unit_of(key) == unit]
    if not own:
        return None
    return next(line for line in lines if own[0] in line.data.get("notices", ())), own[0]


def why_you(file: CaseFile) -> str:
    """Return why the case is this unit's: who gave it to it last, or the routing's words."""
    named = latest(
        standing(file.entries),
        lambda entry: (
            entry.kind in ("assigned", "handover")
            or (entry.kind == "approved" and "unit_id" in entry.data.get("before", {}))
            or "routing" in entry.data
        ),
    )
    if named is None or named.kind == "handover":
        return file.case.brief.why[-1] if file.case.brief.why else ""
    if "routing" in named.data:
        return str(named.data["routing"])
    words = f"Cơ quan tổng hợp giao cho {file.case.brief.unit_name or 'đơn vị'}"
    return f"{words}: {named.text}" if named.text else f"{words}."


def how_it_came(file: CaseFile, *, kept: bool) -> str:
    """Say what a unit should know of how a case came to it; "" for one that is simply new.

    `kept` says that the terms of before go on.
    """
    entries = standing(file.entries)
    if file.case.brief.deadlines is not None and was_reached(entries):
        before = latest(entries, lambda entry: entry.kind == "sent")
        same = before is not None and before.data.get("unit") == file.case.brief.unit_id
        how = "Gửi lại" if same else "Chuyển từ đơn vị khác"
        terms = "giữ nguyên" if kept else "được tính lại, vì hạn trước đã qua"
        return f"{how}: hạn xác minh và báo cáo {terms}."
    again = last(entries, "reopened") > last(entries, "sent")
    return "Vụ việc đã kết thúc nay được mở lại." if again else ""

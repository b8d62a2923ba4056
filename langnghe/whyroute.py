"""How routing came to its answer, in words: the rows looked at and the units climbed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from langnghe.app import App
from langnghe.judging import unit_name
from langnghe.lines import local_day
from storage.dossier import Dossier
from triage.facts import EventFacts
from triage.rows import Claim, Tried

#: Rows passed over for these reasons are many and say little: they share one line.
_FAR = ("không có hiệu lực", "cho chủ đề khác", "cho cấp khác")


def routing_lines(
    app: App, kept: Dossier, facts: EventFacts, has_contact: Callable[[str], bool]
) -> Iterator[str]:
    """Yield how the unit was found: what was kept of it, then every row and unit tried.

    The rows are those of now, asked for the day of the last judgement.
    """
    routing = kept.assessment.routing if kept.assessment else {}
    yield f"dòng quyết định: {routing.get('rule') or 'không có'}"
    yield f"{routing.get('why') or 'không rõ'}"
    if routing.get("hold"):
        yield f"chờ người quyết định: {routing['hold']}"
    place = kept.case.place_key
    if place is None or place not in app.gazetteer:
        yield "chưa có địa bàn: không dòng nào được xét"
        return
    asked_on = (kept.assessment and local_day(kept.assessment.at)) or app.today()
    found = app.routes.explain(
        place,
        kept.case.brief.topics,
        asked_on,
        has_contact=has_contact,
        flags=facts.flags,
        places=[key for key in facts.places if key in app.gazetteer],
    )
    if not found.tried:
        yield "nơi này nằm ngoài địa bàn theo dõi: không dòng nào được xét"
    alike: dict[tuple[Tried, ...], list[str]] = defaultdict(list)
    for spot, tried in found.tried:
        alike[tried].append(spot.name)
    for tried, names in alike.items():
        yield f"Các dòng về {', '.join(names)} (ngày {asked_on:%d/%m/%Y}):"
        yield from (f"  {line}" for line in _rows(app, tried))
    yield "Đơn vị được hỏi, từ gần đến xa:"
    for unit, reached in found.asked:
        yield f"  {unit_name(app, unit)}: {'có địa chỉ' if reached else 'chưa có địa chỉ'}"
        if reached:
            return
    yield "  không đơn vị nào có địa chỉ: vào hàng đợi của tỉnh"


def _rows(app: App, tried: tuple[Tried, ...]) -> Iterator[str]:
    far: dict[str, list[Claim]] = defaultdict(list)
    for one in tried:
        if one.why.startswith(_FAR):
            far[one.why].append(one.claim)
            continue
        row = one.claim.row
        lead = unit_name(app, row.lead) if row.lead in app.catalog.units else "đơn vị của nơi đó"
        basis = f", theo {row.decision}" if row.decision else ""
        verdict = "ĐƯỢC CHỌN" if one.taken else f"không chọn: {one.why}"
        yield f"{one.claim.name} (chủ trì {lead}{basis}): {verdict}"
    for why, claims in far.items():
        yield f"không chọn, {why} ({len(claims)}): {_numbers(claims)}"


def _numbers(claims: list[Claim]) -> str:
    """Return the names of rows, runs of numbers put together: "routing/a.toml#1-3, #7"."""
    files: dict[str, list[list[int]]] = defaultdict(list)
    for claim in claims:
        runs = files[claim.file]
        if runs and runs[-1][-1] == claim.number - 1:
            runs[-1].append(claim.number)
        else:
            runs.append([claim.number])
    return "; ".join(
        f"routing/{file}.toml"
        + ", ".join(f"#{run[0]}" if len(run) == 1 else f"#{run[0]}-{run[-1]}" for run in runs)
        for file, runs in files.items()
    )

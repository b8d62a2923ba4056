"""Why a case is as it is, in words: every decision with what it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from config.settings import ZONE
from langnghe.app import App
from langnghe.asking import reachable
from langnghe.contract import full_name
from langnghe.judging import Judgement, unit_name, weigh
from langnghe.quieting import Hush
from langnghe.whyroute import routing_lines
from storage import dossier, triage
from storage.cases import CaseEntry
from storage.dossier import Dossier, KeptAssessment, KeptNotice
from triage.entrywords import ENTRY
from triage.facts import EventFacts
from triage.policy import judge
from triage.whatif import Threshold, thresholds
from triage.wording import OUTCOME, STATE, VERACITY, severity_text

#: What the policy did with an event, and where a mail stands.
VERDICT = {
    "mail": "gửi đơn vị trong đợt tới",
    "hold": "chờ người quyết định",
    "digest": "chỉ nêu trong bản tin",
    "nothing": "không làm gì",
}
NOTICE_STATE = {
    "queued": "chờ gửi",
    "sending": "đang gửi",
    "sent": "đã gửi",
    "failed": "không gửi được, chờ người xem",
}
_NOBODY = "không có"


def why_text(app: App, number: int) -> str | None:
    """Return every decision on a case in words, or None where there is no such case.

    What was decided is told from what was kept then. What would change it is asked of the
    rules and the evidence of now, and says so.
    """
    with app.views() as session:
        kept = dossier.open_dossier(session, number)
        found = triage.facts(session, [kept.case.brief.event_id]) if kept else []
    if kept is None:
        return None
    sections = [
        *_head(app, kept),
        *_section("Vì sao có vụ việc", kept.reasons),
        *_assessed(kept.assessment),
    ]
    if found:
        for title, lines in reconsidered(app, kept, found[0]):
            sections += _section(title, lines)
    sections += _section("Đã gửi cho", map(_notice, kept.notices))
    sections += _section("Thời hạn", _clocks(kept, app.clock()))
    sections += _section("Lời hứa, lịch hẹn", _promises(kept))
    sections += _section("Lịch sử", (line for entry in kept.entries for line in _entry(entry)))
    sections += _section("Phiên bản", _versions(app, kept))
    return "\n".join(sections) + "\n"


def reconsidered(app: App, kept: Dossier, facts: EventFacts) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield (title, lines): what was held back, what would be decided now, how the unit is found.

    The rules and the evidence are those of now.
    """
    hush = Hush(app, facts).reason(facts)
    has_contact = reachable(app)
    again = weigh(app, facts, has_contact, hush)
    yield "Bị chặn cảnh báo bởi", _quiet(kept.assessment, hush)
    yield "Nếu xét lại lúc này", _again(app, again, hush)
    yield "Phân công", routing_lines(app, kept, facts, has_contact)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield f"{title}:"
    yield from [f"  {line}" for line in lines if line] or [f"  {_NOBODY}"]


def _head(app: App, kept: Dossier) -> Iterator[str]:
    case, brief = kept.case, kept.case.brief
    topics = [app.catalog.topics[t].name for t in brief.topics if t in app.catalog.topics]
    yield f"VỤ VIỆC SỐ {brief.case_id} (sự việc {brief.event_id}): {brief.title}"
    outcome = f"; kết quả: {OUTCOME[case.outcome]}" if case.outcome else ""
    yield f"Trạng thái: {STATE[brief.state]}; {VERACITY[brief.veracity]}{outcome}"
    yield f"Mức độ: {severity_text(brief.severity)}; chủ đề: {', '.join(topics) or 'chưa rõ'}"
    yield f"Địa bàn: {brief.place}"
    then = unit_name(app, case.unit_then) if case.unit_then else "chưa xác định"
    yield f"Đơn vị: {brief.unit_name}; phụ trách khi xảy ra: {then}"
    if case.hold:
        yield f"Đang chờ vì: {case.hold}"
    if case.candidates:
        yield f"Có thể là: {', '.join(_named(app, one) for one in case.candidates)}"
    if brief.recurs_of:
        yield f"Tái diễn của vụ việc số {brief.recurs_of}"


def _named(app: App, key: str) -> str:
    if key in app.catalog.units:
        return unit_name(app, key)
    return (full_name(key, app.gazetteer) or key) if key in app.gazetteer else key


def _assessed(kept: KeptAssessment | None) -> Iterator[str]:
    if kept is None:
        yield from _section("Điểm", ())
        return
    yield from _section(f"Điểm (xét gần nhất {_at(kept.at)})", _sum(kept))
    what = VERDICT.get(kept.verdict, kept.verdict)
    yield from _section(f"Chính sách: {what}", kept.reasons)


def _sum(kept: KeptAssessment) -> Iterator[str]:
    for part in kept.parts:
        yield (
            f"{part['name']:<11} {part['value']:g} × {part['weight']:g} = {part['points']:g}"
            f"  ({part['why']})"
        )
    points = " + ".join(f"{part['points']:g}" for part in kept.parts if part["points"]) or "0"
    yield f"{'cộng':<11} {points} = {kept.score:g}"


def _quiet(kept: KeptAssessment | None, hush: str | None) -> Iterator[str]:
    if hush:
        yield f"lúc này: {hush}"
    if kept and kept.verdict == "digest" and hush not in kept.reasons:
        marks = ("tạm ngưng cảnh báo", "vụ việc lớn")
        yield from (f"khi xét: {one}" for one in kept.reasons if any(mark in one for mark in marks))


def _again(app: App, found: Judgement, hush: str | None) -> Iterator[str]:
    policy, topics = app.catalog.policy, app.catalog.topics
    yield f"{VERDICT[found.verdict.action]}: {'; '.join(found.verdict.reasons)}"
    limits = thresholds(
        found.facts,
        found.score,
        lambda facts, score: judge(facts, score, found.routing, policy, topics, hushed=hush),
        policy,
        topics,
    )
    turning = [one for one in limits if one.turns]
    yield (
        "Ngưỡng gần nhất có thể đổi kết quả:"
        if turning
        else ("Không ngưỡng nào tự nó đổi được kết quả; các ngưỡng:")
    )
    yield from (f"- {_limit(one)}" for one in turning or limits)


def _limit(one: Threshold) -> str:
    side = "đạt" if one.passed else "chưa đạt"
    line = f"{one.name} {one.found:.4g}, ngưỡng {one.limit:g} ({side}, cách {one.room:.0%})"
    across = "dưới ngưỡng" if one.passed else "từ ngưỡng"
    return f"{line}; {across} thì {VERDICT[one.beyond.action]}" if one.turns else line


def _notice(one: KeptNotice) -> str:
    sent = f" lúc {_at(one.sent_at)}" if one.sent_at else ""
    tries = f", {one.attempts} lần thử" if one.attempts > 1 else ""
    error = f"; lỗi: {one.last_error}" if one.last_error else ""
    state = NOTICE_STATE.get(one.state, one.state)
    return f"{one.recipient}: {state}{sent}{tries}; Message-ID {one.message_id} [{one.key}]{error}"


def _clocks(kept: Dossier, now: datetime) -> Iterator[str]:
    brief, due = kept.case.brief, kept.case.brief.deadlines
    yield f"lập {_at(brief.opened_at)}"
    yield f"gửi {_at(kept.sent_at)}" if kept.sent_at else "chưa gửi: đồng hồ chưa chạy"
    if due:
        for what, limit, done in (
            ("tiếp nhận", due.acknowledge, kept.acknowledged_at),
            ("xác minh", due.verify, kept.answered_at),
            ("báo cáo", due.final, kept.case.closed_at),
        ):
            late = ", quá hạn" if (done or now) > limit else ""
            yield f"{what}: hạn {_at(limit)}; {f'xong {_at(done)}' if done else 'chưa xong'}{late}"
    elif kept.case.closed_at:
        yield f"kết thúc {_at(kept.case.closed_at)}"
    if kept.returned:
        yield f"bị trả lại {kept.returned} lần"
    if kept.reminded or kept.escalated:
        yield f"đã nhắc {kept.reminded} lần, báo cấp trên {kept.escalated} lần"


def _promises(kept: Dossier) -> Iterator[str]:
    for one in kept.promises:
        yield f"{one.due:%d/%m/%Y} {one.text} ({one.by}; {one.kind}, {one.state})"


def _entry(entry: CaseEntry) -> Iterator[str]:
    what = ENTRY.get(entry.kind, entry.kind)
    words = f"{what}: {entry.text}" if entry.text else what
    who = "máy" if entry.who == "machine" else entry.who
    yield f"{entry.seq}. {_at(entry.at)} {who}: {words}"
    shown = {name: value for name, value in entry.data.items() if name != "before"}
    if shown:
        yield "   " + "; ".join(f"{name}={value}" for name, value in shown.items())


def _versions(app: App, kept: Dossier) -> Iterator[str]:
    yield f"cấu hình khi lập: {kept.config_hash or _NOBODY}; hiện nay: {app.catalog.hash}"
    if kept.assessment:
        yield f"cấu hình khi xét gần nhất: {kept.assessment.config_hash}"
    yield f"bản đồ: {kept.gazetteer_version or _NOBODY}; mô hình: {kept.model_version or _NOBODY}"


def _at(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%H:%M %d/%m/%Y}"

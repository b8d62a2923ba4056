"""What happens to an event: mailed, held for a person, shown in the digest, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.catalog import PolicyEntry, TopicEntry
from triage.facts import EventFacts, Routing, Score, Verdict

MAIL, HOLD, DIGEST, NOTHING = "mail", "hold", "digest", "nothing"
UNCONFIRMED = "Chưa chắc là vấn đề: không tin nào đủ rõ"

_FLAG_WORDS: Mapping[str, str] = {
    "denunciation": "Có nội dung tố cáo",
    "gathering": "Có tụ tập đông người",
    "protest": "Có tụ tập đông người",
    "about_unit": "Phản ánh về chính đơn vị phụ trách",
}


def judge(
    facts: EventFacts,
    score: Score,
    routing: Routing,
    policy: PolicyEntry,
    topics: Mapping[str, TopicEntry],
    *,
    hushed: str | None = None,
) -> Verdict:
    """Say what the policy does with an event, and every reason for it in Vietnamese.

    The main topic decides whether there are cases at all and how grave a mailed one must
    be; any topic or flag that is always held holds. Time plays no part: what waits for a
    person waits until a person decides. `hushed` is the reason why the event raises no
    alarm by itself (`triage.quiet`): it then stands in the digest only. What no report is
    surely an issue of waits for a person, whatever its scores, or is left alone.
    """
    main = topics.get(facts.topics[0]) if facts.topics else None
    least = main.min_severity if main else TopicEntry.model_fields["min_severity"].default
    ignored = tuple(_ignored(facts, score, policy))
    if ignored:
        return Verdict(NOTHING, ignored)
    always = tuple(_always_held(facts, policy, topics))
    if not facts.confirmed:
        return _doubtful(facts, main, least, (*always, *_doubts(facts, policy, main)), hushed)
    if main and not main.make_cases:
        reason = f"Chủ đề {main.name} chỉ đếm trong bản tin, không lập vụ việc"
        return Verdict(DIGEST, (reason,))
    if hushed:
        return Verdict(DIGEST, (hushed,))
    if facts.severity < least and not always:
        return Verdict(DIGEST, (f"Mức độ {facts.severity} dưới {least}: chỉ nêu trong bản tin",))
    held = (*always, *_doubts(facts, policy, main), *_unroutable(routing, facts))
    if held:
        return Verdict(HOLD, tuple(dict.fromkeys(held)))
    reason = f"Mức độ {facts.severity}, độ tin cậy cao, đã rõ đơn vị phụ trách"
    return Verdict(MAIL, (reason,))


def _doubtful(
    facts: EventFacts,
    main: TopicEntry | None,
    least: int,
    reasons: tuple[str, ...],
    hushed: str | None,
) -> Verdict:
    """Show a person what may be an issue only if it would be worth a case."""
    if main and not main.make_cases:
        return Verdict(NOTHING, (f"{UNCONFIRMED}; chủ đề {main.name} không lập vụ việc",))
    if facts.severity < least:
        return Verdict(NOTHING, (f"{UNCONFIRMED}; mức độ {facts.severity} dưới {least}",))
    if hushed:
        return Verdict(NOTHING, (UNCONFIRMED, hushed))
    return Verdict(HOLD, tuple(dict.fromkeys((UNCONFIRMED, *reasons))))


def _ignored(facts: EventFacts, score: Score, policy: PolicyEntry) -> Iterator[str]:
    if "speech" in facts.flags:
        yield "Nội dung chỉ là lời nói của ai đó: không phải vấn đề của địa bàn"
    elif facts.severity < 1:
        yield "Không phải vấn đề cần xác minh"
    elif score.total < policy.digest_floor:
        yield f"Điểm {score.total:g} dưới ngưỡng bản tin {policy.digest_floor:g}"


def _always_held(
    facts: EventFacts, policy: PolicyEntry, topics: Mapping[str, TopicEntry]
) -> Iterator[str]:
    for topic in facts.topics:
        if topic in topics and topics[topic].hold:
            yield f"Chủ đề {topics[topic].name}: luôn chờ người quyết định"
    for flag in policy.hold_flags:
        if flag in facts.flags:
            yield f"{_FLAG_WORDS.get(flag, flag)}: luôn chờ người quyết định"


def _doubts(facts: EventFacts, policy: PolicyEntry, main: TopicEntry | None) -> Iterator[str]:
    if main is None:
        yield "Chưa rõ chủ đề"
    sure = (
        ("là vấn đề", facts.issue_score, policy.min_issue_confidence),
        ("về chủ đề", facts.topic_score, policy.min_topic_confidence),
        ("về địa bàn", facts.place_score, policy.min_place_confidence),
    )
    for what, found, least in sure:
        if found < least:
            yield f"Độ tin cậy {what} thấp: {found:.2f} dưới {least:.2f}"
    if policy.hold_single_fanpage and len(facts.outlets) < 2 and set(facts.kinds) == {"fanpage"}:
        yield "Chỉ có một trang mạng xã hội phản ánh"


def _unroutable(routing: Routing, facts: EventFacts) -> Iterator[str]:
    for reason in (facts.hold, routing.hold):
        if reason:
            yield f"Chờ người quyết định: {reason}"
    if routing.lead is None and not routing.hold:
        yield "Chờ người quyết định: chưa có đơn vị phụ trách"

"""The shipped policy: what is mailed, what waits for a person, what stands in the digest only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_events import event

from config.load import load_catalog
from triage.facts import EventFacts, Routing, Verdict
from triage.policy import judge
from triage.score import score

CATALOG = load_catalog(None)
ROUTED = Routing("ubnd-huyen-ba-tri", "ubnd-huyen-ba-tri", "ubnd-huyen-ba-tri")


def judged(facts: EventFacts, routing: Routing = ROUTED, **more: Any) -> Verdict:
    found = score(facts, CATALOG.policy.weights)
    return judge(facts, found, routing, CATALOG.policy, CATALOG.topics, **more)


def test_a_sure_grave_routed_event_is_mailed() -> None:
    assert judged(event()) == Verdict("mail", ("Mức độ 2, độ tin cậy cao, đã rõ đơn vị phụ trách",))


@pytest.mark.parametrize(
    ("changes", "action", "reason"),
    [
        ({"flags": ("speech",)}, "nothing",
         "Nội dung chỉ là lời nói của ai đó: không phải vấn đề của địa bàn"),
        ({"severity": 0}, "nothing", "Không phải vấn đề cần xác minh"),
        ({"severity": 1}, "digest", "Mức độ 1 dưới 2: chỉ nêu trong bản tin"),
        ({"topics": ("safety",), "severity": 3}, "digest",
         "Chủ đề An ninh trật tự, tai nạn, cháy nổ chỉ đếm trong bản tin, không lập vụ việc"),
        ({"topics": ("safety", "infrastructure")}, "digest",
         "Chủ đề An ninh trật tự, tai nạn, cháy nổ chỉ đếm trong bản tin, không lập vụ việc"),
        ({"topics": ("governance",)}, "hold",
         "Chủ đề Khiếu nại, tố cáo, cán bộ, thủ tục hành chính: luôn chờ người quyết định"),
        ({"topics": ("governance",), "severity": 1}, "hold",
         "Chủ đề Khiếu nại, tố cáo, cán bộ, thủ tục hành chính: luôn chờ người quyết định"),
        ({"topics": ("waste", "governance")}, "hold",
         "Chủ đề Khiếu nại, tố cáo, cán bộ, thủ tục hành chính: luôn chờ người quyết định"),
        ({"flags": ("gathering",)}, "hold", "Có tụ tập đông người: luôn chờ người quyết định"),
        ({"flags": ("gathering", "protest")}, "hold",
         "Có tụ tập đông người: luôn chờ người quyết định"),
        ({"flags": ("denunciation",), "severity": 1}, "hold",
         "Có nội dung tố cáo: luôn chờ người quyết định"),
        ({"flags": ("about_unit",)}, "hold",
         "Phản ánh về chính đơn vị phụ trách: luôn chờ người quyết định"),
        ({"issue_score": 0.84}, "hold", "Độ tin cậy là vấn đề thấp: 0.84 dưới 0.85"),
        ({"topic_score": 0.5}, "hold", "Độ tin cậy về chủ đề thấp: 0.50 dưới 0.60"),
        ({"place_score": 0.5}, "hold", "Độ tin cậy về địa bàn thấp: 0.50 dưới 0.60"),
        ({"hold": "hai xã cùng tên An Hiệp"}, "hold",
         "Chờ người quyết định: hai xã cùng tên An Hiệp"),
        ({"topics": ()}, "hold", "Chưa rõ chủ đề"),
        ({"topics": ("unheard-of",)}, "hold", "Chưa rõ chủ đề"),
        ({"outlets": ("Trang A",), "kinds": ("fanpage",)}, "hold",
         "Chỉ có một trang mạng xã hội phản ánh"),
    ],
)  # fmt: skip
def test_what_is_not_mailed_says_why(changes: dict[str, Any], action: str, reason: str) -> None:
    assert judged(event(**changes)) == Verdict(action, (reason,))


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": 3},
        {"outlets": ("Báo A",)},
        {"outlets": ("Trang A", "Trang B"), "kinds": ("fanpage",)},
        {"outlets": ("Trang A",), "kinds": ("fanpage", "hotline")},
        {"topics": ("waste", "safety")},
        {"flags": ("vulnerable", "remedied")},
    ],
)
def test_what_is_mailed_all_the_same(changes: dict[str, Any]) -> None:
    assert judged(event(**changes)).action == "mail"


@pytest.mark.parametrize(
    ("routing", "reason"),
    [
        (replace(ROUTED, hold="chưa rõ địa bàn"), "Chờ người quyết định: chưa rõ địa bàn"),
        (replace(ROUTED, lead=None), "Chờ người quyết định: chưa có đơn vị phụ trách"),
    ],
)
def test_what_cannot_be_routed_waits(routing: Routing, reason: str) -> None:
    assert judged(event(), routing) == Verdict("hold", (reason,))


def test_every_reason_to_wait_is_told() -> None:
    facts = event(issue_score=0.5, flags=("denunciation",), hold="chưa rõ địa bàn")

    assert judged(facts, replace(ROUTED, hold="chưa rõ địa bàn")).reasons == (
        "Có nội dung tố cáo: luôn chờ người quyết định",
        "Độ tin cậy là vấn đề thấp: 0.50 dưới 0.85",
        "Chờ người quyết định: chưa rõ địa bàn",
    )


def test_below_the_floor_the_day_stays_quiet() -> None:
    facts = event(severity=1, items=1, outlets=("a",))
    floor = CATALOG.policy.model_copy(update={"digest_floor": 3.0})

    verdict = judge(facts, score(facts, {}), ROUTED, floor, CATALOG.topics)

    assert verdict == Verdict("nothing", ("Điểm 2.6 dưới ngưỡng bản tin 3",))


@pytest.mark.parametrize("changes", [{}, {"flags": ("gathering",)}])
def test_a_hushed_event_stands_in_the_digest_only(changes: dict[str, Any]) -> None:
    assert judged(event(**changes), hushed="Đã tạm ngưng") == Verdict("digest", ("Đã tạm ngưng",))


def test_the_operator_decides_otherwise_by_files() -> None:
    topics = dict(CATALOG.topics)
    topics["safety"] = topics["safety"].model_copy(update={"make_cases": True, "min_severity": 3})
    policy = CATALOG.policy.model_copy(update={"hold_flags": (), "hold_single_fanpage": False})
    facts = event(topics=("safety",), flags=("gathering",), outlets=("a",), kinds=("fanpage",))

    verdicts = [
        judge(replace(facts, severity=severity), score(facts, {}), ROUTED, policy, topics).action
        for severity in (2, 3)
    ]

    assert verdicts == ["digest", "mail"]


@settings(deadline=None)
@given(
    topics=st.lists(st.sampled_from(sorted(CATALOG.topics)), max_size=3, unique=True),
    severity=st.integers(0, 3),
    confidences=st.tuples(*[st.floats(0, 1)] * 3),
    flags=st.sets(
        st.sampled_from(["speech", "gathering", "protest", "denunciation", "about_unit"])
    ),
    kinds=st.sets(st.sampled_from(["press", "fanpage", "petition", "hotline"]), min_size=1),
    hold=st.sampled_from([None, "chưa rõ"]),
    lead=st.sampled_from([None, "ubnd-huyen-ba-tri"]),
)
def test_nothing_that_must_wait_is_ever_mailed(
    topics: list[str],
    severity: int,
    confidences: tuple[float, ...],
    flags: set[str],
    kinds: set[str],
    hold: str | None,
    lead: str | None,
) -> None:
    issue, topic, place = confidences
    facts = event(
        topics=tuple(topics),
        severity=severity,
        issue_score=issue,
        topic_score=topic,
        place_score=place,
        flags=tuple(flags),
        kinds=tuple(kinds),
        outlets=tuple(kinds),
        hold=hold,
    )

    verdict = judged(facts, replace(ROUTED, lead=lead))

    assert verdict.reasons
    if verdict.action == "mail":
        assert not flags
        assert topics
        assert severity >= 2
        assert (issue, topic, place) >= (0.85, 0, 0)
        assert min(topic, place) >= 0.6
        assert (hold, lead) == (None, "ubnd-huyen-ba-tri")
        assert kinds != {"fanpage"}
        assert topics[0] != "safety"
        assert "governance" not in topics

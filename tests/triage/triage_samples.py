"""A day as triage sees it, made by hand: entries in every section, and cases to mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from config.settings import ZONE
from triage.assemble import assemble, fingerprint
from triage.case import CaseBrief, CaseOutcome, CaseState, Deadlines, Veracity
from triage.digest import Coverage, DigestData, DigestEntry, Failure, Link, Topic
from triage.mail import Letterhead
from triage.notice import Notice

DAY = date(2023, 7, 25)
WASTE = Topic("waste", "Rác thải, vệ sinh môi trường")
ROADS = Topic("infrastructure", "Giao thông, cầu đường, điện, nước sạch")
LAND = Topic("land_clearance", "Giải phóng mặt bằng, bồi thường, tái định cư")
SAFETY = Topic("safety", "An ninh trật tự, tai nạn, cháy nổ")
LETTERHEAD = Letterhead("langnghe.invalid", "Ban Tuyên giáo Bến Tre", "", {"waste": WASTE.name})


def at(day: int, hour: int = 8, minute: int = 0) -> datetime:
    """Return a moment of July 2023 in Viet Nam."""
    return datetime(2023, 7, day, hour, minute, tzinfo=ZONE)


NOW = at(25, 7)
CLOCKS = Deadlines(at(20, 15), at(27, 10), at(31, 17))
LATE = DigestEntry(
    event_id=1,
    title="Bãi rác An Hiệp bốc mùi, xe chở rác không vào được",
    severity=3,
    last_at=at(20),
    case_id=12,
    gist="Nước rỉ rác chảy ra kênh và ao tôm của hơn 100 hộ.",
    topics=(WASTE,),
    place="xã An Hiệp, huyện Ba Tri, tỉnh Bến Tre",
    unit_name="UBND huyện Ba Tri",
    unit_then_name="Phòng TN&MT huyện Ba Tri",
    state=CaseState.SENT,
    score=8.5,
    why=("mức độ nghiêm trọng: “ô nhiễm”", "3 nguồn độc lập"),
    links=(
        Link("Báo Mẫu", "Rác ùn ở An Hiệp", "https://bao-mau.example/rac?a=1&b=2", DAY),
        Link("Trang Ba Tri", "Mùi hôi từ bãi rác", "", date(2023, 7, 19)),
    ),
    outlets=3,
    copies=2,
    deadlines=CLOCKS,
    recurs_of="vụ việc số 4, kết thúc 12/09/2022",
)
NEW = DigestEntry(
    event_id=2,
    title="Đường gom cầu Rạch Miễu 2 chậm bồi thường",
    severity=2,
    last_at=at(24),
    topics=(LAND, ROADS),
    place="xã Phú Túc, huyện Châu Thành, tỉnh Bến Tre",
    unit_name="UBND huyện Châu Thành",
    score=4.2,
    why=("2 nguồn độc lập",),
    links=(Link("Tin Xứ Dừa", "Mười ba hộ còn vướng", "http://xu-dua.example/13-ho"),),
    outlets=2,
)
HELD = DigestEntry(
    event_id=3,
    title="Nước máy nhiễm mặn gần một tháng",
    severity=2,
    last_at=at(24),
    topics=(ROADS,),
    score=3.9,
    hold="chỉ một trang công khai nêu",
    waiting_since=at(24, 9),
    outlets=1,
)
OPEN = DigestEntry(
    event_id=4,
    title="Hố ga mất nắp trên đường Nguyễn Huệ",
    severity=1,
    last_at=at(22),
    case_id=9,
    topics=(ROADS,),
    place="phường An Hội, thành phố Bến Tre",
    unit_name="UBND thành phố Bến Tre",
    state=CaseState.ACKNOWLEDGED,
    score=2.2,
    deadlines=CLOCKS,
    outlets=1,
)
CLOSED = DigestEntry(
    event_id=5,
    title="Chợ Ba Tri ứ rác mười ngày",
    severity=2,
    last_at=at(23),
    case_id=8,
    topics=(WASTE,),
    unit_name="UBND huyện Ba Tri",
    state=CaseState.CLOSED,
    outcome=CaseOutcome.EXPLAINED,
    veracity=Veracity.TRUE,
)
COUNTED = DigestEntry(
    event_id=6,
    title="Ghe chìm trên sông",
    severity=3,
    last_at=at(23),
    topics=(SAFETY,),
    counted_only=True,
)
MOVED = DigestEntry(
    event_id=7,
    title="Sạt lở bờ sông Giao Hòa tới mép lộ",
    severity=3,
    last_at=at(24),
    case_id=10,
    topics=(WASTE,),
    unit_name="UBND huyện Châu Thành",
    state=CaseState.ANSWERED,
    veracity=Veracity.PARTLY,
    score=6,
    outlets=4,
    deadlines=CLOCKS,
)
SLIGHT = DigestEntry(event_id=8, title="Cành cây gãy", severity=1, last_at=at(24), score=1)
ALL = (OPEN, LATE, NEW, HELD, CLOSED, COUNTED, MOVED, SLIGHT)
TOLD = {
    1: fingerprint(LATE),
    4: fingerprint(OPEN),
    5: fingerprint(replace(CLOSED, state=CaseState.ANSWERED)),
    7: fingerprint(replace(MOVED, state=CaseState.SENT, veracity=Veracity.UNVERIFIED, outlets=2)),
}
COVERAGE = Coverage(
    expected=24,
    seen=22,
    silent=("Báo Vắng",),
    failed=(Failure("Tin Hỏng", "HTTP 503"), Failure("Trang X", "mã truy cập hết hạn")),
    places_without_source=("huyện Chợ Lách",),
    items=312,
)


def digest(*entries: DigestEntry, told: dict[int, str] | None = None) -> DigestData:
    """Return the digest of 25 July 2023 over `entries`; over one of every kind without any."""
    return assemble(
        entries or ALL,
        TOLD if told is None else told,
        day=DAY,
        province="Bến Tre",
        made_at=NOW,
        coverage=COVERAGE,
        floor=2.0,
    )


BRIEF = CaseBrief(
    case_id=12,
    event_id=1,
    title="Bãi rác An Hiệp bốc mùi",
    gist="Nước rỉ rác chảy ra kênh và ao tôm.",
    topics=("waste",),
    severity=3,
    place="xã An Hiệp, huyện Ba Tri, tỉnh Bến Tre",
    unit_id="ubnd-huyen-ba-tri",
    unit_name="UBND huyện Ba Tri",
    state=CaseState.SENT,
    veracity=Veracity.UNVERIFIED,
    opened_at=at(20),
    deadlines=CLOCKS,
    links=(
        ("Báo Mẫu", "Rác ùn ở An Hiệp", "https://bao-mau.example/rac"),
        ("Trang Ba Tri", "Mùi hôi từ bãi rác (19/07/2023)", ""),
    ),
    why=("3 nguồn độc lập",),
    recurs_of=4,
)


def notice(**over: object) -> Notice:
    """Return a small notice; `over` replaces its fields."""
    plain = Notice(
        key="cases:ubnd-huyen-ba-tri:2023-07-20",
        kind="cases",
        recipient="vanphong@batri.example",
        subject="[Lắng Nghe] 2 vụ việc cần xác minh – hạn 27/07/2023",
        text="Kính gửi: UBND huyện Ba Tri\n",
        html="<p>Kính gửi: UBND huyện Ba Tri</p>\n",
        message_id="<0123456789abcdef@langnghe.invalid>",
        created_at=NOW,
        not_before=NOW,
    )
    return replace(plain, **over)  # type: ignore[arg-type]

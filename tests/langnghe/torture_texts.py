"""Items without end for tests of the whole line: made up from a few words, the same in every run."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from config.gazetteer import load_gazetteer
from crawlers.item import Item

BEGIN = datetime(2024, 3, 4, 1, tzinfo=UTC)
_PLACES = (
    ("An Hiệp", "Ba Tri"), ("Bảo Thạnh", "Ba Tri"), ("An Thủy", "Ba Tri"), ("Tân Xuân", "Ba Tri"),
    ("Thừa Đức", "Bình Đại"), ("Thạnh Phước", "Bình Đại"), ("Châu Hưng", "Bình Đại"),
    ("Giao Thạnh", "Thạnh Phú"), ("Thạnh Hải", "Thạnh Phú"), ("An Điền", "Thạnh Phú"),
    ("Tân Hào", "Giồng Trôm"), ("Phước Long", "Giồng Trôm"), ("Châu Hòa", "Giồng Trôm"),
    ("Quới Sơn", "Châu Thành"), ("Giao Long", "Châu Thành"), ("Phú Túc", "Châu Thành"),
    ("Vĩnh Bình", "Chợ Lách"), ("Long Thới", "Chợ Lách"), ("Khánh Thạnh Tân", "Mỏ Cày Bắc"),
    ("Thành Thới B", "Mỏ Cày Nam"), ("Đa Phước Hội", "Mỏ Cày Nam"), ("Bình Khánh", "Mỏ Cày Nam"),
)  # fmt: skip
_PROBLEMS = (
    ("Bãi rác bốc mùi hôi", "bãi rác quá tải bốc mùi hôi thối, ruồi bay vào nhà dân, nước rỉ đen"),
    ("Bờ sông sạt lở", "bờ sông sạt lở sát nhà, nhiều hộ phải dọn đồ đi nơi khác trong đêm"),
    ("Nước máy nhiễm mặn", "nước máy nhiễm mặn không nấu ăn được, phải mua nước từng can"),
    ("Đường hư hỏng nặng", "con đường liên xã đầy ổ gà, học sinh té xe, mưa xuống là ngập"),
    ("Lò than gây khói bụi", "khói từ các lò than làm trẻ em ho, khó thở, cửa nhà đóng suốt ngày"),
    ("Cống ngăn mặn hư", "cống ngăn mặn hư cửa, nước mặn tràn vào ruộng làm lúa chết cháy"),
    ("Dân chờ tiền bồi thường", "các hộ đã giao đất hơn một năm vẫn chưa nhận được tiền bồi thường"),
    ("Cá chết trắng kênh", "cá chết nổi trắng mặt kênh, nước có màu đen, nghi cơ sở xả thải"),
)  # fmt: skip
_NOISE = (
    ("Khai mạc giải bóng đá", "giải bóng đá thanh niên khai mạc với mười đội tham dự"),
    ("Trao học bổng", "hội khuyến học trao học bổng cho học sinh vượt khó học giỏi"),
    ("Giá dừa hôm nay", "giá dừa khô tại vườn tăng nhẹ, thương lái thu mua đều"),
)
_WAYS = ("phản ánh", "cho biết", "bức xúc vì", "kiến nghị xử lý việc", "nhiều lần báo rằng")
_ENDS = ("Xã hứa kiểm tra.", "Chưa thấy ai xuống xem.", "Việc này kéo dài hai tháng nay.", "")


def all_communes() -> list[tuple[str, str]]:
    """Return all rural communes of Bến Tre at the time of the items, with their districts."""
    gazetteer = load_gazetteer(None)
    found = []
    for place in gazetteer.on(BEGIN.date()):
        if place.name.startswith("xã ") and place.parent:
            district = gazetteer.get(place.parent)
            if district.parent == "83@" and district.name.startswith("huyện "):
                found.append((place.bare, district.bare))
    return sorted(found)


def made_items(
    number: int, seed: int = 1, places: Sequence[tuple[str, str]] = _PLACES
) -> Iterator[Item]:
    """Yield so many items, in the order in which they are published; one in four tells of nothing.

    `places` are communes with their districts: the more there are, the more events.
    """
    chance = random.Random(seed)  # noqa: S311 (repeatable, no secret)
    for count in range(number):
        commune, district = chance.choice(places)
        quiet = chance.random() < 0.25
        title, words = chance.choice(_NOISE if quiet else _PROBLEMS)
        way, end = chance.choice(_WAYS), chance.choice(_ENDS)
        url = f"https://bao-{count % 7}.example/tin/{count}.html"
        at = BEGIN + timedelta(minutes=7 * count)
        yield Item(
            source_id=f"bao-{count % 7}",
            url=url,
            external_id=str(count),
            title=f"{title} ở {commune}, {district}",
            text=f"Người dân xã {commune}, huyện {district}, tỉnh Bến Tre {way} {words}. "
            f"Đây là tin thứ {count} trong ngày {at:%d/%m}. {end}",
            published=at,
            fetched_at=at,
            body_sha256=hashlib.sha256(url.encode()).hexdigest(),
        )

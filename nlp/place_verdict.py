"""Say how sure a choice of places is, and when a person must decide."""

from __future__ import annotations

from nlp.place_choose import Choice

#: Below this share against the next province, the text tells of more than one place.
CONTESTED_PROVINCE = 0.65
#: Below this share among the communes of the district, none of them is the place.
CONTESTED_COMMUNE = 0.45
#: A place known only by a context worth this or less is known only in passing.
IN_PASSING = 0.4

SPLIT = "Đơn vị cũ nay thuộc nhiều đơn vị mới"


def doubt(choice: Choice) -> str | None:
    """Return in words why a person must decide, or None."""
    if choice.open:
        return "Tên địa danh chỉ nhiều nơi"
    if choice.province_share < CONTESTED_PROVINCE:
        return "Nhiều tỉnh, thành được nêu ngang nhau"
    if choice.commune_share < CONTESTED_COMMUNE:
        return "Nhiều xã, phường được nêu ngang nhau"
    if choice.best_factor <= IN_PASSING:
        return "Nơi xảy ra chỉ biết qua nơi ở, cơ quan hoặc bệnh viện"
    return None


def confidence(choice: Choice, held: bool) -> float:
    """Return 0..1: under 0.6 when a person must decide, 0.6 and above when not."""
    share = min(choice.province_share, choice.district_share or 1.0, choice.commune_share)
    return round(0.3 + 0.25 * share if held else 0.6 + 0.39 * share, 2)

"""How much an event matters: a sum of named parts that anyone can recompute by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from statistics import NormalDist, median
from types import MappingProxyType
from zoneinfo import ZoneInfo

from config.errors import ConfigError
from triage.facts import EventFacts, Score, ScorePart

#: Points for each unit of a part, where the policy file gives none.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "severity": 2.0,
        "outlets": 0.5,
        "reach": 0.1,
        "surge": 1.0,
        "recurrence": 1.5,
        "age": 0.1,
        "vulnerable": 1.0,
    }
)
#: How often a day without news may look like a surge, over all events looked at together.
ALPHA = 0.025
#: Same weekdays looked back upon, and the least of them that make a baseline.
WEEKS, LEAST_WEEKS = 8, 3
_MOST_OUTLETS, _MOST_ITEMS, _MOST_DAYS, _MOST_SURGE = 6, 20, 30, 3.0
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Surge:
    """Today against the event's own past: `limit` is the most that is still ordinary."""

    today: int
    expected: float
    limit: float

    @property
    def unusual(self) -> bool:
        """Say whether today is beyond the ordinary."""
        return self.today > self.limit


def score(
    facts: EventFacts, weights: Mapping[str, float], *, now: datetime | None = None, tests: int = 1
) -> Score:
    """Return the parts and their sum, each rounded to hundredths so that the sum is exact.

    A weight that is missing is the shipped one; 0 leaves the part out of the sum but
    shows it. `now` is when the age is counted to, by default the last item; `tests` is
    how many events are looked at today, so that a hundred quiet ones do not yield a surge.
    """
    measured: tuple[tuple[str, tuple[float, str]], ...] = (
        *((name, measure(facts)) for name, measure in _MEASURES.items()),
        ("surge", _surge(facts.daily, tests)),
        ("age", _age(facts, now or facts.last_at)),
    )
    parts = tuple(_part(name, value, why, weights) for name, (value, why) in measured)
    return Score(total=round(sum(part.points for part in parts), 2), parts=parts)


def check_weights(weights: Mapping[str, float]) -> None:
    """Raise `ConfigError` naming every weight of the policy file that is of no part."""
    unknown = [name for name in weights if name not in WEIGHTS]
    if unknown:
        known = ", ".join(WEIGHTS)
        raise ConfigError(f"policy.toml: weights.{name}: none of {known}" for name in unknown)


def surge(daily: Sequence[int], tests: int = 1) -> Surge | None:
    """Compare the newest day with the same weekday of the weeks before; None if too young.

    Days that were bursts themselves count for less: a day of k times what is ordinary
    has weight 1/k². The limit is the one-sided bound of a count with the expected mean
    at `ALPHA` divided by `tests` (Bonferroni), with a variance of at least one item.
    """
    past = daily[7 : 7 * WEEKS + 1 : 7]
    if len(past) < LEAST_WEEKS:
        return None
    usual = max(1.0, 2 * median(past))
    weights = [1.0 if count <= usual else (usual / count) ** 2 for count in past]
    expected = sum(w * count for w, count in zip(weights, past, strict=True)) / sum(weights)
    spread = sqrt(max(1.0, expected) * (1 + 1 / len(past)))
    z = NormalDist().inv_cdf(1 - ALPHA / max(1, tests))
    return Surge(daily[0], round(expected, 2), round(expected + z * spread, 2))


def _part(name: str, value: float, why: str, weights: Mapping[str, float]) -> ScorePart:
    weight = weights.get(name, WEIGHTS[name])
    return ScorePart(name, value, weight, round(value * weight, 2), why)


def _severity(facts: EventFacts) -> tuple[float, str]:
    words = ("không phải vấn đề", "phiền hà nhỏ", "ảnh hưởng một nhóm người", "nghiêm trọng")
    return float(facts.severity), f"Mức độ {facts.severity}/3: {words[facts.severity]}"


def _outlets(facts: EventFacts) -> tuple[float, str]:
    count = len(facts.outlets)
    capped = f", tính tối đa {_MOST_OUTLETS}" if count > _MOST_OUTLETS else ""
    return float(min(count, _MOST_OUTLETS)), f"{count} nguồn độc lập (bản sao không tính){capped}"


def _reach(facts: EventFacts) -> tuple[float, str]:
    capped = f", tính tối đa {_MOST_ITEMS}" if facts.items > _MOST_ITEMS else ""
    return float(min(facts.items, _MOST_ITEMS)), f"{facts.items} tin, kể cả bản đăng lại{capped}"


def _recurrence(facts: EventFacts) -> tuple[float, str]:
    if facts.last_closed_case is None:
        return 0.0, "Chưa từng có vụ việc đã đóng"
    when = facts.last_closed_at
    closed = f" ngày {when.astimezone(_ZONE):%d/%m/%Y}" if when else ""
    return 1.0, f"Tái diễn: vụ việc số {facts.last_closed_case} đã đóng{closed}"


def _vulnerable(facts: EventFacts) -> tuple[float, str]:
    if "vulnerable" in facts.flags:
        return 1.0, "Trẻ em, người bệnh hoặc hộ khó khăn chịu ảnh hưởng"
    return 0.0, "Không nêu người yếu thế"


def _age(facts: EventFacts, now: datetime) -> tuple[float, str]:
    if facts.unanswered_since is None or facts.unanswered_since >= now:
        return 0.0, "Không chờ trả lời"
    days = (now - facts.unanswered_since).days
    capped = f", tính tối đa {_MOST_DAYS}" if days > _MOST_DAYS else ""
    return float(min(days, _MOST_DAYS)), f"{days} ngày chưa có trả lời{capped}"


def _surge(daily: Sequence[int], tests: int) -> tuple[float, str]:
    found = surge(daily, tests)
    if found is None:
        return 0.0, "Chưa đủ số ngày để so với thường lệ"
    usual = f"cùng thứ các tuần trước khoảng {found.expected:g}, ngưỡng {found.limit:g}"
    if not found.unusual:
        return 0.0, f"{found.today} tin trong ngày, bình thường ({usual})"
    value = round(min(found.today / found.limit, _MOST_SURGE), 2)
    return value, f"{found.today} tin trong ngày, tăng bất thường ({usual})"


_MEASURES: Mapping[str, Callable[[EventFacts], tuple[float, str]]] = MappingProxyType(
    {
        "severity": _severity,
        "outlets": _outlets,
        "reach": _reach,
        "recurrence": _recurrence,
        "vulnerable": _vulnerable,
    }
)

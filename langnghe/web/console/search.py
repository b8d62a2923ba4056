"""/tim-kiem: words without regard to accents, over items and the cases made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from config.settings import ZONE
from langnghe.accounts import Right
from langnghe.app import App
from langnghe.asking import resolve_place
from langnghe.web.console.guard import Answer, Desk, Visit
from nlp.normalise import clean, fold
from storage import finding, overview, search
from storage.finding import Hit
from storage.overview import CaseNow
from triage.wording import one_line

_LONGEST = 400
#: So many of the newest that hold the words are looked at, and so many are shown.
LOOKED_AT, MOST = 400, 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, and the first thing that is wrong with it."""

    words: str
    topic: str
    place: str
    since: str
    until: str
    problem: str = ""


def routes(_: App, desk: Desk) -> list[Any]:
    """Return the route of the page."""
    return [desk.look("/tim-kiem", Right.LOOK, _search)]


def _search(visit: Visit) -> Answer:
    app, asked = visit.app, _asked(visit.request.query_params)
    context: dict[str, Any] = {"hits": [], "cases": [], "more": False, "done": bool(asked.words)}
    keys: frozenset[str] = frozenset()
    problem = ""
    try:
        since, until = _moment(asked.since), _moment(asked.until, after=True)
    except (ValueError, OverflowError):
        since = until = None
        problem = "Ngày không đúng."
    if asked.place and not problem:
        keys, problem = place_keys(app, asked.place)
    if asked.words and not problem:
        with app.views() as session:
            ids = search.search(session, fold(asked.words), LOOKED_AT)
            found = finding.hits(session, ids, since, until)
            fitting = [hit for hit in found if fits(app, hit, asked.topic, keys)]
            events = {hit.event_id for hit in fitting if hit.event_id is not None}
            cases = overview.of_events(session, events)
            cases = [*_numbered(session, asked.words), *cases]
        context |= {
            "hits": fitting[:MOST],
            "cases": _unique(cases)[:MOST],
            "more": len(ids) == LOOKED_AT or len(fitting) > MOST,
        }
    topics = list(app.catalog.topics.values())
    context |= {"asked": asked, "topics": topics, "looked_at": LOOKED_AT, "problem": problem}
    return visit.page("console/search.html", **context)


def _asked(query: Mapping[str, str]) -> Asked:
    def typed(name: str) -> str:
        return one_line(clean(str(query.get(name, ""))[:_LONGEST]))

    return Asked(typed("q"), typed("chu-de"), typed("dia-ban"), typed("tu"), typed("den"))


def _moment(day: str, *, after: bool = False) -> datetime | None:
    if not day:
        return None
    found = date.fromisoformat(day)
    if not 1990 <= found.year <= 2200:
        raise ValueError(day)
    return datetime.combine(found + timedelta(days=after), time(), ZONE)


def place_keys(app: App, words: str) -> tuple[frozenset[str], str]:
    """Return the keys of a place on every map, or none and what is wrong in Vietnamese."""
    key, problem, _ = resolve_place(app, words, app.today())
    if key is None:
        return frozenset(), problem
    same = (place.key for place in app.standing.at(key, app.today()))
    return frozenset({key, *app.standing.lineage(key), *same}), ""


def fits(app: App, hit: Hit, topic: str, keys: frozenset[str]) -> bool:
    """Say whether an item is of a topic and lies in one of these places; "" and none: any."""
    if topic and topic not in hit.topics:
        return False
    return not keys or any(
        place.key in keys
        for key in hit.places
        if key in app.gazetteer
        for place in app.gazetteer.chain(key)
    )


def _numbered(session: Any, words: str) -> list[CaseNow]:
    number = words.rpartition(" ")[2]
    plain = number.isascii() and number.isdecimal() and len(number) <= 9
    return overview.numbered(session, int(number)) if plain else []


def _unique(cases: Sequence[CaseNow]) -> list[CaseNow]:
    return list({case.case_id: case for case in cases}.values())

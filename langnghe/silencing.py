"""Set and end a silence as people ask for it, in words and days of Viet Nam."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta

from config.errors import LangNgheError
from config.settings import ZONE
from langnghe.app import App
from langnghe.asking import resolve_place
from langnghe.quieting import wake_silenced
from storage import silences
from storage.db import Session

#: A silence is for a while; what need never alarm is a matter of the policy file.
LONGEST = timedelta(days=366)


class BadSilence(LangNgheError):
    """A silence that cannot be set: `field` was given wrong, `why` says so in Vietnamese."""

    reason = "bad_silence"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field
        self.why = why


def add(
    app: App,
    session: Session,
    *,
    author: str,
    reason: str,
    until: datetime,
    event: int | None = None,
    topics: Collection[str] = (),
    places: Collection[str] = (),
) -> int:
    """Keep a silence about one event, or about topics and places, and return its number.

    `until` is naive, of Viet Nam's zone; a bare day is the last one. Raises `BadSilence`.
    """
    words = app.masker.mask("", reason).text.strip() if reason.strip() else ""
    if not words:
        raise BadSilence("reason", "Hãy ghi lý do.")
    if (event is None) == (not topics and not places):
        raise BadSilence("event", "Hãy chọn một sự việc, hoặc chủ đề và địa bàn, không cả hai.")
    for topic in topics:
        if topic not in app.catalog.topics:
            raise BadSilence("topic", f"Không có chủ đề {topic}.")
    if event is not None and not silences.is_event(session, event):
        raise BadSilence(
            "event", f"Không có sự việc số {event}, hoặc sự việc ấy đã gộp vào sự việc khác."
        )
    return silences.add(
        session,
        author=author,
        reason=words,
        at=app.clock(),
        until=_end(until, app.clock()),
        event_id=event,
        topics=topics,
        places=[key for one in places for key in _places(app, one)],
    )


def end(app: App, session: Session, number: int, who: str) -> int | None:
    """End a silence and return how many events are judged again; None where none holds."""
    now = app.clock()
    ended = silences.end(session, number, who, now)
    return None if ended is None else wake_silenced(session, ended, now)


def _end(until: datetime, now: datetime) -> datetime:
    """Return the first instant at which the silence no longer holds."""
    whole_day = until.time() == time(0)
    try:
        found = until.replace(tzinfo=ZONE) + (timedelta(days=1) if whole_day else timedelta())
    except OverflowError:
        found = now
    if not now < found <= now + LONGEST:
        raise BadSilence(
            "until", f"Ngày kết thúc phải ở phía trước, nhiều nhất {LONGEST.days} ngày."
        )
    return found


def _places(app: App, words: str) -> list[str]:
    """Return the key of the named place, and of what took it over where it ended."""
    key, reason, candidates = resolve_place(app, words, app.today())
    if key is None:
        raise BadSilence("place", f"{words}: {reason} {' '.join(candidates)}".strip())
    heirs = app.gazetteer.now(key, app.today())
    return list(dict.fromkeys((key, *(heir.key for heir in heirs))))

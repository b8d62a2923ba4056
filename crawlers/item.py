"""What a crawl hands over: items, and how each fetch ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How a fetch ended. Every fetch ends in exactly one of these, with a reason in words."""

    NEW = "new"
    NONE = "none"
    NOT_MODIFIED = "not_modified"
    BLOCKED = "blocked"
    NOT_A_FEED = "not_a_feed"
    EMPTY = "empty"
    TIMEOUT = "timeout"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Item:
    """One article or post as published, unmasked: lives in memory only.

    `url` is canonical and is the identity of the item; `external_id` is the id its
    source gave it (guid, post id), or the URL. `title` and `text` are plain text in
    NFC. `published` is aware, or None with `date_note` saying why (missing, in the
    future, unreadable). `body_sha256` is over the bytes as received. `engagement`
    holds counts only (shares, comments), never who. `asked` is the address by which the
    source led there, where that is another than `url`.
    """

    source_id: str
    url: str
    external_id: str
    title: str
    text: str
    published: datetime | None
    fetched_at: datetime
    body_sha256: str
    http_status: int = 200
    date_note: str = ""
    summary_only: bool = False
    engagement: dict[str, int] = field(default_factory=dict)
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Fetch:
    """How the poll of one source, or the download of one of its pages, ended.

    `url` empty means the source's own address. `retry_after` is in seconds, as the
    server asked, already clamped to 60..86,400.
    """

    source_id: str
    outcome: Outcome
    reason: str
    fetched_at: datetime
    url: str = ""
    http_status: int | None = None
    items: int = 0
    etag: str = ""
    last_modified: str = ""
    retry_after: int | None = None
    cursor: str = ""

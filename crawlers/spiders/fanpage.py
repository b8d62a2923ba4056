"""Source type `fanpage`: posts of a Facebook page whose token the operator holds (Graph API).

Only what the page itself says is asked for and kept: no author, no commenter, and of
comments, shares and reactions nothing but the counts.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from crawlers.dates import read_date
from crawlers.graph import graph_failure, usage
from crawlers.item import Fetch, Item, Outcome
from crawlers.job import DueSource
from crawlers.outcome import FetchFailed
from crawlers.plain import clean_lines
from crawlers.poll import Tally
from crawlers.urls import canonical
from crawlers.web import Answer, Web

FIELDS = (
    "id,message,created_time,updated_time,permalink_url,status_type,shares,"
    "attachments{media_type,title,description},"
    "comments.limit(0).summary(total_count),reactions.limit(0).summary(total_count)"
)
MAX_PAGES = 60
NEARLY_SPENT = 90  # percent of the hour's calls; past it, paging waits for the next poll
_OVERLAP = timedelta(days=1)  # posts scheduled earlier may appear behind newer ones


class Options(BaseModel):
    """What an operator writes for a source of this type.

    `page` is the page's id. The page token stands in `token`, or alone in the file
    `token_file`. After `max_posts` new posts a poll asks for no further page.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    page: str = Field(pattern=r"^[\w.-]+$")
    token: SecretStr = SecretStr("")
    token_file: str = ""
    base_url: str = Field(default="https://graph.facebook.com", pattern=r"^https?://[^/?#]+/?$")
    version: str = Field(default="v23.0", pattern=r"^v\d+\.\d+$")
    page_size: int = Field(default=50, ge=1, le=100)
    max_posts: int = Field(default=200, ge=1, le=5000)

    @model_validator(mode="after")
    def _has_one_token(self) -> Self:
        if bool(self.token.get_secret_value()) == bool(self.token_file):
            raise ValueError("cần đúng một trong hai: token hoặc token_file")
        return self


async def poll(due: DueSource, options: Options, web: Web) -> AsyncIterator[Item | Fetch]:
    """Yield the page's new posts, newest first.

    The cursor is the time of the newest post of the last poll that reached back to the
    poll before it. Where a poll is cut short, by a limit, a failure or `max_posts`, it also
    tells what lies between, and the next poll reads that first: no post is lost, and none
    that was read costs another call. A known post that changed since is yielded again.
    """
    tally = Tally(due.id, web.now)
    gap = Gap.of(due.cursor, web.now)
    sweep = _Sweep(due, options, _token(options), gap)
    answer: Answer | None = None
    try:
        while (url := sweep.next_url()) and tally.items < options.max_posts:
            answer = await web.get(url, api=True)
            for post in sweep.posts(answer):
                tally.seen += 1
                item = post_item(post, due.id, web.now, answer.sha256)
                fresh = item is not None and item.url not in due.known
                if item and (fresh or sweep.changed(post)) and web.hand_over(item.url):
                    tally.items += fresh
                    yield item
            if sweep.more and usage(answer.headers) >= NEARLY_SPENT:
                tally.reasons.append("gần hết hạn mức gọi Facebook, để lượt sau đọc tiếp")
                sweep.cut_short = True
                break
    except FetchFailed as error:
        yield tally.failure(error, replace(due, cursor=str(sweep.left(cut=True))))
        return
    if answer is not None:
        # Nothing since the last poll is a quiet page, not an empty one.
        tally.seen = max(tally.seen, int(bool(due.cursor)))
        # Of a page that is new to us its last posts are enough.
        cut = sweep.cut_short or (sweep.more and bool(gap.done))
        yield tally.end(answer, cursor=str(sweep.left(cut=cut)))


@dataclass(frozen=True, slots=True)
class Gap:
    """What is read of a page, as times: all up to `done`, and from `oldest` to `newest`.

    Without the latter two nothing is missing. As a text: the cursor of the source.
    """

    done: str = ""
    newest: str = ""
    oldest: str = ""

    @classmethod
    def of(cls, cursor: str, now: datetime) -> Gap:
        """Read a cursor; one that is none, or lies in the future, means that nothing was read."""
        parts = cursor.split(";")
        told = all(read_date(one, now).published for one in parts if one)
        return cls(*parts) if told and len(parts) in (1, 3) else cls()

    def __str__(self) -> str:
        return f"{self.done};{self.newest};{self.oldest}" if self.oldest else self.done


def post_item(post: dict[str, Any], source_id: str, now: datetime, digest: str) -> Item | None:
    """Make an item of a Graph post; None for one without words (a bare photo)."""
    text = clean_lines("\n".join(_words(post)))
    identity = post.get("id")
    if not text or not isinstance(identity, str):
        return None
    dated = read_date(str(post.get("created_time") or ""), now)
    return Item(
        source_id=source_id,
        url=_address(identity, str(post.get("permalink_url") or "")),
        external_id=identity,
        title=_title(text),
        text=text,
        published=dated.published,
        fetched_at=now,
        body_sha256=digest,
        date_note=dated.note,
        engagement=_counts(post),
    )


class _Sweep:
    """Walks a page's posts from the newest back, by cursor or by the older time paging."""

    def __init__(self, due: DueSource, options: Options, token: str, gap: Gap) -> None:
        self._options = options
        base = options.base_url.rstrip("/")
        self._address = f"{base}/{options.version}/{options.page}/posts"
        self._query = {"fields": FIELDS, "limit": str(options.page_size), "access_token": token}
        self._gap = gap
        self._since = read_date(gap.done).published if gap.done else None
        if self._since:
            self._query["since"] = str(int((self._since - _OVERLAP).timestamp()))
        if until := read_date(gap.oldest).published if gap.oldest else None:
            self._query["until"] = str(int(until.timestamp()) + 1)
        self._known = due.known
        self._first = not due.cursor
        self._oldest: datetime | None = None
        self._asked: set[str] = set()
        self._next = f"{self._address}?{urlencode(self._query)}"
        told = (read_date(one).published for one in (gap.done, gap.newest, gap.oldest) if one)
        self._times = [one for one in told if one]
        self.more = True
        self.cut_short = False

    def next_url(self) -> str:
        """Return the next page to ask for, or "" at the end."""
        if not self.more or self._next in self._asked or len(self._asked) >= MAX_PAGES:
            return ""
        self._asked.add(self._next)
        return self._next

    def posts(self, answer: Answer) -> Iterator[dict[str, Any]]:
        """Yield the posts of one answer, and note where the next page is."""
        data = _json(answer)
        posts = [one for one in data["data"] if isinstance(one, dict)]
        yield from posts
        times = [t for post in posts if (t := read_date(str(post.get("created_time"))).published)]
        if times:
            self._times += times
            self._oldest = min(times)
        self._next = self._following(_part(data, "paging"))
        reached = bool(self._since and times and max(times) < self._since - _OVERLAP)
        stale = self._first and posts and all(self._is_known(post) for post in posts)
        self.more = bool(self._next) and not reached and not stale

    def changed(self, post: dict[str, Any]) -> bool:
        """Say whether a post may have been edited since the last whole poll."""
        at = read_date(str(post.get("updated_time") or "")).published
        return bool(at and self._since and at > self._since)

    def left(self, *, cut: bool) -> Gap:
        """Return what the next poll has to know; `cut` where this one did not reach the end."""
        if not self._times:
            return self._gap
        newest = max(self._times).isoformat()
        if not cut:
            return Gap(newest)
        if self._oldest is None:
            return self._gap
        return Gap(self._gap.done, newest, self._oldest.isoformat())

    def _is_known(self, post: dict[str, Any]) -> bool:
        identity = str(post.get("id") or "")
        return _address(identity, str(post.get("permalink_url") or "")) in self._known

    def _following(self, paging: dict[str, Any]) -> str:
        link = str(paging.get("next") or "")
        after = str(_part(paging, "cursors").get("after") or "")
        if not link:
            return ""
        if after:
            return f"{self._address}?{urlencode(self._query | {'after': after})}"
        # The token goes only where the operator sent it.
        same = urlsplit(link)[:2] == urlsplit(self._address)[:2]
        return link if same else ""


def _token(options: Options) -> str:
    if not options.token_file:
        return options.token.get_secret_value()
    try:
        return Path(options.token_file).read_text(encoding="utf-8").strip()
    except OSError as error:
        reason = f"không đọc được tệp mã truy cập token_file ({error.strerror})"
        raise FetchFailed(Outcome.ERROR, reason) from error


def _json(answer: Answer) -> dict[str, Any]:
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict) and isinstance(data.get("error"), dict):
        raise graph_failure(data["error"], answer)
    if answer.status != 200 or not isinstance(data, dict) or not isinstance(data.get("data"), list):
        reason = f"HTTP {answer.status}: câu trả lời không phải của Graph API"
        raise FetchFailed(Outcome.NOT_A_FEED, reason, status=answer.status)
    return data


def _words(post: dict[str, Any]) -> Iterator[str]:
    message = str(post.get("message") or "")
    yield message
    attachments = _part(post, "attachments").get("data")
    for one in attachments if isinstance(attachments, list) else ():
        # Of a shared link its headline; titles of other attachments may be people's names.
        if isinstance(one, dict) and one.get("media_type") == "link":
            for key in ("title", "description"):
                words = str(one.get(key) or "")
                if words and words not in message:
                    yield words


def _title(text: str) -> str:
    first = text.partition("\n")[0]
    return first if len(first) <= 120 else first[:120].rpartition(" ")[0] + "…"


def _address(identity: str, permalink: str) -> str:
    """Return the post's lasting address: "pfbid" permalinks differ from answer to answer."""
    stable = canonical(permalink) if "pfbid" not in permalink else ""
    return stable or f"https://www.facebook.com/{identity}"


def _counts(post: dict[str, Any]) -> dict[str, int]:
    found = {
        "shares": _part(post, "shares").get("count"),
        "comments": _part(_part(post, "comments"), "summary").get("total_count"),
        "reactions": _part(_part(post, "reactions"), "summary").get("total_count"),
    }
    return {name: count for name, count in found.items() if isinstance(count, int)}


def _part(whole: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a part that should be an object; an empty one where it is anything else."""
    part = whole.get(name)
    return part if isinstance(part, dict) else {}

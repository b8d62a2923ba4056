"""A press in a folder: sites, what they published and when, and when the replay looks.

The form of the folder is told in `docs/demo-press.md`. Nothing here reads the network
or the clock; the server that shows the press is `langnghe.pressserver`.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from config.catalog import Slug, Strict
from config.errors import ConfigError
from config.settings import ZONE, problems_of

#: The press that ships with the program.
BUNDLED = Path(__file__).parent / "press"


class Outage(Strict):
    """A time in which a site answers every request with one HTTP status."""

    start: AwareDatetime
    end: AwareDatetime
    status: int = Field(default=503, ge=400, le=599)


class Site(Strict):
    """One outlet: a news site with its own host, or a page of the Graph API.

    `feed` and `listing` are paths, empty where there is none. `dates` is the form of
    the feed's pubDate. A fanpage is answered on the Graph API's `host` under `page`
    for `token`, until `token_ends`; its posts have permalinks under `permalinks`.
    """

    id: Slug
    host: str = Field(pattern=r"^[a-z0-9.-]+$")
    name: str = Field(min_length=1)
    kind: Literal["press", "fanpage"] = "press"
    section: str = "Thời sự"
    feed: str = Field(default="", pattern=r"^(/.*)?$")
    listing: str = Field(default="", pattern=r"^(/.*)?$")
    feed_query: str = ""
    dates: Literal["rfc822", "gmt7", "us"] = "rfc822"
    layout: Literal["classic", "portal"] = "classic"
    robots: str = "User-agent: *\nAllow: /\n"
    page: str = Field(default="", pattern=r"^[0-9]*$")
    token: str = ""
    token_ends: AwareDatetime | None = None
    permalinks: str = ""
    outages: tuple[Outage, ...] = ()

    @model_validator(mode="after")
    def _has_an_entrance(self) -> Self:
        if self.kind == "fanpage" and not (self.page and self.token and self.permalinks):
            raise ValueError("a fanpage needs page, token and permalinks")
        if self.kind == "press" and not (self.feed or self.listing):
            raise ValueError("a press site needs a feed or a listing")
        return self

    def outage(self, now: datetime) -> Outage | None:
        """Return the outage that holds at `now`, if any."""
        return next((found for found in self.outages if found.start <= now < found.end), None)


class Version(Strict):
    """What an article says from `at` on."""

    at: AwareDatetime
    title: str = ""
    sapo: str = ""
    text: str = Field(min_length=1)


class PressItem(Strict):
    """One article or post. Paragraphs of `text` are parted by an empty line.

    `path` is where the site shows it; a post has none. `versions` are later edits,
    oldest first; from `removed` on the page is gone. A syndicated copy names the
    item that it repeats. An unlisted article stands in no feed and no listing; every
    page of its site links to it from the side.
    """

    id: Slug
    site: Slug
    published: AwareDatetime
    path: str = Field(default="", pattern=r"^(/.*)?$")
    title: str = ""
    sapo: str = ""
    text: str = Field(min_length=1)
    versions: tuple[Version, ...] = ()
    removed: AwareDatetime | None = None
    syndicated_from: str = ""
    unlisted: bool = False
    shares: int = Field(default=0, ge=0)
    comments: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        times = [self.published, *(version.at for version in self.versions)]
        if times != sorted(times):
            raise ValueError("versions must follow the publication, oldest first")
        return self

    def at(self, now: datetime) -> Version:
        """Return what the item says at `now`, with the title and sapo it has then."""
        shown = Version(at=self.published, title=self.title, sapo=self.sapo, text=self.text)
        for version in self.versions:
            if version.at <= now:
                shown = Version(
                    at=version.at,
                    title=version.title or shown.title,
                    sapo=version.sapo or shown.sapo,
                    text=version.text,
                )
        return shown


class Rounds(Strict):
    """When the replay crawls and tells: at given instants, or each morning with news."""

    at: tuple[AwareDatetime, ...] = ()
    crawl: time = time(6, 30)
    digest: time = time(7, 0)


class PressFile(Strict):
    """`press.toml`."""

    title: str = Field(min_length=1)
    province: str = Field(min_length=1)
    rounds: Rounds = Rounds()
    sites: tuple[Site, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Round:
    """One morning of the replay: crawl at `crawl_at`, digest at `digest_at`."""

    crawl_at: datetime
    digest_at: datetime


@dataclass(frozen=True, slots=True)
class Press:
    """A press that was read whole and holds together. Items are in order of publication."""

    title: str
    province: str
    sites: tuple[Site, ...]
    items: tuple[PressItem, ...]
    rounds: tuple[Round, ...]
    config: Path

    def listed(self, site: Site, now: datetime) -> list[PressItem]:
        """Return what the feed, listing or page of `site` shows at `now`, newest first."""
        return [item for item in self.visible(site, now) if not item.unlisted]

    def visible(self, site: Site, now: datetime) -> list[PressItem]:
        """Return everything that can be opened at `site` at `now`, newest first."""
        return [
            item
            for item in reversed(self.items)
            if item.site == site.id
            and item.published <= now
            and (item.removed is None or now < item.removed)
        ]

    def url(self, item: PressItem) -> str:
        """Return the canonical address of an article, or the permalink of a post."""
        site = next(site for site in self.sites if site.id == item.site)
        if site.kind == "fanpage":
            return f"http://{site.permalinks}/{site.id}/posts/{item.id}"
        return f"http://{site.host}{item.path}"


def load_press(folder: Path = BUNDLED) -> Press:
    """Read the press in `folder`.

    Raises `ConfigError` with every problem as `file: key: what is wrong`.
    """
    problems: list[str] = []
    file = _press_file(folder, problems)
    items = sorted(_items(folder, problems), key=lambda item: (item.published, item.id))
    if file is not None:
        problems.extend(_contradictions(file, items))
    if not (folder / "config").is_dir():
        problems.append("config: -: no folder of the operator's configuration")
    if problems or file is None:
        raise ConfigError(problems)
    return Press(
        title=file.title,
        province=file.province,
        sites=file.sites,
        items=tuple(items),
        rounds=tuple(_rounds(file.rounds, items)),
        config=folder / "config",
    )


def _press_file(folder: Path, problems: list[str]) -> PressFile | None:
    try:
        return PressFile.model_validate(tomllib.loads((folder / "press.toml").read_text("utf-8")))
    except ValidationError as error:
        problems.extend(problems_of(error, "press.toml"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"press.toml: -: {error}")
    return None


def _items(folder: Path, problems: list[str]) -> Iterator[PressItem]:
    try:
        lines = (folder / "items.jsonl").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"items.jsonl: -: {error}")
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values: Any = json.loads(line)
            yield PressItem.model_validate(values)
        except json.JSONDecodeError as error:
            problems.append(f"items.jsonl: line {number}: {error}")
        except ValidationError as error:
            problems.extend(problems_of(error, f"items.jsonl: line {number}"))


def _contradictions(file: PressFile, items: list[PressItem]) -> Iterator[str]:
    """Yield what is wrong between entries that are each right by themselves."""
    if not items:
        yield "items.jsonl: -: the press has published nothing"
    sites = {site.id: site for site in file.sites}
    for name in _repeated(site.id for site in file.sites):
        yield f"press.toml: sites: two sites have the id {name!r}"
    for name in _repeated(item.id for item in items):
        yield f"items.jsonl: {name}: two items have this id"
    for place in _repeated(f"{item.site} {item.path}" for item in items if item.path):
        yield f"items.jsonl: {place}: two items have this path"
    ids = {item.id for item in items}
    for item in items:
        site = sites.get(item.site)
        if site is None:
            yield f"items.jsonl: {item.id}: no site {item.site!r}"
        elif site.kind == "press" and not (item.path and item.title):
            yield f"items.jsonl: {item.id}: an article needs path and title"
        if item.syndicated_from and item.syndicated_from not in ids:
            yield f"items.jsonl: {item.id}: syndicated_from: no item {item.syndicated_from!r}"


def _repeated(values: Iterator[str]) -> Iterator[str]:
    return (value for value, count in Counter(values).items() if count > 1)


def _rounds(rounds: Rounds, items: list[PressItem]) -> Iterator[Round]:
    """Yield the rounds in order; by the rule, one on each morning that finds something new."""
    instants = set(rounds.at) or {_next_morning(time_, rounds.crawl) for time_ in _changes(items)}
    for instant in sorted(instants):
        crawl_at = instant.astimezone(ZONE)
        digest_at = datetime.combine(crawl_at.date(), rounds.digest, ZONE)
        yield Round(crawl_at, max(crawl_at, digest_at))


def _changes(items: list[PressItem]) -> Iterator[datetime]:
    for item in items:
        if item.unlisted:
            continue
        yield item.published
        yield from (version.at for version in item.versions)


def _next_morning(moment: datetime, at: time) -> datetime:
    local = moment.astimezone(ZONE)
    morning = datetime.combine(local.date(), at, ZONE)
    return morning if local <= morning else morning + timedelta(days=1)

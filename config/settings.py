"""Settings of one installation: `langnghe.toml` in the operator's folder, then the environment.

A value in the environment wins (`LANGNGHE_CRAWL__DELAY=5`); a secret may be given as
`x_file`, a path whose content is the value of `x`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.errors import ConfigError
from config.toml import read_toml

#: The one zone of the product: deadlines, digests and dates without a zone.
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
#: The file in the operator's folder.
SETTINGS_FILE = "langnghe.toml"
#: A century: beyond it no calendar can count back.
_MOST_DAYS = 36_500
_SQLITE = "sqlite:///"
Kind = Literal["sources", "topics", "units", "routing", "holidays", "notifiers"]
KINDS: tuple[Kind, ...] = ("sources", "topics", "units", "routing", "holidays", "notifiers")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Network = Annotated[IPv4Network | IPv6Network, PlainValidator(ip_network)]
_Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
_Minutes = Annotated[int, Field(ge=1, le=10_080)]


class CrawlSettings(_Section):
    """How politely and how carefully the crawler fetches. Seconds and bytes.

    `contact` is an e-mail address or page, put into the user agent so that a
    publisher can reach the operator. `allow_private` is for tests and the demo only. A source
    that brings nothing for a while is asked every `slowest_minutes` at least; 0: always at its
    own `every_minutes`.
    """

    contact: str = Field(default="", pattern=r"^[^\x00-\x1f\x7f]*$")
    delay: float = Field(default=2.0, ge=0, le=3600)
    per_host: int = Field(default=1, ge=1, le=8)
    concurrent: int = Field(default=16, ge=1, le=256)
    timeout: _Seconds = 30.0
    round_timeout: _Seconds = 900.0
    max_bytes: int = Field(default=15 * 2**20, ge=1024)
    max_articles: int = Field(default=60, ge=1)
    slowest_minutes: int = Field(default=60, ge=0, le=1440)
    proxy: str = Field(default="", pattern=r"^(https?://[^\s/]+/?)?$")
    allow_private: bool = False

    def user_agent(self) -> str:
        """Return the honest name under which every request is made."""
        contact = f"; +{self.contact}" if self.contact else ""
        return f"LangNghe/0.1 (public-issue reader{contact})"


class MailSettings(_Section):
    """How mails are addressed. `notifier` is the id of the notifier entry that carries them."""

    notifier: str = "outbox"
    domain: str = "langnghe.invalid"
    digest_to: tuple[str, ...] = ()


class WebSettings(_Section):
    """The web pages. `trusted_proxies` are networks whose word about the client's address counts.

    `metrics_from` are networks that may read /metrics besides this machine itself.
    `link_posts` and `client_posts` are how many forms one link, and one client's address,
    may send in an hour; `sign_in_tries` how often a name may be tried from one address in a
    quarter of an hour.
    """

    enabled: bool = True
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8600, ge=0, le=65535)
    trusted_proxies: tuple[_Network, ...] = ()
    client_header: str = "X-Forwarded-For"
    metrics_from: tuple[_Network, ...] = ()
    link_posts: int = Field(default=30, ge=1)
    client_posts: int = Field(default=120, ge=1)
    sign_in_tries: int = Field(default=10, ge=1)


class ClusterSettings(_Section):
    """Work on several machines. Without `broker_url` everything runs in one process.

    `name` begins the names of all queues. Sources of one domain are in one of `shards`;
    readers get `batch` items at a time; with more than `backlog` items unread no new round
    begins. Megabytes of memory after which a worker process is replaced: `worker_mb`.
    """

    broker_url: str = ""
    broker_url_file: Path | None = None
    name: str = Field(default="langnghe", pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    shards: int = Field(default=16, ge=1, le=99)
    batch: int = Field(default=50, ge=1, le=1000)
    backlog: int = Field(default=20_000, ge=1)
    worker_mb: int = Field(default=900, ge=200)

    @field_validator("broker_url")
    @classmethod
    def _keeps_its_word(cls, url: str) -> str:
        kind = url.partition(":")[0]
        if kind.startswith(("redis", "rediss")):
            raise ValueError(
                "Redis is no broker here: it lost and delayed messages when workers were killed; "
                "use RabbitMQ (amqp://…)"
            )
        if url and kind not in {"amqp", "amqps", "pyamqp"}:
            raise ValueError("the broker must be RabbitMQ: amqp://… or amqps://…")
        return url


class RetentionSettings(_Section):
    """How many days things are kept; 0: for ever.

    `item_days`: the words of articles that no case is about and of which nobody said anything.
    `case_item_days`: the words of articles behind cases, counted from the closing. `mail_days`:
    mails of closed cases and of no case. `log_days`: polls and rounds. `audit_days`: the audit.
    """

    item_days: int = Field(default=0, ge=0, le=_MOST_DAYS)
    case_item_days: int = Field(default=0, ge=0, le=_MOST_DAYS)
    mail_days: int = Field(default=0, ge=0, le=_MOST_DAYS)
    log_days: int = Field(default=400, ge=0, le=_MOST_DAYS)
    audit_days: int = Field(default=0, ge=0, le=_MOST_DAYS)

    @field_validator("log_days")
    @classmethod
    def _is_enough_to_know_a_source(cls, days: int) -> int:
        if 0 < days < 100:
            raise ValueError("0 or at least 100: a source is judged by its own last weeks")
        return days


class Settings(BaseSettings):
    """All settings, with defaults that run on one small server with no preparation.

    `defaults` names the kinds of catalogue entries that are taken from the package;
    another province leaves "units", "routing" and "sources" out and brings its own.
    """

    model_config = SettingsConfigDict(
        env_prefix="LANGNGHE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    province: str = "Bến Tre"
    agency: str = "BAN TUYÊN GIÁO VÀ DÂN VẬN TỈNH ỦY"
    data_dir: Path = Path("data")
    database_url: str = ""
    database_url_file: Path | None = None
    model: Path | None = None
    digest_at: time = time(7, 0)
    crawl_every_minutes: int = Field(default=15, ge=1, le=1440)
    retry_minutes: tuple[_Minutes, ...] = Field(default=(1, 5, 15, 60), min_length=1)
    give_up_hours: int = Field(default=72, ge=1, le=24 * 365)
    defaults: tuple[Kind, ...] = KINDS
    public_url: str = Field(default="", pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$")
    link_keys_file: Path | None = None
    link_days: int = Field(default=180, ge=1, le=3650)
    attachment_days: int = Field(default=730, ge=1, le=_MOST_DAYS)
    attachment_mb: int = Field(default=10, ge=1, le=100)
    attachment_count: int = Field(default=5, ge=0, le=20)
    crawl: CrawlSettings = CrawlSettings()
    mail: MailSettings = MailSettings()
    web: WebSettings = WebSettings()
    cluster: ClusterSettings = ClusterSettings()
    retention: RetentionSettings = RetentionSettings()

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, url: str) -> str:
        kind = url.partition(":")[0].partition("+")[0]
        if url and (kind not in {"sqlite", "postgresql"} or "://" not in url):
            raise ValueError("must be sqlite:///FILE or postgresql+psycopg://…")
        return url

    def within(self, folder: Path) -> Self:
        """Return the settings with their paths taken relative to the operator's folder."""
        paths = {"data_dir": folder / self.data_dir}
        for name in ("link_keys_file", "model"):
            given: Path | None = getattr(self, name)
            if given is not None:
                paths[name] = folder / given
        file = self.database_url.removeprefix(_SQLITE)
        if file != self.database_url and not file.startswith((":", "file:")):
            return self.model_copy(update=paths | {"database_url": f"{_SQLITE}{folder / file}"})
        return self.model_copy(update=paths)

    def with_secrets(self, folder: Path) -> Self:
        """Return the settings with the secrets that files hold, as `x_file` names them.

        Raises `ConfigError` where one cannot be read, or holds what its setting may not be.
        """
        said: dict[str, Any] = self.model_dump(exclude_unset=True)
        for keys in (("database_url",), ("cluster", "broker_url")):
            *sections, name = keys
            holder = said
            for section in sections:
                holder = holder.get(section, {})
            if path := holder.get(f"{name}_file"):
                key = ".".join((*sections, f"{name}_file"))
                try:
                    holder[name] = (folder / path).read_text("utf-8").strip()
                except (OSError, UnicodeDecodeError) as error:
                    raise ConfigError([f"{SETTINGS_FILE}: {key}: {error}"]) from error
        return type(self).model_validate(said)

    def url(self) -> str:
        """Return the database URL; an SQLite file in `data_dir` where none is set."""
        return self.database_url or f"{_SQLITE}{self.data_dir / 'langnghe.db'}"


def load_settings(folder: Path | None, **over: Any) -> Settings:
    """Read the settings of `folder` (None: defaults and environment only).

    `over` wins over everything, for command options; paths in it are taken as they stand,
    all others relative to `folder`. Raises `ConfigError` with every problem as
    `file: key: what is wrong`.
    """
    said = _said(folder / SETTINGS_FILE) if folder else {}

    class _Located(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (name fixed by library)
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            sources: tuple[PydanticBaseSettingsSource, ...] = (init_settings, env_settings)
            if folder is not None:
                sources += (InitSettingsSource(settings_cls, said),)
            return sources

    try:
        settings = _Located(**over).with_secrets(folder or Path())
    except ValidationError as error:
        raise ConfigError(problems_of(error, SETTINGS_FILE)) from error
    if folder is None:
        return settings
    given: dict[str, Any] = {name: over[name] for name in ("data_dir", "model") if name in over}
    return settings.within(folder).model_copy(update=given)


def _said(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        return read_toml(file)
    except (OSError, ValueError) as error:
        raise ConfigError([f"{SETTINGS_FILE}: -: {error}"]) from error


def problems_of(error: ValidationError, file: str) -> Iterator[str]:
    """Turn a validation error into lines of the form `file: key: what is wrong`."""
    for found in error.errors():
        key = ".".join(str(part) for part in found["loc"]) or "-"
        yield f"{file}: {key}: {found['msg'].removeprefix('Value error, ')}"

"""Where an outlet keeps its title, lead, body and date: small TOML files, one for each site."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from cssselect import GenericTranslator, SelectorError
from pydantic import BaseModel, ConfigDict, field_validator

from crawlers.urls import site


class Hints(BaseModel):
    """CSS selectors for one outlet's article pages. What is empty is found by rule.

    `title`, `sapo` (the lead paragraph), `body` and `date` take the first element that
    matches; every element that matches one of `remove` is dropped first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    sapo: str = ""
    body: str = ""
    date: str = ""
    remove: tuple[str, ...] = ()

    @field_validator("title", "sapo", "body", "date", "remove")
    @classmethod
    def _can_be_read(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for selector in (value,) if isinstance(value, str) else value:
            selector_path(selector)
        return value


def hints_for(url: str) -> Hints:
    """Return the shipped hints for the site of `url`; empty ones where there are none."""
    return _shipped(site(url))


def merge(own: Hints | None, url: str) -> Hints:
    """Return an operator's hints with the shipped ones behind them, key by key."""
    shipped = hints_for(url)
    if own is None:
        return shipped
    return shipped.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})


@cache
def selector_path(selector: str) -> str:
    """Return the XPath of a CSS selector. Raises ValueError where it cannot be read."""
    if not selector.strip():
        return ""
    try:
        return GenericTranslator().css_to_xpath(selector, prefix="descendant-or-self::")
    except SelectorError as error:
        raise ValueError(f"không đọc được bộ chọn CSS “{selector}”") from error


@cache
def _shipped(domain: str) -> Hints:
    found = files("crawlers").joinpath("hints").joinpath(f"{domain}.toml") if domain else None
    if found is None or "/" in domain or not found.is_file():
        return Hints()
    return Hints.model_validate(tomllib.loads(found.read_text(encoding="utf-8")))

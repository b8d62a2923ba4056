"""The words of the pages. Vietnamese stands in the templates; `en*.toml` hold the English.

A Vietnamese phrase is the key of its translation, as in gettext: a template reads as what
it shows, and a phrase without a translation is shown in Vietnamese.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from config.settings import ZONE
from triage.wording import moment_text

Language = Literal["vi", "en"]
CATALOGUES = tuple(sorted(Path(__file__).parent.glob("en*.toml")))


@cache
def english() -> Mapping[str, str]:
    """Return the catalogue: Vietnamese phrase to English, from all files of it."""
    found: dict[str, str] = {}
    for path in CATALOGUES:
        found |= tomllib.loads(path.read_text("utf-8"))
    return found


def language(asked: str | None) -> Language:
    """Return the language of a page; Vietnamese unless English is asked for."""
    return "en" if asked == "en" else "vi"


def translator(wanted: Language) -> Callable[..., str]:
    """Return what puts a Vietnamese phrase, with values in braces, into the wanted language."""

    def translate(text: str, **values: Any) -> str:
        said = english().get(text, text) if wanted == "en" else text
        return said.format(**values) if values else said

    return translate


def moment_in(wanted: Language) -> Callable[[datetime], str]:
    """Return what writes an instant, in Viet Nam's zone."""
    if wanted == "vi":
        return moment_text
    return lambda at: f"{at.astimezone(ZONE):%H:%M on %d/%m/%Y}"

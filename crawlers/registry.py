"""Which source types there are: the files of `crawlers/spiders/`, by name."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any, cast

from pydantic import ValidationError

import crawlers.spiders
from crawlers.poll import SourceType

#: Looks for what a site offers; no source of an operator is of this type.
FINDER = "_find"


def source_types() -> tuple[str, ...]:
    """Return the names of all source types, in alphabetical order."""
    found = (one.name for one in pkgutil.iter_modules(crawlers.spiders.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def load_type(name: str) -> SourceType:
    """Return the module of a source type. Raises ValueError for a name there is no file for."""
    if name not in (*source_types(), FINDER):
        known = ", ".join(source_types())
        raise ValueError(f"không có loại nguồn “{name}” (có: {known})")
    return cast(SourceType, import_module(f"crawlers.spiders.{name}"))


def check_options(source_type: str, options: dict[str, Any]) -> list[str]:
    """Return what is wrong with a source's options: "options.KEY: message"; empty if nothing.

    Values are never repeated: an option may be a secret.
    """
    try:
        if source_type == FINDER:
            raise ValueError(f"không có loại nguồn “{source_type}”")
        load_type(source_type).Options.model_validate(options)
    except ValidationError as error:
        return option_problems(error)
    except ValueError as error:
        return [f"type: {error}"]
    return []


def option_problems(error: ValidationError) -> list[str]:
    """Tell a validation error of options key by key, without the values."""
    return [
        f"{'.'.join(['options', *(str(part) for part in one['loc'])])}: {_message(one)}"
        for one in error.errors(include_url=False, include_input=False)
    ]


def _message(problem: Any) -> str:
    if problem["type"] == "missing":
        return "thiếu"
    if problem["type"] == "extra_forbidden":
        return "khóa lạ"
    return str(problem["msg"]).removeprefix("Value error, ")

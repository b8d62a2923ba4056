"""Every command and every setting is named in the documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from config.catalog import PolicyEntry, SourceEntry, TopicEntry, UnitEntry
from config.settings import Settings
from crawlers.registry import load_type, source_types
from langnghe.cli import app
from langnghe.cli.page import page

ROOT = Path(__file__).parents[2]
PAGES = {
    path.name: path.read_text("utf-8") for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")]
}
TEXT = "\n".join(PAGES.values())


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, one in sorted(group.commands.items()):
        if hasattr(one, "commands"):
            yield from _commands(one, (*path, name))
        else:
            yield " ".join((*path, name))


def _fields(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _fields(inner, f"{path}{name}.")
        else:
            yield f"{path}{name}"


@pytest.mark.parametrize("name", list(_commands(typer.main.get_command(app))))
def test_every_command_is_in_the_documents(name: str) -> None:
    *group, last = name.split()
    whole = f"langnghe {name}" in TEXT or f"`{name}" in TEXT
    listed = bool(group) and f"langnghe {' '.join(group)}" in TEXT and f"`{last}" in TEXT
    assert whole or listed, f"langnghe {name} is in no document"


def test_the_page_of_commands_is_the_program_s() -> None:
    assert PAGES["commands.md"] == page(), "run: python -m langnghe.cli.page > docs/commands.md"


@pytest.mark.parametrize("key", list(_fields(Settings)))
def test_every_setting_is_in_the_documents(key: str) -> None:
    assert f"`{key}`" in TEXT or f"`{key.rpartition('.')[2]}`" in TEXT


@pytest.mark.parametrize("entry", [PolicyEntry, SourceEntry, TopicEntry, UnitEntry])
def test_every_key_of_an_entry_is_in_the_documents(entry: type[BaseModel]) -> None:
    assert [name for name in entry.model_fields if f"`{name}`" not in TEXT and name != "id"] == []


@pytest.mark.parametrize("kind", source_types())
def test_every_option_of_a_source_type_is_in_its_page(kind: str) -> None:
    page = PAGES["sources.md"]
    assert f"## `{kind}`" in page
    names = load_type(kind).Options.model_fields
    assert [name for name in names if f"`{name}`" not in page] == []

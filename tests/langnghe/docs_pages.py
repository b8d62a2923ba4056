"""The documents taken apart: links, headings, calls of the command, blocks of TOML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
import yaml

from langnghe.cli import app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
TEXTS = {path.name: path.read_text("utf-8") for path in PAGES}
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")
_CALL = re.compile(r"\s*(?:\w+=\S+ +)*(?:\S*/)?langnghe ((?:--?|[a-z]).*)")
_GLOBAL = re.compile(r"(?:--config|-c) \S+|--verbose|--json-logs")


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", text)


def blocks(text: str, kind: str) -> list[str]:
    """Return the fenced blocks of one kind."""
    return [found[3] for found in _FENCE.finditer(text) if found[2] == kind]


def links(text: str) -> list[str]:
    """Return the targets of links and pictures that are not addresses of the web."""
    found = (one for one in _LINK.findall(_SPAN.sub("", prose(text))))
    return [one for one in found if not re.match(r"[a-z]+:", one)]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as the site makes them."""
    return {anchor(one) for one in _HEADING.findall(prose(text))}


def anchor(heading: str) -> str:
    plain = unicodedata.normalize("NFC", _LINK.sub("", heading).replace("`", "")).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


class _Nav(yaml.SafeLoader):
    """Reads `mkdocs.yml`, whose tags of Python mean nothing here."""


_Nav.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)


def site() -> dict[str, Any]:
    """Return the configuration of the site."""
    found: dict[str, Any] = yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), _Nav)  # noqa: S506
    return found


def nav(part: Any) -> Iterator[str]:
    """Yield the pages of a navigation, in order."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for inner in part.values():
            yield from nav(inner)
    else:
        for inner in part:
            yield from nav(inner)


def calls(text: str) -> Iterator[str]:
    """Yield each call of the command that a page names, without what stands before `langnghe`."""
    spans = [" ".join(one.split()) for one in _SPAN.findall(prose(text))]
    lines = (line for one in blocks(text, "sh") for line in one.replace("\\\n", " ").split("\n"))
    for line in (*spans, *(one.partition(" #")[0] for one in lines)):
        for part in re.split(r"&&|;| \| ", line):
            if found := _CALL.match(part):
                yield _GLOBAL.sub("", found[1]).strip()


def unknown(call: str) -> str:
    """Return what a call names that the program does not have, or ""."""
    command: Any = typer.main.get_command(app)
    words = call.replace("[", " ").replace("]", " ").split()
    while words and hasattr(command, "commands"):
        if words[0].startswith("-") and command.invoke_without_command:
            break
        if words[0] not in command.commands:
            return f"no command {words[0]}"
        command = command.commands[words.pop(0)]
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    for option in re.findall(r"(?:^|\s)(--[a-z][a-z-]*)", " ".join(words)):
        if option not in known | {"--help"}:
            return f"no option {option}"
    return ""

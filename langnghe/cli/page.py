"""The page of all commands, from the program itself: `python -m langnghe.cli.page`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer

from langnghe.cli import app

_HEAD = """# Commands

All commands take `--config FOLDER` before their name (else `LANGNGHE_CONFIG`, else
`./langnghe.d`), `--verbose` and `--json-logs`. Results are JSON lines or files on standard
output, words for people on standard error. Exit status: 0 done, 1 done but something failed or
was not found, 2 the call or the configuration is wrong. This page is made by
`python -m langnghe.cli.page`.

| command | what it does |
|---|---|
"""


def page() -> str:
    """Return the page: every command with its arguments and the words of its help."""
    lines = (f"| `{call}` | {words} |" for call, words in _commands(typer.main.get_command(app)))
    return _HEAD + "\n".join(lines) + "\n"


def _commands(group: Any, path: tuple[str, ...] = ("langnghe",)) -> Iterator[tuple[str, str]]:
    for name, one in sorted(group.commands.items()):
        if hasattr(one, "commands"):
            yield from _commands(one, (*path, name))
        else:
            yield " ".join((*path, name, *_params(one))), _plain(one.help or "")


def _params(one: Any) -> Iterator[str]:
    for param in one.params:
        if param.param_type_name == "argument":
            yield param.name.upper() if param.required else f"[{param.name.upper()}]"
        elif param.name != "help" and param.required:
            yield f"{param.opts[0]} …"


def _plain(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())

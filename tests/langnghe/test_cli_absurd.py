"""Numbers and days that no table can hold: a line and a status, never a traceback.

The commands are found in the program itself, so that a new one is tried too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from langnghe.cli import app as command

#: These run for long, or begin what must be ended; their own tests try what they take.
_LONG = {"demo", "serve", "web", "run", "train", "bench", "evaluate", "init", "import"}
_NUMBERS = (str(10**30), str(2**63), "0")
_DAYS = ("0001-01-01", "9999-12-31")
_ABSURD = {
    **dict.fromkeys(("number", "case", "event", "days", "year", "limit", "severity"), _NUMBERS),
    **dict.fromkeys(("on", "first", "last", "until", "as_of"), _DAYS),
    "of": ("0001-01", "9999-12", "0001-W01", "9999-W52"),
}
#: What else a command must be told.
_KNOWN = {
    "number": "1", "case": "1", "event": "1", "on": "2026-01-02", "until": "2030-01-02",
    "topic": "waste", "state": "kept", "kind": "promise", "of": "2026-01",
}  # fmt: skip


def _leaves(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, one in sorted(group.commands.items()):
        if hasattr(one, "commands"):
            yield from _leaves(one, (*path, name))
        elif path or name not in _LONG:
            for param in one.params:
                for value in _ABSURD.get(param.name, ()):
                    yield (*path, name, *_words(one.params, param.name, value))


def _words(params: list[Any], name: str, value: str) -> Iterator[str]:
    for param in params:
        if param.required or param.name == name:
            if param.opts[0].startswith("--"):
                yield param.opts[0]
            yield value if param.name == name else _KNOWN.get(param.name, "x")


CALLS = sorted(set(_leaves(typer.main.get_command(command))))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("absurd")
    (made / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
    return made


def test_there_is_something_to_try() -> None:
    assert {words[0] for words in CALLS} >= {"cases", "digest", "export", "reread", "report"}


@pytest.mark.parametrize("words", CALLS, ids=" ".join)
def test_no_call_ends_in_a_traceback(folder: Path, words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(command, ["-c", str(folder), *words])

    assert result.exit_code in (0, 1, 2), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)

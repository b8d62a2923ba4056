"""Read one TOML file as people save it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def parse_toml(content: bytes) -> dict[str, Any]:
    """Parse TOML in UTF-8, with or without the mark that Windows puts before it.

    Raises `ValueError` with what is wrong in words.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8 text: save the file as UTF-8") from error
    return tomllib.loads(text)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises `OSError`, or `ValueError` with what is wrong in words."""
    return parse_toml(path.read_bytes())

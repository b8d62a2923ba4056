"""Structured logs on stderr: one line an occurrence, ids and counts only, no text of items."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def setup(*, verbose: bool = False, json_lines: bool = False) -> None:
    """Send our logs, and the libraries' from warning upwards, to stderr.

    `json_lines` writes one JSON object a line, for a machine to collect; else a
    line for people. Standard output belongs to the command's result alone.
    """
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # The stream of the moment: one that was replaced may be closed.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> Any:
    """Return the logger of one module."""
    return structlog.get_logger(module=name)

"""The floors of the building and the size of its rooms, kept by a test instead of by memory."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BELOW = {
    "config": set[str](),
    "crawlers": {"config"},
    "nlp": {"config"},
    "triage": {"config"},
    "storage": {"config", "crawlers", "nlp", "triage"},
    "langnghe": {"config", "crawlers", "nlp", "triage", "storage"},
}
TYPES_FOR_STORAGE = {
    "crawlers.item",
    "crawlers.job",
    "nlp.event",
    "nlp.reading",
    "triage.act",
    "triage.case",
    "triage.facts",
    "triage.figures",
    "triage.notice",
    "triage.record",
}
#: Where each dependency may be imported: a package ("crawlers/") or one file.
HOMES = {
    "alembic": "storage/",
    "apscheduler": "langnghe/",
    "amqp": "langnghe/cluster/",
    "argon2": "langnghe/",
    "celery": "langnghe/cluster/",
    "kombu": "langnghe/cluster/",
    "zxcvbn": "langnghe/",
    "docx": "triage/",
    "docxtpl": "triage/",
    "feedparser": "crawlers/",
    "holidays": "triage/",
    "itsdangerous": "triage/",
    "jinja2": "triage/",
    "litestar": "langnghe/",
    "lxml": "crawlers/",
    "numpy": "nlp/",
    "openpyxl": "crawlers/",
    "PIL": "langnghe/",
    "prometheus_client": "langnghe/",
    "protego": "crawlers/",
    "rich": "langnghe/",
    "scipy": "nlp/",
    "scrapy": "crawlers/",
    "sklearn": "nlp/",
    "smtplib": "triage/",
    "sqlalchemy": "storage/",
    "structlog": "langnghe/",
    "trafilatura": "crawlers/",
    "twisted": "crawlers/",
    "typer": "langnghe/",
    "underthesea": "nlp/",
    "uvicorn": "langnghe/",
    "xlsxwriter": "triage/",
}
ONE_FILE = {
    "docxtpl",
    "feedparser",
    "holidays",
    "jinja2",
    "sklearn",
    "smtplib",
    "trafilatura",
}
MAX_FILE, MAX_FUNCTION = 300, 40


def sources() -> list[Path]:
    return [path for package in BELOW for path in sorted((ROOT / package).rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            yield node.module


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_module_keeps_to_its_floor(path: Path) -> None:
    home = path.relative_to(ROOT)
    package = home.parts[0]
    for name in imports(path):
        top = name.partition(".")[0]
        if top in BELOW and top != package:
            assert top in BELOW[package], f"{home} may not import {name}"
            if package == "storage" and top != "config":
                assert name in TYPES_FOR_STORAGE, f"storage may import types only, not {name}"
        if top in HOMES:
            assert home.as_posix().startswith(HOMES[top]), f"{name} has its home elsewhere"


@pytest.mark.parametrize("dependency", sorted(ONE_FILE))
def test_dependency_has_one_home(dependency: str) -> None:
    users = [
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if dependency in {name.partition(".")[0] for name in imports(path)}
    ]
    assert len(users) == 1, users


@pytest.mark.parametrize(
    "path",
    [path for path in sources() if "migrations/versions" not in path.as_posix()],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_rooms_stay_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MAX_FILE
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_decisions_take_the_time_as_an_argument(path: Path) -> None:
    if path.relative_to(ROOT).parts[0] == "langnghe":
        return
    clocks = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}
    used = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in clocks
    ]
    assert used == []

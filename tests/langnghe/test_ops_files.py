"""The files an operator installs from `ops/`: checked as far as a machine without them can."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from config.settings import Settings
from langnghe.cli import app

ROOT = Path(__file__).parents[2]
OPS = ROOT / "ops"
UNITS = sorted((OPS / "systemd").glob("*.service"))
PROGRAM = "/opt/langnghe/bin/langnghe"


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((OPS / "compose.yml").read_text("utf-8"))
    return found


def unit(path: Path) -> RawConfigParser:
    parser = RawConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, "utf-8")
    return parser


def calls() -> Iterator[tuple[str, list[str]]]:
    for path in UNITS:
        words = shlex.split(unit(path)["Service"]["ExecStart"])
        if words[0] == "/bin/sh":
            call = re.sub(r"\$\([^)]*\)", "X", words[2])  # what the shell fills in
            words = shlex.split(call.removeprefix("exec "))
        yield path.name, words[words.index(PROGRAM) + 1 :]
    for name, service in compose()["services"].items():
        if service["image"] == "lang-nghe":
            yield f"compose {name}", service["command"]
    (line,) = re.findall(
        r"^CMD (\[.*\])$", (OPS / "Containerfile").read_text("utf-8"), re.MULTILINE
    )
    yield "Containerfile", yaml.safe_load(line)


def parsed(words: list[str]) -> str:
    """Let the command parse a call without running it; return the name of the command."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("langnghe", list(words))
    left = [*getattr(context, "_protected_args", []), *context.args]
    name, command, rest = group.resolve_command(context, left)
    command.make_context(name, rest, parent=context)
    return str(name)


@pytest.mark.parametrize(("where", "words"), list(calls()), ids=lambda one: str(one)[:30])
def test_every_call_is_one_that_the_program_knows(where: str, words: list[str]) -> None:
    name = parsed(words)
    assert name in {"serve", "scheduler", "worker", "web", "backup"}
    with pytest.raises(Exception, match="--telepathy"):
        parsed([*words, "--telepathy"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    for path in (OPS / "systemd").iterdir():
        body = path.read_text("utf-8").replace(PROGRAM, "/bin/true")
        (tmp_path / path.name).write_text(body, "utf-8")
    files = [str(path) for path in sorted(tmp_path.iterdir())]
    assert len(files) == len(UNITS) + 1
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in ran.stderr.splitlines() if "langnghe" in line]
    assert ours == []


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_run_as_nobody_in_particular(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["User"] == "langnghe"
    assert service["NoNewPrivileges"] == "yes"
    assert service["UMask"] == "0077"
    if service.get("Type") != "oneshot":
        assert service["Restart"] == "always"
        assert service["ProtectSystem"] == "strict"
        assert "169.254.0.0/16" in service["IPAddressDeny"]


def test_the_image_is_built_of_what_is_there_and_runs_as_a_user() -> None:
    body = re.sub(r"\\\n\s*", "", (OPS / "Containerfile").read_text("utf-8"))
    lines = [line.split(None, 1) for line in body.splitlines() if line and not line.startswith("#")]
    words = [word for word, _ in lines]
    images = [rest.split()[0] for word, rest in lines if word == "FROM"]
    assert all(re.fullmatch(r"[\w./-]+:\d[\w.-]+", image) for image in images)
    assert "ADD" not in words
    for _, rest in (line for line in lines if line[0] == "COPY" and "--from" not in line[1]):
        *sources, _ = rest.split()
        assert all((ROOT / one).exists() for one in sources)
    last = words[len(words) - words[::-1].index("FROM") :]
    assert {"USER", "HEALTHCHECK", "ENTRYPOINT"} <= set(last)
    (user,) = [rest for word, rest in lines if word == "USER"]
    assert int(user) > 999
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    copied = {rest.split()[0] for word, rest in lines if word == "COPY"}
    assert packages <= copied


def test_compose_names_only_what_it_declares() -> None:
    made = compose()
    assert {"scheduler", "worker", "gather", "web", "database", "broker"} == set(made["services"])
    fields = set(Settings.model_fields)
    for service in made["services"].values():
        assert set(service.get("secrets", [])) <= set(made["secrets"])
        assert set(service.get("depends_on", {})) <= set(made["services"])
        for volume in service.get("volumes", []):
            name = volume.split(":")[0]
            assert name.startswith("./") or name in made["volumes"]
        for name in service.get("environment", {}):
            if name.startswith("LANGNGHE_"):
                assert name.removeprefix("LANGNGHE_").lower().split("__")[0] in fields
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")
        image = service["image"]
        assert image == "lang-nghe" or re.search(r":\d", image)


def test_alert_rules_are_yaml_that_prometheus_takes() -> None:
    (group,) = yaml.safe_load((OPS / "alerts.yml").read_text("utf-8"))["groups"]
    names = [rule["alert"] for rule in group["rules"]]
    assert len(names) == len(set(names)) > 6
    for rule in group["rules"]:
        assert set(rule) <= {"alert", "expr", "for", "annotations", "labels"}
        assert rule["annotations"]["summary"].endswith(".")

"""What we are made of: the checks of the SBOM, and the audit against a real pip-audit on loopback."""

from __future__ import annotations

import importlib.util
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

OPS = Path(__file__).parents[2] / "ops"
MISSING = [name for name in ("cyclonedx_py", "pip_audit") if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


def script(name: str) -> ModuleType:
    """Return a file of `ops/` as a module."""
    spec = importlib.util.spec_from_file_location(f"ops_{name}", OPS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    return script("sbom")


@pytest.fixture(scope="module")
def check() -> ModuleType:
    return script("audit")


def component(name: str, version: str, *licences: str) -> dict[str, Any]:
    entries = [{"license": {"name": one}} for one in licences]
    if len(licences) == 1 and " " in licences[0] and "::" not in licences[0]:
        entries = [{"expression": licences[0]}]  # type: ignore[dict-item]
    return {
        "type": "library",
        "bom-ref": name,
        "name": name,
        "version": version,
        "licenses": entries,
    }


def bom(*components: dict[str, Any]) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "us", "name": "lang-nghe"}},
        "components": list(components),
        "dependencies": [{"ref": "us", "dependsOn": [one["name"] for one in components]}],
    }


def faults(sbom: ModuleType, made: dict[str, Any], **over: Any) -> list[str]:
    """Return the problems of an SBOM whose packages are needed and pinned, but for `over`."""
    names = {one["name"]: one["version"] for one in made["components"]}
    known = sbom.Licences(
        frozenset({"MIT", "Apache-2.0"}),
        {"License :: OSI Approved :: MIT License": "MIT"},
        over.pop("exceptions", {}),
    )
    values = {"here": set(names), "everywhere": set(names), "pinned": names} | over
    return list(sbom.problems(made, licences=known, **values))


@pytest.mark.parametrize(
    ("licences", "problem"),
    [
        (["MIT"], None),
        (["License :: OSI Approved :: MIT License"], None),
        (["MIT", "License :: OSI Approved :: MIT License"], None),
        (["GPL-3.0-only OR MIT"], None),
        (["Apache-2.0 AND MIT"], None),
        (["GPL-3.0-only"], "x: GPL-3.0-only is not in ops/licences.toml"),
        (["GPL-3.0-only AND MIT"], "x: GPL-3.0-only AND MIT is not in ops/licences.toml"),
        (["MIT", "GPL-3.0-only"], "x: GPL-3.0-only is not in ops/licences.toml"),
        (["Our own, ask us"], "x: Our own, ask us is not in ops/licences.toml"),
        (
            ["License :: Other/Proprietary License"],
            "x: License :: Other/Proprietary License is not",
        ),
        (["MIT WITH Classpath-exception-2.0"], "x: MIT WITH Classpath-exception-2.0 is not in"),
        (["MIT OR"], "x: MIT OR is not in ops/licences.toml"),
        ([], "x: its metadata tells no licence"),
    ],
)
def test_a_licence_is_on_the_list_or_fails(
    sbom: ModuleType, licences: list[str], problem: str | None
) -> None:
    known = sbom.Licences(
        frozenset({"MIT", "Apache-2.0"}), {"License :: OSI Approved :: MIT License": "MIT"}, {}
    )
    said = sbom.licence_problem("x", licences, known)
    assert (said is None) == (problem is None)
    assert (said or "").startswith(problem or "")


def test_an_exception_is_for_one_package_with_one_licence(sbom: ModuleType) -> None:
    given = {"x": ("GPL-3.0-only", "why")}
    held = bom(component("x", "1", "GPL-3.0-only"))
    assert faults(sbom, held, exceptions=given) == []
    assert faults(sbom, bom(component("x", "1", "AGPL-3.0-only")), exceptions=given) == [
        "x: the exception is for GPL-3.0-only, it has ['AGPL-3.0-only']"
    ]
    assert faults(sbom, bom(component("y", "1", "MIT")), exceptions=given) == [
        "x: has an exception in licences.toml, but is not needed for running"
    ]


def test_versions_that_are_not_the_pinned_ones_are_told(sbom: ModuleType) -> None:
    made = bom(component("x", "2", "MIT"))
    assert faults(sbom, made) == []
    assert faults(sbom, made, pinned={"x": "1"}) == ["x: 2 is installed, constraints.txt has 1"]
    assert faults(sbom, made, pinned={}) == ["x: not pinned in constraints.txt"]
    assert faults(sbom, made, everywhere={"x", "z"}) == ["z: not pinned in constraints.txt"]
    assert faults(sbom, made, here={"x", "z"}) == ["z: needed for running, but not installed"]


def test_what_is_no_cyclonedx_is_told(sbom: ModuleType) -> None:
    made = bom(component("x", "1", "MIT")) | {"components": [{"name": "x", "version": "1"}]}
    (said,) = [one for one in faults(sbom, made) if "CycloneDX" in one]
    assert said.startswith("not valid CycloneDX: ")


def test_only_what_is_needed_stays(sbom: ModuleType) -> None:
    made = sbom.only(bom(component("x", "1", "MIT"), component("pytest", "1", "MIT")), {"x"})
    assert [one["name"] for one in made["components"]] == ["x"]
    assert made["dependencies"] == [{"ref": "us", "dependsOn": ["x"]}]


def test_what_runs_is_known_without_what_tests_need(sbom: ModuleType) -> None:
    names = sbom.needed(sbom.PYTHONS)
    assert {"scrapy", "celery", "psycopg-binary", "mako"} <= names
    assert names & {"pytest", "selenium", "lang-nghe", "pip-audit"} == set()
    assert names <= set(sbom.pins(OPS.parent / "constraints.txt"))


def test_every_exception_has_a_reason(sbom: ModuleType) -> None:
    known = sbom.load_licences(OPS / "licences.toml")
    assert "docxtpl" in known.exceptions
    assert [name for name, (_, why) in known.exceptions.items() if len(why) < 20] == []


class Stand(BaseHTTPRequestHandler):
    """Answers as OSV does: `bad` has a vulnerability; or what its server is told to do."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server: Any = self.server
        if server.mood == "silent":
            server.over.wait(60)
            return
        found = {
            "id": "PYSEC-2026-1",
            "aliases": ["CVE-2026-1"],
            "affected": [
                {
                    "package": {"name": "bad", "ecosystem": "PyPI"},
                    "ranges": [
                        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}
                    ],
                }
            ],
        }
        body = json.dumps({"vulns": [found]} if asked["package"]["name"] == "bad" else {}).encode()
        self.send_response(200 if server.mood == "well" else int(server.mood))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def service(mood: str) -> Iterator[str]:
    """Run a service of vulnerabilities on loopback, in a mood; give its address."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Stand)
    server.mood, server.over = mood, threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def audited(folder: Path, url: str, *lines: str, seconds: int = 60) -> tuple[int, list[str]]:
    """Run the audit as `make audit` does, but on `url` alone."""
    file = folder / "pinned.txt"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    call = [sys.executable, str(OPS / "audit.py"), str(file), "--osv-url", url]
    ran = subprocess.run(
        [*call, "--seconds", str(seconds)], capture_output=True, text=True, timeout=40
    )
    return ran.returncode, ran.stderr.splitlines()


def test_a_known_vulnerability_fails(tmp_path: Path) -> None:
    with service("well") as url:
        status, said = audited(tmp_path, url, "good==1.0", "bad==1.0")
    assert (status, said) == (1, ["audit: bad 1.0: PYSEC-2026-1, CVE-2026-1; mended in: 1.1"])


def test_without_one_it_says_how_many_were_asked_for(tmp_path: Path) -> None:
    with service("well") as url:
        status, said = audited(tmp_path, url, "good==1.0", "fine==2", "zope.interface==3")
    assert (status, said) == (0, ["audit: no known vulnerability in 3 packages (osv)"])


@pytest.mark.parametrize("mood", ["nobody", "403", "503", "silent"])
def test_a_service_that_cannot_be_asked_is_one_line_and_no_failure(
    tmp_path: Path, mood: str
) -> None:
    if mood == "nobody":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}/"
            status, said = audited(tmp_path, url, "good==1.0")
    else:
        with service(mood) as url:
            status, said = audited(tmp_path, url, "good==1.0", seconds=3)
    assert status == 0
    (line,) = said
    assert line.startswith(
        "audit: NOT DONE, no service of known vulnerabilities can be asked here (osv: "
    )


def test_a_file_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    with service("well") as url:
        status, said = audited(tmp_path, url, "good==1.0", "no version of this ==")
    assert status == 2
    assert said[0].startswith("audit: pip-audit ended with 1: ")


def test_one_vulnerability_counts_whatever_else_failed(check: ModuleType) -> None:
    bad = check.Answer(known=1, found=("bad 1.0: X",), unreached="no answer in time")
    assert check.verdict({"pypi": bad}) == (1, ["bad 1.0: X"])


def test_a_service_that_knows_nothing_is_no_answer(check: ModuleType) -> None:
    mirror = check.Answer(unknown=("a", "b"))
    status, (line,) = check.verdict({"pypi": mirror, "osv": check.Answer(unreached="no answer")})
    assert (status, line[:9]) == (0, "NOT DONE,")
    assert "(pypi: knows none of the packages; osv: no answer)" in line
    assert check.verdict({"pypi": mirror, "osv": check.Answer(known=2)}) == (
        0,
        ["no known vulnerability in 2 packages (osv)"],
    )
    half = check.Answer(known=1, unknown=("b",))
    assert check.verdict({"pypi": half})[1] == [
        "no known vulnerability in 1 packages (pypi); not known to it: b"
    ]

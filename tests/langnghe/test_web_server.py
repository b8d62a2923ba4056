"""The pages over a real socket: too much is cut off, logs name no link, the process ends cleanly."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from web_samples import UNIT, count, installation, sent_case, state

from langnghe.app import App
from langnghe.links import keys
from triage.token import Scope, sign

pytestmark = [pytest.mark.slow]
ROOT = Path(__file__).parent.parent.parent
#: Nothing to crawl, and no digest due: the scheduler runs, and waits.
CONFIG = """\
defaults = ["topics", "units", "routing", "holidays", "notifiers"]
public_url = "https://langnghe.example"
digest_at = 23:59:00
[web]
port = 0
"""
_START = "from langnghe.cli import main; main()"
_BLOCK = b"x" * 65536
#: Programs and map of the process alone are some 200 MB.
_MOST_KB = 420 * 1024


class Running:
    """A process of ours that serves, and what it said."""

    def __init__(self, folder: Path, database: str, *words: str) -> None:
        env = os.environ | {"LANGNGHE_DATABASE_URL": database, "PYTHONPATH": str(ROOT)}
        call = [sys.executable, "-c", _START, "--config", str(folder), *words]
        self.process = subprocess.Popen(call, env=env, stderr=subprocess.PIPE, text=True)
        self.said: list[str] = []
        self.port = 0
        told = threading.Event()

        def listen() -> None:
            assert self.process.stderr is not None
            for line in self.process.stderr:
                self.said.append(line)
                if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                    self.port = int(found[1])
                    told.set()
            told.set()

        self.listener = threading.Thread(target=listen, daemon=True)
        self.listener.start()
        assert told.wait(120), "it does not start"
        assert self.port, self.said

    def get(self, path: str) -> tuple[int, str]:
        # No proxy of the surroundings may stand between us and loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()

    def most_memory_kb(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+)", status)
        assert found is not None
        return int(found[1])

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.listener.join(60)
        return code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "operator"
    made.mkdir()
    (made / "langnghe.toml").write_text(CONFIG, "utf-8")
    return made


@pytest.fixture
def app(engine: Engine, folder: Path) -> App:
    return installation(engine, folder / "data")


@contextlib.contextmanager
def running(folder: Path, engine: Engine, *words: str) -> Iterator[Running]:
    made = Running(folder, engine.url.render_as_string(hide_password=False), *words)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
            made.process.wait(60)


def address(app: App, case: int) -> str:
    """Return a link that outlives any clock."""
    return f"/tra-loi/{sign(Scope(case, UNIT, 0, datetime(2200, 1, 1, tzinfo=UTC)), keys(app))}"


def pour(server: Running, path: str, head: str, most: int) -> tuple[str, int]:
    """Send a body without end; return the first line of the answer and how much was taken."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: langnghe.example\r\nSec-Fetch-Site: same-origin\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\n{head}\r\n\r\n".encode()
        )
        chunked = "chunked" in head
        start = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < most and not select.select([connection], [], [], 0)[0]:
                block = start if sent == 0 else _BLOCK
                framed = b"%x\r\n%s\r\n" % (len(block), block) if chunked else block
                connection.sendall(framed)
                sent += len(block)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while b"\r\n" not in answer and (part := connection.recv(65536)):
                answer += part
        return answer.partition(b"\r\n")[0].decode(), sent


def test_upload_of_a_gigabyte_is_cut_off_in_little_memory(
    app: App, engine: Engine, folder: Path
) -> None:
    case = sent_case(app)
    path = address(app, case)
    with running(folder, engine, "web") as server:
        assert server.get("/ready") == (200, "ready\n")
        before = server.most_memory_kb()

        announced = pour(server, path, f"Content-Length: {2**30}", 2**30)
        streamed = pour(server, path, "Transfer-Encoding: chunked", 2**30)
        forged = pour(server, f"{path}x", "Transfer-Encoding: chunked", 2**30)

        assert announced[0].startswith("HTTP/1.1 413")
        assert announced[1] < 20 * 2**20
        assert streamed[0].startswith("HTTP/1.1 413")
        assert streamed[1] < 80 * 2**20
        assert forged[0].startswith("HTTP/1.1 404")
        assert forged[1] < 20 * 2**20
        assert server.most_memory_kb() < max(_MOST_KB, before + 60 * 1024)
        assert server.get("/health") == (200, "ok\n")
        assert server.get(path)[0] == 200
        assert server.end() == 0
    assert state(app, case) == "sent"
    token = path.rpartition("/")[2]
    assert not [line for line in server.said if token[:20] in line]


def test_serve_runs_pages_and_scheduler_and_ends_when_asked(
    app: App, engine: Engine, folder: Path
) -> None:
    case = sent_case(app)
    path = address(app, case)
    with running(folder, engine, "--verbose", "serve") as server:
        status, text = server.get(path)
        assert status == 200
        form = re.search(r'name="kind" value="acknowledged">\s*<input[^>]*value="([^"]+)"', text)
        assert form is not None
        body = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in (("kind", "acknowledged"), ("mark", form[1]))
        )
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.port}{path}",
            f"{body}--b--\r\n".encode(),
            {"Content-Type": "multipart/form-data; boundary=b"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            assert "Đã ghi nhận lúc" in answer.read().decode()
        assert server.end() == 0
    assert state(app, case) == "acknowledged"
    assert count(engine, "used_nonce") == 1
    said = "".join(server.said)
    assert path.rpartition("/")[2] not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("word", ["web", "serve"])
def test_port_that_is_taken_ends_the_process_at_once(
    app: App, engine: Engine, folder: Path, word: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        env = os.environ | {
            "LANGNGHE_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "LANGNGHE_WEB__PORT": str(port),
            "PYTHONPATH": str(ROOT),
        }
        call = [sys.executable, "-c", _START, "--config", str(folder), word]
        done = subprocess.run(call, env=env, capture_output=True, text=True, timeout=120)

    assert done.returncode == 2
    assert f"web.port: 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr
    assert count(engine, "round") == 0, "nothing may run"

"""A PostgreSQL and a RabbitMQ of a test's own, which it may kill and start again.

Their data lie in the folder of the test; they listen on loopback, on ports that were free.
`kill` is SIGKILL for the server and all its processes; `start` returns when it answers.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg
from kombu import Connection

_FOUND = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
_RABBIT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
#: Whether this machine has both programs.
AVAILABLE = bool(_FOUND) and _RABBIT.exists()
_WAIT_S = 60.0


class Server:
    """A server that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.process = self._spawn()
        limit = time.monotonic() + _WAIT_S
        while not self._answers():
            assert time.monotonic() < limit, f"{type(self).__name__} does not answer"
            if self.process.poll() is not None:  # a process of the killed one still held on
                self.process = self._spawn()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.1)

    def kill(self) -> None:
        """Kill it with all that it started."""
        if self.process is None:
            return
        family = [self.process.pid, *_descendants(self.process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def again(self) -> None:
        """Kill it, and start it on what it left."""
        self.kill()
        self.start()

    def _spawn(self) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def _popen(self, arguments: list[str], **options: object) -> subprocess.Popen[bytes]:
        log = (self.folder / "server.log").open("ab")
        with log:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **options,
            )  # type: ignore[call-overload,no-any-return]


class OwnPostgres(Server):
    """PostgreSQL with one superuser and no password; it does not run as root."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._bin = _FOUND[-1].parent
        self._as: dict[str, object] = {}
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            for at in [folder, *folder.parents]:  # it must get to its folder
                if at.owner() == "root" and not at.stat().st_mode & 0o001:
                    at.chmod(at.stat().st_mode | 0o011)
            shutil.chown(folder, user.pw_uid, user.pw_gid)
        self._data = folder / "data"
        made = [self._bin / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust"]
        arguments = [str(one) for one in made] + ["-E", "UTF8", "--locale", "C.UTF-8"]
        process = self._popen(arguments, **self._as)
        assert process.wait() == 0, (folder / "server.log").read_text("utf-8")
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }
        chosen = [f"--{name}={value}" for name, value in settings.items()]
        return self._popen(
            [str(self._bin / "postgres"), "-D", str(self._data), *chosen], **self._as
        )

    def _answers(self) -> bool:
        try:
            with psycopg.connect(
                host="127.0.0.1", port=self.port, user="postgres", connect_timeout=2
            ):
                return True
        except psycopg.OperationalError:
            return False


class OwnRabbit(Server):
    """RabbitMQ without plug-ins, one node."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._inner = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        (folder / "plugins").write_text("[].\n", "ascii")

    def _spawn(self) -> subprocess.Popen[bytes]:
        names = {
            "HOME": self.folder,
            "RABBITMQ_NODENAME": f"test{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": self.port,
            "RABBITMQ_DIST_PORT": self._inner,
            "RABBITMQ_MNESIA_BASE": self.folder / "data",
            "RABBITMQ_LOG_BASE": self.folder / "log",
            "RABBITMQ_CONFIG_FILE": self.folder / "none",
            "RABBITMQ_ENABLED_PLUGINS_FILE": self.folder / "plugins",
            "RUNNING_UNDER_SYSTEMD": "true",  # one process, no shell around it
        }
        told = os.environ | {name: str(value) for name, value in names.items()}
        return self._popen([str(_RABBIT)], env=told)

    def _answers(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=2) as connection:
                connection.connect()
                return True
        except (OSError, *Connection(self.url).connection_errors):
            return False


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _descendants(pid: int) -> list[int]:
    found = []
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
            found += [int(child), *_descendants(int(child))]
    return found

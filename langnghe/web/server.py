"""Answer requests: uvicorn in this process, on a port that was taken before anything starts."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from config.errors import ConfigError
from langnghe.app import App
from langnghe.web.app import create_app

#: Requests that are answered at a time; more are told to come again.
_MOST_AT_A_TIME = 200
_PATIENCE_S = 10


def listen(app: App) -> socket.socket:
    """Take the port. Raises `ConfigError` where it is taken or not ours to take."""
    web = app.settings.web
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        return socket.create_server((web.host, web.port), family=family, backlog=256)
    except OSError as error:
        where = f"{web.host}:{web.port}"
        key = "host" if isinstance(error, socket.gaierror) else "port"
        raise ConfigError([f"langnghe.toml: web.{key}: {where}: {error.strerror}"]) from error


def address(taken: socket.socket) -> str:
    """Return where the pages of a port that was taken lie."""
    host, port = taken.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def answer_requests(app: App, taken: socket.socket, began: Callable[[], None]) -> None:
    """Answer requests on `taken` until the process is asked to end, then finish those begun.

    `began` is called when all is made that requests need. Raises `ConfigError` before that
    where the operator's files are wrong.
    """
    config = uvicorn.Config(
        create_app(app),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # an address holds a token, and is not for a log
        proxy_headers=False,  # whom to believe is our own setting
        server_header=False,
        limit_concurrency=_MOST_AT_A_TIME,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_PATIENCE_S,
    )
    # uvicorn repeats the signal when it has ended: that must not kill what still cleans up.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _heard)
    began()
    uvicorn.Server(config).run(sockets=[taken])


def _heard(number: int, frame: FrameType | None) -> None:
    """Do nothing: the one who waited for the signal has it already."""

"""Under which name a process takes work, and how another on its machine knows that it died."""

from __future__ import annotations

import os
import socket
import uuid
from contextlib import suppress


def owner_name() -> str:
    """Return a name that no other process has: machine, process number, and chance."""
    return f"{_machine()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def is_dead(owner: str) -> bool:
    """Say whether `owner` was a process of this machine that is no more; if in doubt, no."""
    machine, _, rest = owner.rpartition(":")[0].rpartition(":")
    if machine != _machine() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _machine() -> str:
    """Return the host, and the world of its process numbers: containers may share a name."""
    world = ""
    with suppress(OSError):
        world = "/" + os.readlink("/proc/self/ns/pid").strip("pid:[]")  # noqa: PTH115 (no path)
    return socket.gethostname().replace(":", "-") + world

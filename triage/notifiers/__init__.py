"""Ways out for notices, one module each. The file name is the registry.

A notifier type is a module with `Options` (a pydantic model of what an operator
writes under `[options]`) and `Notifier(options, base)` with `send(notice)`, which
returns when the notice was handed over, and otherwise raises `DeliveryDeferred` (try
again later) or `DeliveryFailed` (a person has to look), with the `Fault` that says whose
doing it is. `probe()` tries the way without a notice. Retrying, deduplication and the
log wrap it from outside: no notifier loops or sleeps.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from config.catalog import NotifierEntry
from config.errors import ConfigError
from config.settings import problems_of
from triage.notice import Notice


class Notifier(Protocol):
    """A way out."""

    def send(self, notice: Notice) -> None:
        """Hand `notice` over. Raises `triage.notice.DeliveryError`."""
        ...

    def probe(self) -> None:
        """Try the way without a notice. Raises `DeliveryDeferred` naming the step that failed."""
        ...

    @property
    def where(self) -> str:
        """Where the way leads, for messages to the operator."""
        ...


def notifier_types() -> list[str]:
    """Name the notifier types there are: the modules of this package."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def build_notifier(entry: NotifierEntry, base: Path = Path()) -> Notifier:
    """Return the notifier that `entry` describes. Opens nothing and sends nothing.

    Paths in its options are taken relative to `base`, the data folder. Raises
    `ConfigError` with every problem as `notifiers/ID.toml: options.x: what is wrong`.
    """
    file = f"notifiers/{entry.id}.toml"
    if entry.type not in notifier_types():
        known = ", ".join(notifier_types())
        raise ConfigError([f"{file}: type: no notifier type {entry.type!r} (there are {known})"])
    module = import_module(f"{__name__}.{entry.type}")
    try:
        options = module.Options.model_validate(entry.options)
    except ValidationError as error:
        found = problems_of(error, f"{file}: options")
        # One key for all of them: `options.host`, and `options` where two keys disagree.
        lines = [line.replace("options: ", "options.", 1) for line in found]
        raise ConfigError(line.replace("options.-:", "options:", 1) for line in lines) from error
    notifier: Notifier = module.Notifier(options, base)
    return notifier

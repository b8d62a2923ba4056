"""Which model reads: the one the settings name, else the one in use here, else the shipped one.

A file that is missing or broken never stops a round: the shipped model reads instead, and
the log and `langnghe doctor` say so until it is put right. Only a model that was named on
the command line is an error, as figures of another one would mislead.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from langnghe.logs import logger
from nlp.reader import Finder, Reader
from nlp.topics import Model, ModelError, load_model
from storage import trained
from storage.db import Engine, open_database
from storage.errors import StorageError

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A reader, the file that was wanted (None: the shipped one), and why it is not used."""

    reader: Reader
    wanted: Path | None
    fault: str = ""


def choose(finder: Finder, wanted: Path | None, *, strict: bool) -> Chosen:
    """Return a reader with the model at `wanted`, or the shipped one where that is unusable.

    Raises `ModelError` instead where `strict`, or where the shipped one is damaged.
    """
    fault = ""
    model: Model | None = None
    try:
        model = load_model(wanted)
    except ModelError as error:
        if strict or wanted is None:
            raise
        fault = str(error)
        log.error("model unusable, the shipped one reads", model=str(wanted), error=fault)
    return Chosen(Reader(model or load_model(), finder), wanted, fault)


def in_use(engine: Engine | None, url: str, data_dir: Path) -> Path | None:
    """Return the file of the model in use here; None for the shipped one.

    Without an open database (`engine` None) it is asked for this once, and where it cannot
    be, the shipped model is taken: a text can be analysed without one. Raises
    `StorageError` where an open one fails.
    """
    if engine is not None:
        found = trained.ask(engine)
        return data_dir / found.path if found else None
    made = open_database(url)
    try:
        found = trained.ask(made)
    except StorageError as error:
        log.warning("models unknown, the shipped one reads", error=str(error).partition("\n")[0])
        return None
    finally:
        made.dispose()
    return data_dir / found.path if found else None

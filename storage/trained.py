"""Models that were trained here: which is in use, which was, and which was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from storage.db import readers, said
from storage.errors import StorageError
from storage.models import ModelRow


class ModelState(StrEnum):
    """`kept`: may be used again. `refused`: was worse than the one in use when it was made."""

    IN_USE = "in_use"
    KEPT = "kept"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """One model. `path` is relative to the data folder; `why` says how it got its state.

    `figures` are what was measured when it was made; under "before" stands the version
    that was in use when it was last taken ("" for the shipped one).
    """

    version: str
    path: str
    trained_at: datetime
    figures: Mapping[str, Any]
    state: ModelState
    why: str


def keep(session: Session, model: TrainedModel) -> None:
    """Keep what is known of a model; of a version that is known, in the place of that."""
    row = _row(session, model.version)
    if row is None:
        row = ModelRow(version=model.version)
        session.add(row)
    row.path, row.trained_at, row.why = model.path, model.trained_at, model.why
    row.figures, row.state = dict(model.figures), model.state.value
    session.flush()


def use(session: Session, version: str, why: str) -> bool:
    """Take a model into use, "" for the shipped one; the one before is kept.

    Returns False, changing nothing, where there is no such model.
    """
    row = _row(session, version) if version else None
    if version and row is None:
        return False
    before = in_use(session)
    _retire(session, why)
    if row is not None:
        session.refresh(row)
        if before is None or before.version != version:
            row.figures = {**row.figures, "before": before.version if before else ""}
        row.state, row.why = ModelState.IN_USE.value, why
    session.flush()
    return True


def roll_back(session: Session, why: str) -> str | None:
    """Take the model that was in use before the present one, and return its version.

    "" is the shipped one; None, changing nothing, where the shipped one is in use already.
    What that model replaced in its own time stays known: another step goes further back.
    """
    now = in_use(session)
    if now is None:
        return None
    before = str(now.figures.get("before", ""))
    _retire(session, why)
    row = _row(session, before) if before else None
    if row is None:
        return ""
    session.refresh(row)
    row.state, row.why = ModelState.IN_USE.value, why
    session.flush()
    return before


def in_use(session: Session) -> TrainedModel | None:
    """Return the model in use; None for the shipped one."""
    row = session.scalar(
        select(ModelRow)
        .where(ModelRow.state == ModelState.IN_USE.value)
        .order_by(ModelRow.id.desc())
        .limit(1)
    )
    return _model(row) if row else None


def ask(engine: Engine) -> TrainedModel | None:
    """Return the model in use without bringing the tables up to date first.

    Raises `StorageError` where the database cannot be asked.
    """
    try:
        with readers(engine)() as session:
            return in_use(session)
    except SQLAlchemyError as error:
        raise StorageError(f"the database cannot be asked: {said(error)}") from error


def get(session: Session, version: str) -> TrainedModel | None:
    """Return the model of this version, or None."""
    row = _row(session, version)
    return _model(row) if row else None


def every(session: Session) -> list[TrainedModel]:
    """Return all models, newest first."""
    return [_model(row) for row in session.scalars(select(ModelRow).order_by(ModelRow.id.desc()))]


def _retire(session: Session, why: str) -> None:
    session.execute(
        update(ModelRow)
        .where(ModelRow.state == ModelState.IN_USE.value)
        .values(state=ModelState.KEPT.value, why=why)
    )


def _row(session: Session, version: str) -> ModelRow | None:
    query = select(ModelRow).where(ModelRow.version == version).order_by(ModelRow.id.desc())
    return session.scalar(query.limit(1))


def _model(row: ModelRow) -> TrainedModel:
    return TrainedModel(
        row.version, row.path, row.trained_at, row.figures, ModelState(row.state), row.why
    )

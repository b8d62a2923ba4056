"""What every table shares: names of constraints, and the types that columns map to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, MetaData
from sqlalchemy.orm import DeclarativeBase

from storage.types import BIG, JSON_TYPE, PlainText, UtcDateTime


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can find it again on either database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (read by SQLAlchemy as it stands)
        datetime: UtcDateTime,
        date: Date,
        int: BIG,
        str: PlainText,
        list[Any]: JSON_TYPE,
        dict[str, Any]: JSON_TYPE,
    }

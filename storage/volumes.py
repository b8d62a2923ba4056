"""How many items each source brought."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import ItemRow


def by_source(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """Count the items kept from `since` until before `until`, by the source that had them first."""
    query = select(ItemRow.source_id, func.count()).group_by(ItemRow.source_id)
    span = (ItemRow.fetched_at >= since, ItemRow.fetched_at < until)
    return dict(session.execute(query.where(*span)).tuples().all())

"""Articles are looked at again: when next, when last with success, and since when one is gone."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAMES = ("look_at", "looked_at", "gone_at")
ITEM = sa.table(
    "item",
    sa.column("fetched_at", sa.DateTime(timezone=True)),
    sa.column("look_at", sa.DateTime(timezone=True)),
)
#: The last look at an article is so long after it came.
LAST_LOOK = timedelta(days=30)


def upgrade() -> None:
    for name in NAMES:
        op.add_column("item", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_item_look",
        "item",
        ["source_id", "look_at"],
        unique=False,
        sqlite_where=sa.text("look_at IS NOT NULL"),
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    look_at_what_came_lately()


def look_at_what_came_lately() -> None:
    """Let the articles that came before there were looks have those that are still to come."""
    bind = op.get_bind()
    newest = bind.scalar(sa.select(sa.func.max(ITEM.c.fetched_at)))
    if newest is not None:
        recent = ITEM.c.fetched_at > newest - LAST_LOOK
        bind.execute(sa.update(ITEM).where(recent).values(look_at=newest))


def downgrade() -> None:
    op.drop_index("ix_item_look", table_name="item")
    for name in reversed(NAMES):
        op.drop_column("item", name)

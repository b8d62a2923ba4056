"""Articles are looked at again: when next, when last with success, and since when one is gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAMES = ("look_at", "looked_at", "gone_at")


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


def downgrade() -> None:
    op.drop_index("ix_item_look", table_name="item")
    for name in reversed(NAMES):
        op.drop_column("item", name)

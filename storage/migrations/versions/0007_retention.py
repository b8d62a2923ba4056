"""The ledger of deletion, holds, which text of an item was deleted; what a week touched by index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "deletion",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deletion_kind_key", "deletion", ["kind", "key"])
    op.create_index("ix_deletion_kind_sha256", "deletion", ["kind", "sha256"])
    op.create_table(
        "hold",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hold_kind_subject", "hold", ["kind", "subject"])
    op.add_column(
        "item", sa.Column("erased_version", BIG, server_default="0", nullable=False)
    )
    op.drop_index("ix_case_entry_at", table_name="case_entry")
    op.create_index("ix_case_entry_at", "case_entry", ["at", "case_id"])


def downgrade() -> None:
    op.drop_index("ix_case_entry_at", table_name="case_entry")
    op.create_index("ix_case_entry_at", "case_entry", ["at"])
    op.drop_column("item", "erased_version")
    op.drop_table("hold")
    op.drop_table("deletion")

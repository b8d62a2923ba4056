"""How often, and since when, a mail was put off for another reason than that the way was shut."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "notice", sa.Column("refusals", BIG, server_default="0", nullable=False)
    )
    op.add_column("notice", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("notice", "refused_at")
    op.drop_column("notice", "refusals")

"""Open rounds are found by an index: on several machines they are asked for every few seconds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        'ix_round_open',
        'round',
        ['job'],
        unique=False,
        sqlite_where=sa.text('finished_at IS NULL'),
        postgresql_where=sa.text('finished_at IS NULL'),
    )


def downgrade() -> None:
    op.drop_index('ix_round_open', table_name='round')

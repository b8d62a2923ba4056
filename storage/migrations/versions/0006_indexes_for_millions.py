"""Indexes without which a year of a province is read from end to end, as plans of a million show.

What is looked at again is evidence: of other items no time is kept any more.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PLAIN = {
    "ix_item_version_seen_at": ("item_version", ["seen_at"]),
    "ix_event_first_at": ("event", ["first_at"]),
    "ix_assessment_at": ("assessment", ["at"]),
    "ix_case_opened_at": ("case", ["opened_at"]),
    "ix_case_closed_at": ("case", ["closed_at"]),
    "ix_case_entry_at": ("case_entry", ["at"]),
}
PARTIAL = {
    "ix_item_unread_fetched_at": ("item", ["fetched_at"], "read_version != current_version"),
    "ix_assessment_hold": ("assessment", ["score", "event_id"], "verdict = 'hold'"),
    "ix_suggestion_open": ("suggestion", ["event_id", "item_id"], "answer IS NULL"),
    "ix_case_recurs_of": ("case", ["recurs_of"], "recurs_of IS NOT NULL"),
    "ix_event_merged": ("event", ["id"], "merged_into IS NOT NULL"),
    "ix_case_entry_told": (
        "case_entry",
        ["case_id", "kind", "seq"],
        "kind IN ('sent', 'closing_sent', 'amended')",
    ),
    "ix_fetch_poll": ("fetch", ["at", "outcome"], "url = ''"),
    "ix_fetch_news": ("fetch", ["source_id", "at"], "url = '' AND items > 0"),
}


def upgrade() -> None:
    for name, (table, columns) in PLAIN.items():
        op.create_index(name, table, columns, unique=False)
    for name, (table, columns, where) in PARTIAL.items():
        only = sa.text(where)
        op.create_index(
            name, table, columns, unique=False, sqlite_where=only, postgresql_where=only
        )
    # With the number of the item: what came in a month is then counted without reading it.
    op.drop_index("ix_item_fetched_at", table_name="item")
    op.create_index("ix_item_fetched_at", "item", ["fetched_at", "id"], unique=False)
    op.execute(
        "UPDATE item SET look_at = NULL WHERE look_at IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM membership WHERE membership.item_id = item.id)"
    )


def downgrade() -> None:
    for name, (table, *_) in (PLAIN | PARTIAL).items():
        op.drop_index(name, table_name=table)
    op.drop_index("ix_item_fetched_at", table_name="item")
    op.create_index("ix_item_fetched_at", "item", ["fetched_at"], unique=False)

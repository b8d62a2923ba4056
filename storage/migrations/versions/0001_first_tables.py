"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON_TYPE = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table('contact',
    sa.Column('unit_id', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('unit_id', name=op.f('pk_contact'))
    )
    op.create_table('digest',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('data', JSON_TYPE, nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('pk_digest'))
    )
    op.create_table('host_state',
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('next_allowed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_host_state'))
    )
    op.create_table('item',
    sa.Column('id', BIG, nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('outlet', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('external_id', sa.Text(), nullable=False),
    sa.Column('published', sa.DateTime(timezone=True), nullable=True),
    sa.Column('date_note', sa.Text(), nullable=False),
    sa.Column('fetched_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('engagement', JSON_TYPE, nullable=False),
    sa.Column('first_sha256', sa.Text(), nullable=True),
    sa.Column('current_version', BIG, nullable=False),
    sa.Column('read_version', BIG, nullable=False),
    sa.Column('indexed_version', BIG, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item')),
    sa.UniqueConstraint('outlet', 'first_sha256', name=op.f('uq_item_outlet_first_sha256')),
    sa.UniqueConstraint('source_id', 'external_id', name=op.f('uq_item_source_id_external_id')),
    sa.UniqueConstraint('url', name=op.f('uq_item_url')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_item_fetched_at'), 'item', ['fetched_at'], unique=False)
    op.create_index(op.f('ix_item_published'), 'item', ['published'], unique=False)
    op.create_index('ix_item_source_id_fetched_at', 'item', ['source_id', 'fetched_at'], unique=False)
    op.create_index('ix_item_unindexed', 'item', ['id'], unique=False, sqlite_where=sa.text('indexed_version != current_version'), postgresql_where=sa.text('indexed_version != current_version'))
    op.create_index('ix_item_unread', 'item', ['id'], unique=False, sqlite_where=sa.text('read_version != current_version'), postgresql_where=sa.text('read_version != current_version'))
    op.create_table('lease',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', BIG, nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_lease'))
    )
    op.create_table('notice',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', BIG, nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_notice'))
    )
    op.create_index(op.f('ix_notice_recipient'), 'notice', ['recipient'], unique=False)
    op.create_index('ix_notice_state_next_at', 'notice', ['state', 'next_at'], unique=False)
    op.create_table('round',
    sa.Column('id', BIG, nullable=False),
    sa.Column('job', sa.Text(), nullable=False),
    sa.Column('scheduled_for', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('report', JSON_TYPE, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round')),
    sa.UniqueConstraint('job', 'scheduled_for', name=op.f('uq_round_job_scheduled_for')),
    sqlite_autoincrement=True
    )
    op.create_table('source_state',
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('etag', sa.Text(), nullable=False),
    sa.Column('last_modified', sa.Text(), nullable=False),
    sa.Column('cursor', sa.Text(), nullable=False),
    sa.Column('last_poll_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_ok_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_new_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failures', BIG, nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('disabled', sa.Boolean(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_source_state'))
    )
    op.create_table('event',
    sa.Column('id', BIG, autoincrement=False, nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_item_id', BIG, nullable=False),
    sa.Column('merged_into', BIG, nullable=True),
    sa.Column('stale', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['id'], ['item.id'], name=op.f('fk_event_id_item')),
    sa.ForeignKeyConstraint(['merged_into'], ['event.id'], name=op.f('fk_event_merged_into_event')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    op.create_index(op.f('ix_event_last_at'), 'event', ['last_at'], unique=False)
    op.create_index(op.f('ix_event_merged_into'), 'event', ['merged_into'], unique=False)
    op.create_index('ix_event_stale', 'event', ['id'], unique=False, sqlite_where=sa.text('stale = 1'), postgresql_where=sa.text('stale'))
    op.create_table('fetch',
    sa.Column('id', BIG, nullable=False),
    sa.Column('round_id', BIG, nullable=True),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('http_status', BIG, nullable=True),
    sa.Column('items', BIG, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_fetch_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fetch')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_fetch_round_id'), 'fetch', ['round_id'], unique=False)
    op.create_index('ix_fetch_source_id_at', 'fetch', ['source_id', 'at'], unique=False)
    op.create_table('item_url',
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('item_id', BIG, nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_item_url_item_id_item')),
    sa.PrimaryKeyConstraint('url', 'source_id', name=op.f('pk_item_url'))
    )
    op.create_index(op.f('ix_item_url_item_id'), 'item_url', ['item_id'], unique=False)
    op.create_index('ix_item_url_source_id_item_id', 'item_url', ['source_id', 'item_id'], unique=False)
    op.create_table('item_version',
    sa.Column('item_id', BIG, nullable=False),
    sa.Column('number', BIG, autoincrement=False, nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('text_sha256', sa.Text(), nullable=False),
    sa.Column('body_sha256', sa.Text(), nullable=False),
    sa.Column('http_status', BIG, nullable=False),
    sa.Column('summary_only', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_item_version_item_id_item')),
    sa.PrimaryKeyConstraint('item_id', 'number', name=op.f('pk_item_version')),
    sa.UniqueConstraint('item_id', 'text_sha256', name=op.f('uq_item_version_item_id_text_sha256'))
    )
    op.create_table('label',
    sa.Column('id', BIG, nullable=False),
    sa.Column('item_id', BIG, nullable=False),
    sa.Column('field', sa.Text(), nullable=False),
    sa.Column('value', JSON_TYPE, nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_label_item_id_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_label_item_id'), 'label', ['item_id'], unique=False)
    op.create_table('reading',
    sa.Column('id', BIG, nullable=False),
    sa.Column('item_id', BIG, nullable=False),
    sa.Column('item_version', BIG, nullable=False),
    sa.Column('reader_version', sa.Text(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('ungrouped', sa.Boolean(), nullable=False),
    sa.Column('is_issue', sa.Boolean(), nullable=False),
    sa.Column('issue_score', sa.Double(), nullable=False),
    sa.Column('severity', BIG, nullable=False),
    sa.Column('topics', JSON_TYPE, nullable=False),
    sa.Column('places', JSON_TYPE, nullable=False),
    sa.Column('mentions', JSON_TYPE, nullable=False),
    sa.Column('place_hold', JSON_TYPE, nullable=True),
    sa.Column('place_reasons', JSON_TYPE, nullable=False),
    sa.Column('hold', JSON_TYPE, nullable=True),
    sa.Column('flags', JSON_TYPE, nullable=False),
    sa.Column('reasons', JSON_TYPE, nullable=False),
    sa.Column('unit_then', sa.Text(), nullable=True),
    sa.Column('unit_now', sa.Text(), nullable=True),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.Column('tries', BIG, nullable=False),
    sa.Column('gazetteer_version', sa.Text(), nullable=False),
    sa.Column('model_version', sa.Text(), nullable=False),
    sa.Column('config_hash', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_reading_item_id_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading')),
    sa.UniqueConstraint('item_id', 'reader_version', name=op.f('uq_reading_item_id_reader_version')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_reading_failed', 'reading', ['item_id'], unique=False, sqlite_where=sa.text('failure IS NOT NULL'), postgresql_where=sa.text('failure IS NOT NULL'))
    op.create_index('ix_reading_item_id_current', 'reading', ['item_id', 'current'], unique=False)
    op.create_index('ix_reading_ungrouped', 'reading', ['item_id'], unique=False, sqlite_where=sa.text('ungrouped = 1'), postgresql_where=sa.text('ungrouped'))
    op.create_table('assessment',
    sa.Column('event_id', BIG, autoincrement=False, nullable=False),
    sa.Column('last_item_id', BIG, nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('parts', JSON_TYPE, nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('reasons', JSON_TYPE, nullable=False),
    sa.Column('routing', JSON_TYPE, nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('config_hash', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_assessment_event_id_event')),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_assessment'))
    )
    op.create_index(op.f('ix_assessment_config_hash'), 'assessment', ['config_hash'], unique=False)
    op.create_index(op.f('ix_assessment_score'), 'assessment', ['score'], unique=False)
    op.create_table('case',
    sa.Column('id', BIG, nullable=False),
    sa.Column('event_id', BIG, nullable=False),
    sa.Column('episode', BIG, nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('veracity', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('gist', sa.Text(), nullable=False),
    sa.Column('topics', JSON_TYPE, nullable=False),
    sa.Column('severity', BIG, nullable=False),
    sa.Column('place_key', sa.Text(), nullable=True),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Text(), nullable=False),
    sa.Column('unit_name', sa.Text(), nullable=False),
    sa.Column('unit_then', sa.Text(), nullable=True),
    sa.Column('unit_now', sa.Text(), nullable=True),
    sa.Column('cooperating', JSON_TYPE, nullable=False),
    sa.Column('copies', JSON_TYPE, nullable=False),
    sa.Column('hold', sa.Text(), nullable=True),
    sa.Column('candidates', JSON_TYPE, nullable=False),
    sa.Column('reasons', JSON_TYPE, nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ack_due', sa.DateTime(timezone=True), nullable=True),
    sa.Column('verify_due', sa.DateTime(timezone=True), nullable=True),
    sa.Column('final_due', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recurs_of', BIG, nullable=True),
    sa.Column('config_hash', sa.Text(), nullable=False),
    sa.Column('gazetteer_version', sa.Text(), nullable=False),
    sa.Column('model_version', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_case_event_id_event')),
    sa.ForeignKeyConstraint(['recurs_of'], ['case.id'], name=op.f('fk_case_recurs_of_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case')),
    sa.UniqueConstraint('event_id', 'episode', name=op.f('uq_case_event_id_episode')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_case_final_due'), 'case', ['final_due'], unique=False)
    op.create_index(op.f('ix_case_place_key'), 'case', ['place_key'], unique=False)
    op.create_index('ix_case_state_unit_id', 'case', ['state', 'unit_id'], unique=False)
    op.create_index(op.f('ix_case_unit_id'), 'case', ['unit_id'], unique=False)
    op.create_table('digest_entry',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('event_id', BIG, autoincrement=False, nullable=False),
    sa.Column('section', sa.Text(), nullable=False),
    sa.Column('fingerprint', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['day'], ['digest.day'], name=op.f('fk_digest_entry_day_digest')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_digest_entry_event_id_event')),
    sa.PrimaryKeyConstraint('day', 'event_id', name=op.f('pk_digest_entry'))
    )
    op.create_index(op.f('ix_digest_entry_event_id'), 'digest_entry', ['event_id'], unique=False)
    op.create_table('event_change',
    sa.Column('id', BIG, nullable=False),
    sa.Column('event_id', BIG, nullable=False),
    sa.Column('other_id', BIG, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('items', JSON_TYPE, nullable=False),
    sa.Column('events', JSON_TYPE, nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_event_change_event_id_event')),
    sa.ForeignKeyConstraint(['other_id'], ['event.id'], name=op.f('fk_event_change_other_id_event')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_change')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_event_change_event_id'), 'event_change', ['event_id'], unique=False)
    op.create_index(op.f('ix_event_change_other_id'), 'event_change', ['other_id'], unique=False)
    op.create_table('membership',
    sa.Column('item_id', BIG, autoincrement=False, nullable=False),
    sa.Column('event_id', BIG, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('copy_of', BIG, nullable=True),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['copy_of'], ['item.id'], name=op.f('fk_membership_copy_of_item')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_membership_event_id_event')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_membership_item_id_item')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_membership'))
    )
    op.create_index(op.f('ix_membership_at'), 'membership', ['at'], unique=False)
    op.create_index('ix_membership_event_id_item_id', 'membership', ['event_id', 'item_id'], unique=False)
    op.create_table('suggestion',
    sa.Column('item_id', BIG, autoincrement=False, nullable=False),
    sa.Column('event_id', BIG, autoincrement=False, nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('who', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_suggestion_event_id_event')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_suggestion_item_id_item')),
    sa.PrimaryKeyConstraint('item_id', 'event_id', name=op.f('pk_suggestion'))
    )
    op.create_table('case_entry',
    sa.Column('case_id', BIG, nullable=False),
    sa.Column('seq', BIG, autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('data', JSON_TYPE, nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_case_entry_case_id_case')),
    sa.PrimaryKeyConstraint('case_id', 'seq', name=op.f('pk_case_entry'))
    )
    op.create_table('notice_case',
    sa.Column('notice_key', sa.Text(), nullable=False),
    sa.Column('case_id', BIG, autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_notice_case_case_id_case')),
    sa.ForeignKeyConstraint(['notice_key'], ['notice.key'], name=op.f('fk_notice_case_notice_key_notice')),
    sa.PrimaryKeyConstraint('notice_key', 'case_id', name=op.f('pk_notice_case'))
    )
    op.create_index(op.f('ix_notice_case_case_id'), 'notice_case', ['case_id'], unique=False)

    # Full text is the one thing the two databases do each in their own way.
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE item_search USING fts5(words, tokenize='unicode61')")
    else:
        op.create_table(
            "item_search",
            sa.Column("item_id", sa.BigInteger(), nullable=False),
            sa.Column("words", postgresql.TSVECTOR(), nullable=False),
            sa.ForeignKeyConstraint(["item_id"], ["item.id"], name="fk_item_search_item_id_item"),
            sa.PrimaryKeyConstraint("item_id", name="pk_item_search"),
        )
        op.create_index(
            "ix_item_search_words", "item_search", ["words"], postgresql_using="gin"
        )


def downgrade() -> None:
    op.drop_table("item_search")
    op.drop_table("notice_case")
    op.drop_table("case_entry")
    op.drop_table("suggestion")
    op.drop_table("membership")
    op.drop_table("event_change")
    op.drop_table("digest_entry")
    op.drop_table("case")
    op.drop_table("assessment")
    op.drop_table("reading")
    op.drop_table("label")
    op.drop_table("item_version")
    op.drop_table("item_url")
    op.drop_table("fetch")
    op.drop_table("event")
    op.drop_table("source_state")
    op.drop_table("round")
    op.drop_table("notice")
    op.drop_table("lease")
    op.drop_table("item")
    op.drop_table("host_state")
    op.drop_table("digest")
    op.drop_table("contact")

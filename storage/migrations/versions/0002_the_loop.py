"""The loop that closes: answers, commitments, silences, readers of the digest, misses, models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON_TYPE = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table('model',
    sa.Column('id', BIG, nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('trained_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('figures', JSON_TYPE, nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model')),
    sqlite_autoincrement=True
    )
    op.create_table('rate',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('window_end', sa.DateTime(timezone=True), nullable=False),
    sa.Column('count', BIG, nullable=False),
    sa.PrimaryKeyConstraint('key', 'window_end', name=op.f('pk_rate'))
    )
    op.create_table('subscription',
    sa.Column('id', BIG, nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('topics', JSON_TYPE, nullable=False),
    sa.Column('units', JSON_TYPE, nullable=False),
    sa.Column('at', sa.Time(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscription')),
    sqlite_autoincrement=True
    )
    op.create_table('used_nonce',
    sa.Column('nonce', sa.Text(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('nonce', name=op.f('pk_used_nonce'))
    )
    op.create_index(op.f('ix_used_nonce_until'), 'used_nonce', ['until'], unique=False)
    op.create_table('missed',
    sa.Column('id', BIG, nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('place_key', sa.Text(), nullable=True),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('road', sa.Text(), nullable=False),
    sa.Column('event_id', BIG, nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_missed_event_id_event')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_missed')),
    sqlite_autoincrement=True
    )
    op.create_table('silence',
    sa.Column('id', BIG, nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('event_id', BIG, nullable=True),
    sa.Column('topics', JSON_TYPE, nullable=False),
    sa.Column('places', JSON_TYPE, nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_silence_event_id_event')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_silence')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_silence_until'), 'silence', ['until'], unique=False)
    op.create_table('attachment',
    sa.Column('id', BIG, nullable=False),
    sa.Column('case_id', BIG, nullable=False),
    sa.Column('entry_seq', BIG, nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size', BIG, nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('keep_until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_attachment_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_attachment_case_id'), 'attachment', ['case_id'], unique=False)
    op.create_index(op.f('ix_attachment_sha256'), 'attachment', ['sha256'], unique=False)
    op.create_table('commitment',
    sa.Column('id', BIG, nullable=False),
    sa.Column('case_id', BIG, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('members', JSON_TYPE, nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_commitment_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commitment')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_commitment_case_id'), 'commitment', ['case_id'], unique=False)
    op.create_index('ix_commitment_state_due', 'commitment', ['state', 'due'], unique=False)
    op.add_column('case', sa.Column('proposed_veracity', sa.Text(), nullable=True))
    op.add_column('case', sa.Column('proposed_outcome', sa.Text(), nullable=True))
    op.add_column('case', sa.Column('statement', sa.Text(), server_default='', nullable=False))
    op.add_column('case', sa.Column('returned', BIG, server_default='0', nullable=False))
    op.add_column('case', sa.Column('reminded', BIG, server_default='0', nullable=False))
    op.add_column('case', sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('case', sa.Column('escalated', BIG, server_default='0', nullable=False))
    op.add_column('case', sa.Column('link_epoch', BIG, server_default='0', nullable=False))
    op.add_column('contact', sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('contact', sa.Column('failure', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('contact', 'failure')
    op.drop_column('contact', 'failed_at')
    op.drop_column('case', 'link_epoch')
    op.drop_column('case', 'escalated')
    op.drop_column('case', 'reminded_at')
    op.drop_column('case', 'reminded')
    op.drop_column('case', 'returned')
    op.drop_column('case', 'statement')
    op.drop_column('case', 'proposed_outcome')
    op.drop_column('case', 'proposed_veracity')
    op.drop_index('ix_commitment_state_due', table_name='commitment')
    op.drop_index(op.f('ix_commitment_case_id'), table_name='commitment')
    op.drop_table('commitment')
    op.drop_index(op.f('ix_attachment_sha256'), table_name='attachment')
    op.drop_index(op.f('ix_attachment_case_id'), table_name='attachment')
    op.drop_table('attachment')
    op.drop_index(op.f('ix_silence_until'), table_name='silence')
    op.drop_table('silence')
    op.drop_table('missed')
    op.drop_index(op.f('ix_used_nonce_until'), table_name='used_nonce')
    op.drop_table('used_nonce')
    op.drop_table('subscription')
    op.drop_table('rate')
    op.drop_table('model')

"""mail_in"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('mail_block',
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_block')),
    sa.UniqueConstraint('address', name=op.f('uq_mail_block_address'))
    )
    op.create_table('mailbox',
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('port', sa.Integer(), nullable=False),
    sa.Column('security', sa.String(length=10), nullable=False),
    sa.Column('username', sa.String(length=254), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('folder', sa.String(length=200), nullable=False),
    sa.Column('done_folder', sa.String(length=200), nullable=False),
    sa.Column('interval_minutes', sa.Integer(), nullable=False),
    sa.Column('closed_rule', sa.String(length=10), nullable=False),
    sa.Column('closed_days', sa.Integer(), nullable=False),
    sa.Column('uid_validity', KEY, nullable=True),
    sa.Column('last_uid', KEY, nullable=False),
    sa.Column('next_pull_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_token', sa.String(length=40), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('last_success_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailbox'))
    )
    op.create_table('inbound_mail',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('message_id', sa.String(length=260), nullable=False),
    sa.Column('sender', sa.String(length=254), nullable=False),
    sa.Column('sender_name', sa.String(length=500), nullable=False),
    sa.Column('subject', sa.String(length=500), nullable=False),
    sa.Column('subject_key', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('thread', sa.String(length=80), nullable=False),
    sa.Column('ticket_id', KEY, nullable=True),
    sa.Column('storage_key', sa.String(length=64), nullable=False),
    sa.Column('size', KEY, nullable=False),
    sa.Column('partial', sa.Boolean(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Boolean(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_inbound_mail_ticket_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbound_mail')),
    sa.UniqueConstraint('key', name=op.f('uq_inbound_mail_key'))
    )
    op.create_index('ix_inbound_mail_sender', 'inbound_mail', ['sender', 'received_at'], unique=False)
    op.create_index('ix_inbound_mail_state', 'inbound_mail', ['state', 'id'], unique=False)
    op.create_index('ix_inbound_mail_thread', 'inbound_mail', ['thread', 'sender', 'id'], unique=False)
    op.create_index(op.f('ix_inbound_mail_ticket_id'), 'inbound_mail', ['ticket_id'], unique=False)


def downgrade():
    op.drop_index(op.f('ix_inbound_mail_ticket_id'), table_name='inbound_mail')
    op.drop_index('ix_inbound_mail_thread', table_name='inbound_mail')
    op.drop_index('ix_inbound_mail_state', table_name='inbound_mail')
    op.drop_index('ix_inbound_mail_sender', table_name='inbound_mail')
    op.drop_table('inbound_mail')
    op.drop_table('mailbox')
    op.drop_table('mail_block')

"""saved replies, drafts, answers on their way, watchers, relations, checklists, merging, assignment rules"""

from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


@contextmanager
def without_triggers():
    """SQLite makes a changed table anew, which would lose its triggers, and fails on those that name it."""
    connection = op.get_bind()
    kept = []
    if connection.dialect.name == 'sqlite':
        kept = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in kept:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, statement in kept:
        connection.exec_driver_sql(statement)


def upgrade():
    op.create_table('assignment_rule',
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(length=200), nullable=False),
    sa.Column('barangay', sa.String(length=200), nullable=False),
    sa.Column('source', sa.String(length=30), nullable=False),
    sa.Column('team_id', KEY, nullable=True),
    sa.Column('user_id', KEY, nullable=True),
    sa.Column('least_busy', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_assignment_rule_team_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_assignment_rule_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment_rule'))
    )
    op.create_table('saved_reply',
    sa.Column('owner_id', KEY, nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['user_account.id'], name=op.f('fk_saved_reply_owner_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_reply'))
    )
    op.create_index('ix_saved_reply_owner_id', 'saved_reply', ['owner_id'])
    op.create_table('checklist_item',
    sa.Column('ticket_id', KEY, nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.String(length=200), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_checklist_item_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checklist_item'))
    )
    op.create_index('ix_checklist_item_ticket', 'checklist_item', ['ticket_id', 'position'])
    op.create_table('draft',
    sa.Column('ticket_id', KEY, nullable=False),
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('mode', sa.String(length=10), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('seen_response_id', KEY, nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_draft_ticket_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_draft_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft'))
    )
    op.create_index('ix_draft_ticket_id', 'draft', ['ticket_id'])
    op.create_index('ix_draft_user', 'draft', ['user_id', 'ticket_id'], unique=True)
    op.create_table('sending',
    sa.Column('ticket_id', KEY, nullable=False),
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('seen_status', sa.String(length=20), nullable=False),
    sa.Column('submission_key', sa.String(length=43), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('release_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_sending_ticket_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_sending_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sending')),
    sa.UniqueConstraint('submission_key', name=op.f('uq_sending_submission_key'))
    )
    op.create_index('ix_sending_release_at', 'sending', ['release_at'])
    op.create_index('ix_sending_ticket_id', 'sending', ['ticket_id'])
    op.create_table('ticket_relation',
    sa.Column('ticket_id', KEY, nullable=False),
    sa.Column('other_id', KEY, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['other_id'], ['ticket.id'], name=op.f('fk_ticket_relation_other_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_relation_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_relation'))
    )
    op.create_index('ix_ticket_relation_other_id', 'ticket_relation', ['other_id'])
    op.create_index('ix_ticket_relation_pair', 'ticket_relation', ['ticket_id', 'other_id', 'kind'], unique=True)
    op.create_table('ticket_watcher',
    sa.Column('ticket_id', KEY, nullable=False),
    sa.Column('user_id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_watcher_ticket_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_ticket_watcher_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id', 'user_id', name=op.f('pk_ticket_watcher'))
    )
    op.create_index('ix_ticket_watcher_user', 'ticket_watcher', ['user_id', 'ticket_id'])
    op.add_column('desk', sa.Column('undo_send_s', sa.Integer(), nullable=False, server_default='15'))
    with op.batch_alter_table('desk', schema=None) as batch_op:
        batch_op.alter_column('undo_send_s', server_default=None)
    with without_triggers():
        with op.batch_alter_table('response', schema=None) as batch_op:
            batch_op.add_column(sa.Column('via_id', KEY, nullable=True))
            batch_op.create_foreign_key(batch_op.f('fk_response_via_id'), 'ticket', ['via_id'], ['id'], ondelete='SET NULL')
        with op.batch_alter_table('ticket', schema=None) as batch_op:
            batch_op.add_column(sa.Column('merged_into_id', KEY, nullable=True))
            batch_op.add_column(sa.Column('merged_at', sa.DateTime(timezone=True), nullable=True))
            batch_op.add_column(sa.Column('status_before_merge', sa.String(length=20), nullable=True))
            batch_op.create_index(batch_op.f('ix_ticket_merged_into_id'), ['merged_into_id'], unique=False)
            batch_op.create_foreign_key(batch_op.f('fk_ticket_merged_into_id'), 'ticket', ['merged_into_id'], ['id'], ondelete='SET NULL')


def downgrade():
    with without_triggers():
        with op.batch_alter_table('ticket', schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f('fk_ticket_merged_into_id'), type_='foreignkey')
            batch_op.drop_index(batch_op.f('ix_ticket_merged_into_id'))
            batch_op.drop_column('status_before_merge')
            batch_op.drop_column('merged_at')
            batch_op.drop_column('merged_into_id')
        with op.batch_alter_table('response', schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f('fk_response_via_id'), type_='foreignkey')
            batch_op.drop_column('via_id')
    with op.batch_alter_table('desk', schema=None) as batch_op:
        batch_op.drop_column('undo_send_s')
    for table in (
        'ticket_watcher', 'ticket_relation', 'sending', 'draft', 'checklist_item', 'saved_reply', 'assignment_rule'
    ):
        op.drop_table(table)

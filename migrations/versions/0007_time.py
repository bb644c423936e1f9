"""time"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
COLUMNS = (
    sa.Column('respond_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolve_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_s', sa.Integer(), nullable=False, server_default='0'),
    sa.Column('answered_in_time', sa.Boolean(), nullable=True),
    sa.Column('resolved_in_time', sa.Boolean(), nullable=True),
)


def upgrade():
    op.create_table('calendar',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('timezone', sa.String(length=60), nullable=False),
    sa.Column('week', sa.JSON(), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar')),
    sa.UniqueConstraint('name', name=op.f('uq_calendar_name'))
    )
    op.create_table('holiday',
    sa.Column('calendar_id', KEY, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['calendar_id'], ['calendar.id'], name=op.f('fk_holiday_calendar_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holiday')),
    sa.UniqueConstraint('calendar_id', 'day', name=op.f('uq_holiday_calendar_id_day'))
    )
    op.create_table('response_target',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('category', sa.String(length=200), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('first_response', sa.Integer(), nullable=True),
    sa.Column('next_response', sa.Integer(), nullable=True),
    sa.Column('resolution', sa.Integer(), nullable=True),
    sa.Column('calendar_id', KEY, nullable=True),
    sa.Column('warn_minutes', sa.Integer(), nullable=False),
    sa.Column('escalate_team_id', KEY, nullable=True),
    sa.Column('escalate_priority', sa.Integer(), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['calendar_id'], ['calendar.id'], name=op.f('fk_response_target_calendar_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['escalate_team_id'], ['team.id'], name=op.f('fk_response_target_escalate_team_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_response_target')),
    sa.UniqueConstraint('name', name=op.f('uq_response_target_name'))
    )
    op.create_table('deadline_told',
    sa.Column('ticket_id', KEY, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('deadline', sa.DateTime(timezone=True), nullable=False),
    sa.Column('what', sa.String(length=10), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_deadline_told_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deadline_told')),
    sa.UniqueConstraint('ticket_id', 'kind', 'deadline', 'what', name=op.f('uq_deadline_told_ticket_id_kind_deadline_what'))
    )
    op.create_table('report_mail',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('every', sa.String(length=10), nullable=False),
    sa.Column('args', sa.JSON(), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_report_mail_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_mail'))
    )
    op.create_index(op.f('ix_report_mail_next_at'), 'report_mail', ['next_at'])
    op.create_index(op.f('ix_report_mail_user_id'), 'report_mail', ['user_id'])
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        for column in COLUMNS:
            batch_op.add_column(column._copy())
        batch_op.create_index(batch_op.f('ix_ticket_respond_by'), ['respond_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_resolved_at'), ['resolved_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_resolve_by'), ['resolve_by'], unique=False)
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.alter_column('paused_s', server_default=None)


def downgrade():
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_resolved_at'))
        batch_op.drop_index(batch_op.f('ix_ticket_resolve_by'))
        batch_op.drop_index(batch_op.f('ix_ticket_respond_by'))
        for column in reversed(COLUMNS):
            batch_op.drop_column(column.name)
    op.drop_table('report_mail')
    op.drop_table('deadline_told')
    op.drop_table('response_target')
    op.drop_table('holiday')
    op.drop_table('calendar')

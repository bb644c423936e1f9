"""field work: jobs, employees, recurring jobs; receipts of what devices sent"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
TABLES = (
    'job_part', 'job_note', 'job_item', 'job_file', 'job_crew', 'job', 'absence', 'employee', 'recurring_job', 'receipt',
)


def upgrade():
    op.create_table('receipt',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.String(length=64), nullable=False),
    sa.Column('deed', sa.String(length=80), nullable=False),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt')),
    sa.UniqueConstraint('person_id', 'client_id', name=op.f('uq_receipt_person_id_client_id'))
    )
    op.create_index(op.f('ix_receipt_created_at'), 'receipt', ['created_at'])
    op.create_table('recurring_job',
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('barangay', sa.String(length=200), nullable=False),
    sa.Column('lat', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('lng', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('skill', sa.String(length=60), nullable=False),
    sa.Column('priority', sa.SmallInteger(), nullable=False),
    sa.Column('checklist', sa.JSON(), nullable=False),
    sa.Column('crew', sa.JSON(), nullable=False),
    sa.Column('every', sa.String(length=10), nullable=False),
    sa.Column('step', sa.SmallInteger(), nullable=False),
    sa.Column('weekdays', sa.JSON(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=True),
    sa.Column('begins', sa.String(length=5), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('days_ahead', sa.SmallInteger(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('made_until', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recurring_job'))
    )
    op.create_table('employee',
    sa.Column('user_id', KEY, nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('phone', sa.String(length=60), nullable=False),
    sa.Column('skills', sa.JSON(), nullable=False),
    sa.Column('areas', sa.JSON(), nullable=False),
    sa.Column('hours', sa.JSON(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('shares_position', sa.Boolean(), nullable=False),
    sa.Column('lat', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('lng', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('position_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_employee_user_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_employee')),
    sa.UniqueConstraint('user_id', name=op.f('uq_employee_user_id'))
    )
    op.create_index(op.f('ix_employee_name'), 'employee', ['name'])
    op.create_table('absence',
    sa.Column('employee_id', KEY, nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['employee_id'], ['employee.id'], name=op.f('fk_absence_employee_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence'))
    )
    op.create_index(op.f('ix_absence_employee_id'), 'absence', ['employee_id'])
    op.create_table('job',
    sa.Column('ref', sa.String(length=20), nullable=False),
    sa.Column('client_uuid', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('barangay', sa.String(length=200), nullable=False),
    sa.Column('lat', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('lng', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('skill', sa.String(length=60), nullable=False),
    sa.Column('priority', sa.SmallInteger(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('ticket_id', KEY, nullable=True),
    sa.Column('resolves_ticket', sa.Boolean(), nullable=False),
    sa.Column('recurring_id', KEY, nullable=True),
    sa.Column('recurring_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['recurring_id'], ['recurring_job.id'], name=op.f('fk_job_recurring_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_job_ticket_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('client_uuid', name=op.f('uq_job_client_uuid')),
    sa.UniqueConstraint('recurring_id', 'recurring_on', name=op.f('uq_job_recurring_id_recurring_on')),
    sa.UniqueConstraint('ref', name=op.f('uq_job_ref'))
    )
    op.create_index('ix_job_created', 'job', ['created_at', 'id'])
    op.create_index(op.f('ix_job_finished_at'), 'job', ['finished_at'])
    op.create_index(op.f('ix_job_starts_at'), 'job', ['starts_at'])
    op.create_index('ix_job_state_starts', 'job', ['state', 'starts_at', 'id'])
    op.create_index(op.f('ix_job_ticket_id'), 'job', ['ticket_id'])
    op.create_table('job_crew',
    sa.Column('job_id', KEY, nullable=False),
    sa.Column('employee_id', KEY, nullable=False),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['employee_id'], ['employee.id'], name=op.f('fk_job_crew_employee_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_crew_job_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('job_id', 'employee_id', name=op.f('pk_job_crew'))
    )
    op.create_index('ix_job_crew_employee', 'job_crew', ['employee_id', 'job_id'])
    op.create_table('job_file',
    sa.Column('job_id', KEY, nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('content_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('storage_key', sa.String(length=64), nullable=False),
    sa.Column('thumb_key', sa.String(length=64), nullable=True),
    sa.Column('signed_by', sa.String(length=200), nullable=False),
    sa.Column('author_name', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_file_job_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_file'))
    )
    op.create_index(op.f('ix_job_file_job_id'), 'job_file', ['job_id'])
    op.create_table('job_item',
    sa.Column('job_id', KEY, nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.String(length=200), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_item_job_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_item'))
    )
    op.create_index(op.f('ix_job_item_job_id'), 'job_item', ['job_id'])
    op.create_table('job_note',
    sa.Column('job_id', KEY, nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('author_name', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_note_job_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_note'))
    )
    op.create_index(op.f('ix_job_note_job_id'), 'job_note', ['job_id'])
    op.create_table('job_part',
    sa.Column('job_id', KEY, nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('planned', sa.Integer(), nullable=False),
    sa.Column('used', sa.Integer(), nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_part_job_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_part'))
    )
    op.create_index(op.f('ix_job_part_job_id'), 'job_part', ['job_id'])


def downgrade():
    for name in TABLES:
        op.drop_table(name)

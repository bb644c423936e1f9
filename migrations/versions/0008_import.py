"""import"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
TIME = sa.DateTime(timezone=True)


def upgrade():
    op.create_table('ticket_export',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('filters', sa.JSON(), nullable=False),
    sa.Column('zone', sa.String(length=60), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempt', sa.SmallInteger(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=True),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('created_at', TIME, nullable=False),
    sa.Column('touched_at', TIME, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_ticket_export_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_export'))
    )
    op.create_index(op.f('ix_ticket_export_user_id'), 'ticket_export', ['user_id'])
    op.create_index('ix_ticket_export_state', 'ticket_export', ['state', 'touched_at'])

    op.create_table('key_mark',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('last', KEY, nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_key_mark'))
    )
    op.create_table('import',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('form', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('words', sa.JSON(), nullable=False),
    sa.Column('remembered', sa.Boolean(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('samples', sa.JSON(), nullable=False),
    sa.Column('attempt', sa.SmallInteger(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('handled', sa.Integer(), nullable=False),
    sa.Column('place', KEY, nullable=False),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=200), nullable=False),
    sa.Column('created_at', TIME, nullable=False),
    sa.Column('touched_at', TIME, nullable=False),
    sa.Column('ended_at', TIME, nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import'))
    )
    op.create_index('ix_import_state', 'import', ['state', 'touched_at'])
    op.create_table('import_row',
    sa.Column('import_id', KEY, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('ticket_id', KEY, nullable=True),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.Column('undo', sa.String(length=10), nullable=True),
    sa.Column('undo_reason', sa.Text(), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['import.id'], name=op.f('fk_import_row_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_row'))
    )
    op.create_index('ix_import_row_outcome', 'import_row', ['import_id', 'outcome', 'number'])
    op.create_index('ix_import_row_undo', 'import_row', ['import_id', 'undo', 'id'])
    op.create_table('import_habit',
    sa.Column('headings', sa.String(length=64), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('words', sa.JSON(), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('updated_at', TIME, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_habit')),
    sa.UniqueConstraint('headings', name=op.f('uq_import_habit_headings'))
    )
    op.create_table('backup',
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('size', KEY, nullable=True),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('begun_at', TIME, nullable=False),
    sa.Column('ended_at', TIME, nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backup')),
    sa.UniqueConstraint('name', name=op.f('uq_backup_name'))
    )
    with op.batch_alter_table('bulk', schema=None) as batch_op:
        batch_op.add_column(sa.Column('undoes_id', KEY, nullable=True))
        batch_op.create_unique_constraint(op.f('uq_bulk_undoes_id'), ['undoes_id'])
    with op.batch_alter_table('bulk_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('before', sa.JSON(), nullable=True))


def downgrade():
    with op.batch_alter_table('bulk_item', schema=None) as batch_op:
        batch_op.drop_column('before')
    with op.batch_alter_table('bulk', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('uq_bulk_undoes_id'), type_='unique')
        batch_op.drop_column('undoes_id')
    for name in ('backup', 'import_habit', 'import_row', 'import', 'key_mark', 'ticket_export'):
        op.drop_table(name)

"""priority, due time, team and tags of tickets"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('tag',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tag')),
    sa.UniqueConstraint('key', name=op.f('uq_tag_key'))
    )
    op.create_table('team',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team')),
    sa.UniqueConstraint('name', name=op.f('uq_team_name'))
    )
    op.create_table('team_member',
    sa.Column('team_id', KEY, nullable=False),
    sa.Column('user_id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_team_member_team_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_team_member_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('team_id', 'user_id', name=op.f('pk_team_member'))
    )
    op.create_table('ticket_tag',
    sa.Column('ticket_id', KEY, nullable=False),
    sa.Column('tag_id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['tag_id'], ['tag.id'], name=op.f('fk_ticket_tag_tag_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_tag_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_id', 'tag_id', name=op.f('pk_ticket_tag'))
    )
    op.create_index('ix_ticket_tag_tag', 'ticket_tag', ['tag_id', 'ticket_id'])
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('team_id', KEY, nullable=True))
        batch_op.add_column(sa.Column('priority', sa.SmallInteger(), nullable=False, server_default='2'))
        batch_op.add_column(sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_ticket_team', ['team_id', 'status', 'created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_due_at'), ['due_at'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_ticket_team_id'), 'team', ['team_id'], ['id'], ondelete='SET NULL')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.alter_column('priority', server_default=None)


def downgrade():
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_ticket_team_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_ticket_due_at'))
        batch_op.drop_index('ix_ticket_team')
        batch_op.drop_column('due_at')
        batch_op.drop_column('priority')
        batch_op.drop_column('team_id')
    op.drop_table('ticket_tag')
    op.drop_table('team_member')
    op.drop_table('team')
    op.drop_table('tag')

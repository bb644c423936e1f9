"""clusters, suggestions of them, where a ticket lies, and the map's tiles"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('cluster',
    sa.Column('ref', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=200), nullable=False),
    sa.Column('dissolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cluster')),
    sa.UniqueConstraint('ref', name=op.f('uq_cluster_ref'))
    )
    op.create_index('ix_cluster_created', 'cluster', ['dissolved_at', 'created_at', 'id'])
    op.create_table('cluster_suggestion',
    sa.Column('ticket_id', KEY, nullable=False),
    sa.Column('other_id', KEY, nullable=False),
    sa.Column('metres', sa.Integer(), nullable=True),
    sa.Column('days', sa.SmallInteger(), nullable=False),
    sa.Column('alike', sa.SmallInteger(), nullable=False),
    sa.Column('score', sa.SmallInteger(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('decided_by', sa.String(length=200), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['other_id'], ['ticket.id'], name=op.f('fk_cluster_suggestion_other_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_cluster_suggestion_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cluster_suggestion')),
    sa.UniqueConstraint('ticket_id', 'other_id', name='uq_cluster_suggestion_pair')
    )
    op.create_index('ix_cluster_suggestion_other', 'cluster_suggestion', ['other_id'])
    op.create_index('ix_cluster_suggestion_state', 'cluster_suggestion', ['state', 'score', 'id'])
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cluster_id', KEY, nullable=True))
        batch_op.add_column(sa.Column('cell', sa.BigInteger(), nullable=True))
        # The background task compares what stands there already, and fills in the cells.
        batch_op.add_column(sa.Column('to_compare', sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.create_foreign_key(batch_op.f('fk_ticket_cluster_id'), 'cluster', ['cluster_id'], ['id'], ondelete='SET NULL')
    with op.batch_alter_table('desk', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tiles_url', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('tiles_credit', sa.String(length=200), nullable=False, server_default=''))
    with op.batch_alter_table('desk', schema=None) as batch_op:
        batch_op.alter_column('tiles_url', server_default=None)
        batch_op.alter_column('tiles_credit', server_default=None)
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.alter_column('to_compare', server_default=None)
        batch_op.create_index('ix_ticket_cluster', ['cluster_id', 'created_at', 'id'])
        batch_op.create_index('ix_ticket_reported', ['reported_at', 'id'])
        batch_op.create_index('ix_ticket_cell', ['cell', 'reported_at'])
        batch_op.create_index('ix_ticket_barangay_reported', ['barangay', 'reported_at'])
        batch_op.create_index('ix_ticket_position', ['lat', 'lng'])
        batch_op.create_index('ix_ticket_to_compare', ['id'], postgresql_where=sa.text('to_compare'), sqlite_where=sa.text('to_compare'))


def downgrade():
    with op.batch_alter_table('desk', schema=None) as batch_op:
        batch_op.drop_column('tiles_credit')
        batch_op.drop_column('tiles_url')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        for name in ('to_compare', 'position', 'barangay_reported', 'cell', 'reported', 'cluster'):
            batch_op.drop_index(f'ix_ticket_{name}')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_ticket_cluster_id'), type_='foreignkey')
        batch_op.drop_column('to_compare')
        batch_op.drop_column('cell')
        batch_op.drop_column('cluster_id')
    op.drop_table('cluster_suggestion')
    op.drop_table('cluster')

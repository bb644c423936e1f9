"""push_mail"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('push_device',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('endpoint', sa.String(length=1000), nullable=False),
    sa.Column('p256dh', sa.String(length=100), nullable=False),
    sa.Column('auth', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=100), nullable=False),
    sa.Column('browser', sa.String(length=40), nullable=False),
    sa.Column('label', sa.String(length=120), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_push_device_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_device')),
    sa.UniqueConstraint('endpoint', name=op.f('uq_push_device_endpoint'))
    )
    op.create_index(op.f('ix_push_device_user_id'), 'push_device', ['user_id'], unique=False)
    op.create_index('ix_push_device_browser', 'push_device', ['browser'], unique=False)
    op.create_table('push_key',
    sa.Column('public', sa.String(length=100), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_key'))
    )


def downgrade():
    op.drop_table('push_key')
    op.drop_index('ix_push_device_browser', table_name='push_device')
    op.drop_index(op.f('ix_push_device_user_id'), table_name='push_device')
    op.drop_table('push_device')

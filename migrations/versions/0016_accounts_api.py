"""devices, tokens, second factor, links by mail, and how one may join"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
TIME = sa.DateTime(timezone=True)


def upgrade():
    op.create_table('device',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('key', sa.String(length=43), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('browser', sa.String(length=40), nullable=False),
    sa.Column('user_agent', sa.String(length=300), nullable=False),
    sa.Column('network', sa.String(length=50), nullable=False),
    sa.Column('created_at', TIME, nullable=False),
    sa.Column('last_seen_at', TIME, nullable=False),
    sa.Column('ended_at', TIME, nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_device_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device')),
    sa.UniqueConstraint('key', name=op.f('uq_device_key'))
    )
    op.create_index('ix_device_user', 'device', ['user_id', 'last_seen_at'])
    op.create_index(op.f('ix_device_last_seen_at'), 'device', ['last_seen_at'])
    op.create_table('refresh_token',
    sa.Column('device_id', KEY, nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', TIME, nullable=False),
    sa.Column('expires_at', TIME, nullable=False),
    sa.Column('used_at', TIME, nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], name=op.f('fk_refresh_token_device_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refresh_token')),
    sa.UniqueConstraint('hash', name=op.f('uq_refresh_token_hash'))
    )
    op.create_index(op.f('ix_refresh_token_device_id'), 'refresh_token', ['device_id'])
    op.create_table('api_token',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('last4', sa.String(length=4), nullable=False),
    sa.Column('scopes', sa.String(length=40), nullable=False),
    sa.Column('created_at', TIME, nullable=False),
    sa.Column('expires_at', TIME, nullable=False),
    sa.Column('last_used_at', TIME, nullable=True),
    sa.Column('revoked_at', TIME, nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_api_token_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('hash', name=op.f('uq_api_token_hash'))
    )
    op.create_index(op.f('ix_api_token_user_id'), 'api_token', ['user_id'])
    op.create_table('recovery_code',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('used_at', TIME, nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_recovery_code_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code'))
    )
    op.create_index(op.f('ix_recovery_code_user_id'), 'recovery_code', ['user_id'])
    op.create_table('account_link',
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('user_id', KEY, nullable=True),
    sa.Column('created_by', KEY, nullable=True),
    sa.Column('created_at', TIME, nullable=False),
    sa.Column('expires_at', TIME, nullable=False),
    sa.Column('used_at', TIME, nullable=True),
    sa.Column('ended_at', TIME, nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_account_link_user_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['created_by'], ['user_account.id'], name=op.f('fk_account_link_created_by'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_link')),
    sa.UniqueConstraint('hash', name=op.f('uq_account_link_hash'))
    )
    op.create_index('ix_account_link_email', 'account_link', ['email', 'kind'])
    op.create_index(op.f('ix_account_link_user_id'), 'account_link', ['user_id'])
    op.create_table('sign_in_tries',
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('wait_until', TIME, nullable=True),
    sa.Column('last_at', TIME, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_tries')),
    sa.UniqueConstraint('key', name=op.f('uq_sign_in_tries_key'))
    )
    op.create_index(op.f('ix_sign_in_tries_last_at'), 'sign_in_tries', ['last_at'])
    with op.batch_alter_table('user_account') as table:
        table.drop_column('failed_sign_ins')
        table.drop_column('locked_until')
        table.add_column(sa.Column('totp_sealed', sa.Text(), nullable=False, server_default=''))
        table.add_column(sa.Column('totp_since', TIME, nullable=True))
        table.add_column(sa.Column('totp_step', KEY, nullable=False, server_default='0'))
    with op.batch_alter_table('desk') as table:
        table.add_column(sa.Column('signup', sa.String(length=10), nullable=False, server_default='invited'))
        table.add_column(sa.Column('signup_domains', sa.Text(), nullable=False, server_default=''))
        table.add_column(sa.Column('signup_role', sa.String(length=20), nullable=False, server_default='reporter'))
        table.add_column(sa.Column('factor_roles', sa.String(length=200), nullable=False, server_default=''))


def downgrade():
    with op.batch_alter_table('desk') as table:
        for name in ('signup', 'signup_domains', 'signup_role', 'factor_roles'):
            table.drop_column(name)
    with op.batch_alter_table('user_account') as table:
        for name in ('totp_sealed', 'totp_since', 'totp_step'):
            table.drop_column(name)
        table.add_column(sa.Column('failed_sign_ins', sa.Integer(), nullable=False, server_default='0'))
        table.add_column(sa.Column('locked_until', TIME, nullable=True))
    for name in ('sign_in_tries', 'account_link', 'recovery_code', 'api_token', 'refresh_token', 'device'):
        op.drop_table(name)

"""chat: channels, members, messages"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('channel',
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('topic', sa.String(length=300), nullable=False),
    sa.Column('closed', sa.Boolean(), nullable=False),
    sa.Column('pair', sa.String(length=50), nullable=True),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_id', KEY, nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel')),
    sa.UniqueConstraint('pair', name=op.f('uq_channel_pair'))
    )
    op.create_table('channel_member',
    sa.Column('channel_id', KEY, nullable=False),
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('read_id', KEY, nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_channel_member_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_channel_member_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('channel_id', 'user_id', name=op.f('pk_channel_member'))
    )
    op.create_index('ix_channel_member_user', 'channel_member', ['user_id'])
    op.create_table('chat_message',
    sa.Column('channel_id', KEY, nullable=False),
    sa.Column('author_id', KEY, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('reply_to_id', KEY, nullable=True),
    sa.Column('client_id', sa.String(length=64), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('deleted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user_account.id'], name=op.f('fk_chat_message_author_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_chat_message_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['reply_to_id'], ['chat_message.id'], name=op.f('fk_chat_message_reply_to_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_message')),
    sa.UniqueConstraint('author_id', 'client_id', name=op.f('uq_chat_message_author_id_client_id'))
    )
    op.create_index('ix_chat_message_channel', 'chat_message', ['channel_id', 'id'])
    op.create_table('chat_file',
    sa.Column('message_id', KEY, nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('content_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('storage_key', sa.String(length=100), nullable=False),
    sa.Column('thumb_key', sa.String(length=100), nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['chat_message.id'], name=op.f('fk_chat_file_message_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_file'))
    )
    op.create_index('ix_chat_file_message_id', 'chat_file', ['message_id'])
    op.create_table('chat_message_version',
    sa.Column('message_id', KEY, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['chat_message.id'], name=op.f('fk_chat_message_version_message_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_message_version'))
    )
    op.create_index('ix_chat_message_version_message_id', 'chat_message_version', ['message_id'])


def downgrade():
    op.drop_table('chat_message_version')
    op.drop_table('chat_file')
    op.drop_table('chat_message')
    op.drop_table('channel_member')
    op.drop_table('channel')

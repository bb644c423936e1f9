"""notices, what people want to hear of, and what waits for its time"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
NEWS = ['new', 'updated', 'response']


def upgrade():
    op.create_table('notice',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('thing', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.Column('event_id', KEY, nullable=True),
    sa.Column('bunch', sa.String(length=120), nullable=True),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_notice_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('event_id', 'user_id', name=op.f('uq_notice_event_id_user_id')),
    sa.UniqueConstraint('bunch', 'user_id', name=op.f('uq_notice_bunch_user_id'))
    )
    op.create_index('ix_notice_user', 'notice', ['user_id', 'at', 'id'])
    op.create_index('ix_notice_thing', 'notice', ['thing', 'user_id'])
    op.create_index(op.f('ix_notice_expires_at'), 'notice', ['expires_at'])
    op.create_index('ix_notice_unread', 'notice', ['user_id', 'expires_at'], postgresql_where=sa.text('read_at IS NULL'), sqlite_where=sa.text('read_at IS NULL'))
    op.create_table('waiting_news',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('thing', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.Column('event_id', KEY, nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_waiting_news_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_news')),
    sa.UniqueConstraint('event_id', 'user_id', 'channel', name=op.f('uq_waiting_news_event_id_user_id_channel'))
    )
    op.create_index(op.f('ix_waiting_news_user_id'), 'waiting_news', ['user_id'])
    op.create_index(op.f('ix_waiting_news_due_at'), 'waiting_news', ['due_at'])
    op.create_table('mailed_news',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('thing', sa.String(length=80), nullable=False),
    sa.Column('delivery_id', KEY, nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_mailed_news_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'thing', name=op.f('pk_mailed_news'))
    )
    op.create_index(op.f('ix_mailed_news_at'), 'mailed_news', ['at'])
    settings = op.create_table('notice_settings',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('everything', sa.Boolean(), nullable=False),
    sa.Column('toasts', sa.Boolean(), nullable=False),
    sa.Column('toast_seconds', sa.Integer(), nullable=False),
    sa.Column('urgent_sound', sa.Boolean(), nullable=False),
    sa.Column('quiet', sa.Boolean(), nullable=False),
    sa.Column('quiet_from', sa.Integer(), nullable=False),
    sa.Column('quiet_to', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=10), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_notice_settings_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_notice_settings'))
    )
    op.create_table('notice_default',
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('choices', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('role', name=op.f('pk_notice_default'))
    )
    op.create_table('muting',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('thing', sa.String(length=80), nullable=False),
    sa.Column('mail_only', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_muting_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'thing', name=op.f('pk_muting'))
    )
    op.create_table('mail_refusal',
    sa.Column('thing', sa.String(length=80), nullable=False),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('thing', 'role', name=op.f('pk_mail_refusal'))
    )
    _carry_over(settings)
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.drop_column('toasts')


def _carry_over(settings):
    """Who had switched toasts off, or sounds on, keeps it so."""
    person = sa.table('user_account', sa.column('id', KEY), sa.column('toasts', sa.String()))
    connection = op.get_bind()
    usual = {'everything': True, 'toast_seconds': 5, 'urgent_sound': True, 'quiet': False, 'quiet_from': 1320, 'quiet_to': 420, 'digest': 'off', 'version': 1}
    loud = {kind: ['app', 'sound'] + (['mail'] if kind == 'response' else []) for kind in NEWS}
    for user_id, toasts in connection.execute(sa.select(person).where(person.c.toasts != 'on')).all():
        own = {'toasts': toasts != 'off', 'choices': loud if toasts == 'sound' else {}}
        connection.execute(settings.insert().values(user_id=user_id, **own, **usual))


def downgrade():
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('toasts', sa.String(length=10), nullable=False, server_default='on'))
    for name in ('mail_refusal', 'muting', 'notice_default', 'notice_settings', 'mailed_news', 'waiting_news', 'notice'):
        op.drop_table(name)

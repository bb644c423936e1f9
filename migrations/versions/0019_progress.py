"""people's progress: logs, goals, skills, portfolio, day totals, activity, milestones, standings"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade():
    op.create_table('progress_rules',
    sa.Column('leaderboard', sa.Boolean(), nullable=False),
    sa.Column('first_log', sa.Boolean(), nullable=False),
    sa.Column('streak_marks', sa.JSON(), nullable=False),
    sa.Column('hour_marks', sa.JSON(), nullable=False),
    sa.Column('grace_days', sa.Integer(), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_progress_rules'))
    )
    op.create_table('activity',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('type', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('link', sa.String(length=500), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_activity_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_activity'))
    )
    op.create_index('ix_activity_user', 'activity', ['user_id', 'id'])
    op.create_table('day_total',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('logs', sa.Integer(), nullable=False),
    sa.Column('goals', sa.Integer(), nullable=False),
    sa.Column('skills', sa.Integer(), nullable=False),
    sa.Column('portfolio', sa.Integer(), nullable=False),
    sa.Column('marks', sa.Integer(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('first_offset', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_offset', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_day_total_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'day', name=op.f('pk_day_total'))
    )
    op.create_table('goal',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('target', sa.String(length=200), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('due', sa.Date(), nullable=True),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_goal_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_goal'))
    )
    op.create_index('ix_goal_user_id', 'goal', ['user_id'])
    op.create_table('learning_log',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('topic', sa.String(length=200), nullable=False),
    sa.Column('notes', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submission_key', sa.String(length=64), nullable=True),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_learning_log_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_learning_log')),
    sa.UniqueConstraint('submission_key', name=op.f('uq_learning_log_submission_key'))
    )
    op.create_index('ix_learning_log_user_day', 'learning_log', ['user_id', 'day', 'id'])
    op.create_table('milestone',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('reached_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_milestone_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_milestone')),
    sa.UniqueConstraint('user_id', 'name', name=op.f('uq_milestone_user_id_name'))
    )
    op.create_table('portfolio_item',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('file_type', sa.String(length=100), nullable=False),
    sa.Column('file_size', sa.Integer(), nullable=False),
    sa.Column('storage_key', sa.String(length=100), nullable=True),
    sa.Column('added_on', sa.Date(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_portfolio_item_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_portfolio_item'))
    )
    op.create_index('ix_portfolio_item_user_id', 'portfolio_item', ['user_id'])
    op.create_table('progress_choice',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('on_leaderboard', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_progress_choice_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_progress_choice'))
    )
    op.create_table('skill',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('added_on', sa.Date(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_skill_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_skill')),
    sa.UniqueConstraint('user_id', 'name', name=op.f('uq_skill_user_id_name'))
    )
    op.create_table('standing',
    sa.Column('days', sa.String(length=10), nullable=False),
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('logs', sa.Integer(), nullable=False),
    sa.Column('streak', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_standing_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('days', 'user_id', name=op.f('pk_standing'))
    )


def downgrade():
    op.drop_table('standing')
    op.drop_table('skill')
    op.drop_table('progress_choice')
    op.drop_table('portfolio_item')
    op.drop_table('milestone')
    op.drop_table('learning_log')
    op.drop_table('goal')
    op.drop_table('day_total')
    op.drop_table('activity')
    op.drop_table('progress_rules')

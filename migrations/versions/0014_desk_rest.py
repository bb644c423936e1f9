"""desk_rest"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('attachment') as batch:
        batch.add_column(sa.Column('note_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch.create_foreign_key(
            'fk_attachment_note_id_note', 'note', ['note_id'], ['id'], ondelete='CASCADE'
        )
    with op.batch_alter_table('mailbox') as batch:
        batch.add_column(sa.Column('kept_days', sa.Integer(), server_default='365', nullable=False))
    with op.batch_alter_table('team') as batch:
        batch.add_column(sa.Column('closed_rule', sa.String(10), server_default='', nullable=False))
        batch.add_column(sa.Column('closed_days', sa.Integer(), server_default='14', nullable=False))


def downgrade():
    with op.batch_alter_table('attachment') as batch:
        batch.drop_constraint('fk_attachment_note_id_note', type_='foreignkey')
        batch.drop_column('note_id')
    with op.batch_alter_table('team') as batch:
        batch.drop_column('closed_days')
        batch.drop_column('closed_rule')
    with op.batch_alter_table('mailbox') as batch:
        batch.drop_column('kept_days')

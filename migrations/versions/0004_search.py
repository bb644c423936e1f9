"""what tickets are searched in, saved views, and what each person chose for the list"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')

# The triggers that keep the index are made by env.py after all migrations: they are the code's, of today.
ON_SQLITE = [
    "CREATE VIRTUAL TABLE ticket_search USING fts5(words, content='', columnsize=0, tokenize='unicode61 remove_diacritics 2')",
    "INSERT INTO ticket_search(rowid, words) SELECT t.id, t.title || ' ' || t.ref || ' ' || t.control_number || ' ' || t.reporter_name || ' ' || t.reporter_email || ' ' || t.reporter_phone || ' ' || t.place || ' ' || t.barangay || ' ' || t.description || ' ' || coalesce((SELECT group_concat(body, ' ') FROM (SELECT body FROM response WHERE ticket_id = t.id ORDER BY id DESC)), '') FROM ticket t",
]
ON_POSTGRESQL = [
    'CREATE TABLE ticket_search (ticket_id bigint NOT NULL CONSTRAINT pk_ticket_search PRIMARY KEY CONSTRAINT fk_ticket_search_ticket_id REFERENCES ticket (id) ON DELETE CASCADE, words tsvector NOT NULL)',
    r"""CREATE OR REPLACE FUNCTION ticket_search_words(said text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
  IF length(said) > 150000 THEN said := left(said, 150000); END IF;
  IF octet_length(said) <> length(said) THEN
    said := normalize(regexp_replace(normalize(said, NFD), '[\u0300-\u036f]+', '', 'g'), NFC);
  END IF;
  RETURN to_tsvector('simple', translate(said, '.-_@/:+<&', '         '));
END $$""",
    "INSERT INTO ticket_search (ticket_id, words) SELECT t.id, ticket_search_words(t.title || ' ' || t.ref || ' ' || t.control_number || ' ' || t.reporter_name || ' ' || t.reporter_email || ' ' || t.reporter_phone || ' ' || t.place || ' ' || t.barangay || ' ' || t.description || ' ' || coalesce((SELECT string_agg(body, ' ' ORDER BY id DESC) FROM response WHERE ticket_id = t.id), '')) FROM ticket t",
    'CREATE INDEX ix_ticket_search_words ON ticket_search USING gin (words)',
]

# Indexes of a part of a table: what is wrong is rare.
UNFINISHED = "status IN ('open', 'in_progress', 'for_rerouting')"
PARTS = [
    ('ix_ticket_unfinished_created', 'ticket', ['created_at', 'id'], UNFINISHED),
    ('ix_ticket_unfinished_updated', 'ticket', ['updated_at', 'id'], UNFINISHED),
    ('ix_ticket_unfinished_priority', 'ticket', ['priority', 'id'], UNFINISHED),
    ('ix_ticket_unfinished_due', 'ticket', ['due_at', 'id'], UNFINISHED),
    ('ix_link_missing', 'link', ['local_kind', 'local_id'], "state IN ('gone', 'withdrawn')"),
    ('ix_conflict_open', 'conflict', ['link_id'], "decision = ''"),
]


def upgrade():
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_category'))
        batch_op.create_index('ix_ticket_category_status', ['category', 'status', 'created_at', 'id'])
        batch_op.drop_index(batch_op.f('ix_ticket_due_at'))
        batch_op.create_index(batch_op.f('ix_ticket_control_number'), ['control_number'])
    for name, table, columns, where in PARTS:
        op.create_index(name, table, columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
    op.create_table('ticket_list_choice',
    sa.Column('user_id', KEY, nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_ticket_list_choice_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_ticket_list_choice'))
    )
    op.create_table('saved_view',
    sa.Column('owner_id', KEY, nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('args', sa.JSON(), nullable=False),
    sa.Column('shared', sa.Boolean(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', KEY, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['user_account.id'], name=op.f('fk_saved_view_owner_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('role', name=op.f('uq_saved_view_role'))
    )
    op.create_index(op.f('ix_saved_view_owner_id'), 'saved_view', ['owner_id'])
    op.create_index(op.f('ix_saved_view_shared'), 'saved_view', ['shared'])
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('shortcuts', sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.alter_column('shortcuts', server_default=None)
    connection = op.get_bind()
    for statement in ON_POSTGRESQL if connection.dialect.name == 'postgresql' else ON_SQLITE:
        connection.exec_driver_sql(statement)


def downgrade():
    if op.get_bind().dialect.name == 'postgresql':
        for on, names in (('ticket', ('tickets_came', 'ticket_changed')), ('response', ('said', 'reworded'))):
            for name in names:
                op.execute(f'DROP TRIGGER IF EXISTS ticket_search_{name} ON {on}')
                op.execute(f'DROP FUNCTION IF EXISTS ticket_search_{name}()')
        op.execute('DROP FUNCTION IF EXISTS ticket_search_redo(bigint)')
    op.execute('DROP TABLE ticket_search')
    with op.batch_alter_table('user_account', schema=None) as batch_op:
        batch_op.drop_column('shortcuts')
    op.drop_table('saved_view')
    op.drop_table('ticket_list_choice')
    for name, table, _columns, _where in PARTS:
        op.drop_index(name, table_name=table)
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP FUNCTION ticket_search_words(text)')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_control_number'))
        batch_op.create_index(batch_op.f('ix_ticket_due_at'), ['due_at'])
        batch_op.drop_index('ix_ticket_category_status')
        batch_op.create_index(batch_op.f('ix_ticket_category'), ['category'])

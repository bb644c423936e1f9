"""pages: what a ticket's page suggests and lists of a category or barangay are read from indexes; one that another holds goes"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

UNFINISHED = "status IN ('open', 'in_progress', 'for_rerouting')"
REFINED = "refined_category != ''"


def upgrade():
    op.drop_index("ix_ticket_barangay", table_name="ticket")
    op.create_index(
        "ix_ticket_barangay_status", "ticket", ["barangay", "status", "created_at", "id"]
    )
    op.create_index(
        "ix_ticket_unfinished_category",
        "ticket",
        ["category", "created_at", "id"],
        postgresql_where=sa.text(UNFINISHED),
        sqlite_where=sa.text(UNFINISHED),
    )
    op.create_index(
        "ix_ticket_refined",
        "ticket",
        ["category", "id", "refined_category"],
        postgresql_where=sa.text(REFINED),
        sqlite_where=sa.text(REFINED),
    )


def downgrade():
    op.drop_index("ix_ticket_refined", table_name="ticket")
    op.drop_index("ix_ticket_unfinished_category", table_name="ticket")
    op.drop_index("ix_ticket_barangay_status", table_name="ticket")
    op.create_index("ix_ticket_barangay", "ticket", ["barangay"])

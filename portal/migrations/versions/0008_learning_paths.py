"""Learning paths: courses in an order that somebody recommends.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

GUARDS = (
    "ALTER TABLE learning_path ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE learning_path FORCE ROW LEVEL SECURITY",
    "CREATE POLICY learning_path_of_owner ON learning_path USING (current_setting('tongtu.role', true) IN ('author', 'everyone', 'operator'))",
    "CREATE POLICY learning_path_of_reader ON learning_path FOR SELECT USING (current_setting('tongtu.role', true) IN ('author', 'consultant', 'dealer', 'operator', 'supplier'))",
)


def upgrade() -> None:
    op.create_table(
        "learning_path",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("courses", sa.JSON(), nullable=False),
        sa.Column("ordered", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_path")),
        sa.UniqueConstraint("slug", name=op.f("uq_learning_path_slug")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in GUARDS:
            op.execute(statement)


def downgrade() -> None:
    # Its policies go with the table.
    op.drop_table("learning_path")

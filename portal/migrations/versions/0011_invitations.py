"""What mails about a notice change in a calendar, and from when on it tells nobody any more.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notice", sa.Column("invitation", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("notice", sa.Column("stale_from", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("notice", "stale_from")
    op.drop_column("notice", "invitation")

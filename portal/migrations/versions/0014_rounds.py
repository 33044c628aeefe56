"""Allocation rounds: what is declared, the hours, requests with their ticks and decisions.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = (
    "ALTER TABLE consultant ADD COLUMN withheld_from DATE",
    "ALTER TABLE consultant ADD COLUMN withheld_until DATE "
    "CONSTRAINT ck_consultant_withheld_has_both_ends "
    "CHECK ((withheld_from IS NULL) = (withheld_until IS NULL))",
)
GUARDS = (
    "ALTER TABLE round_request ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE round_request FORCE ROW LEVEL SECURITY",
    "CREATE POLICY round_request_of_owner ON round_request USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('dealer') AND round_request.dealer_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))",
    "ALTER TABLE round_tick ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE round_tick FORCE ROW LEVEL SECURITY",
    "CREATE POLICY round_tick_of_owner ON round_tick USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM round_request WHERE round_request.id = round_tick.request_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('dealer') AND round_request.dealer_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))))",
)


def upgrade() -> None:
    op.create_table(
        "allocation_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=False),
        sa.Column("small_bps", sa.Integer(), nullable=False),
        sa.Column("lottery_bps", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totals", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'closed', 'decided', 'publishing', 'published', 'cancelled')",
            name=op.f("ck_allocation_round_state_known"),
        ),
        sa.CheckConstraint(
            "small_bps BETWEEN 0 AND 10000 AND lottery_bps BETWEEN 0 AND 10000",
            name=op.f("ck_allocation_round_shares_sane"),
        ),
        sa.CheckConstraint(
            "cap BETWEEN 1 AND 3",
            name=op.f("ck_allocation_round_cap_sane"),
        ),
        sa.CheckConstraint(
            "last_day >= first_day",
            name=op.f("ck_allocation_round_days_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"],
            ["person.id"],
            name=op.f("fk_allocation_round_opened_by_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_round")),
    )
    op.create_table(
        "round_hour",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("starts_minute", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["consultant.id"],
            name=op.f("fk_round_hour_consultant_id_consultant"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["allocation_round.id"],
            name=op.f("fk_round_hour_round_id_allocation_round"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_hour")),
        sa.UniqueConstraint("round_id", "consultant_id", "starts_minute", name=op.f("uq_round_hour_round_id_consultant_id_starts_minute")),
    )
    op.create_table(
        "round_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("dealer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("benefit", sa.Integer(), nullable=True),
        sa.Column("parts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("small", sa.Boolean(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("way", sa.String(length=16), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("drawn", sa.Boolean(), nullable=True),
        sa.Column("lost_to", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("least", sa.Integer(), nullable=True),
        sa.Column("given", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('given', 'nothing', 'gone')",
            name=op.f("ck_round_request_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_round_request_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["allocation_round.id"],
            name=op.f("fk_round_request_round_id_allocation_round"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id"],
            ["organisation.id"],
            name=op.f("fk_round_request_dealer_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_request")),
        sa.UniqueConstraint("round_id", "dealer_id", name=op.f("uq_round_request_round_id_dealer_id")),
    )
    op.create_index(op.f("ix_round_request_dealer_id_id"), "round_request", ["dealer_id", "id"])
    op.create_table(
        "round_tick",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("hour_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["round_request.id"],
            name=op.f("fk_round_tick_request_id_round_request"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["hour_id"],
            ["round_hour.id"],
            name=op.f("fk_round_tick_hour_id_round_hour"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "hour_id", name=op.f("pk_round_tick")),
    )
    for statement in COLUMNS:
        op.execute(statement)
    if op.get_bind().dialect.name == "postgresql":
        for statement in GUARDS:
            op.execute(statement)


def downgrade() -> None:
    op.drop_column("consultant", "withheld_until")  # the check stands within it
    op.drop_column("consultant", "withheld_from")
    # Their policies go with the tables.
    for table in ("round_tick", "round_request", "round_hour", "allocation_round"):
        op.drop_table(table)

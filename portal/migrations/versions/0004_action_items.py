"""Action items: what a shop took on to do, and by what it was closed.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FIXED = (
    "id, public_id, organisation_id, source, lesson_id, course_version_id, booking_id, code, "
    "texts, measure, at_least, at_most, taken_at, taken_on, due_on"
)
POSTGRESQL = (
    "ALTER TABLE action_item ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE action_item FORCE ROW LEVEL SECURITY",
    "CREATE POLICY action_item_of_owner ON action_item USING (current_setting('tongtu.role', true) IN ('consultant', 'everyone') OR (current_setting('tongtu.role', true) IN ('dealer') AND action_item.organisation_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))",
    "CREATE POLICY action_item_of_reader ON action_item FOR SELECT USING (current_setting('tongtu.role', true) IN ('operator'))",
    """CREATE OR REPLACE FUNCTION action_item_is_fixed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'action_item_is_fixed' USING ERRCODE = 'check_violation'; END $$""",
    f"""CREATE TRIGGER action_item_is_fixed BEFORE UPDATE OF {FIXED} ON action_item
FOR EACH ROW EXECUTE FUNCTION action_item_is_fixed()""",
)
SQLITE = (
    f"""CREATE TRIGGER action_item_is_fixed BEFORE UPDATE OF {FIXED} ON action_item
BEGIN SELECT RAISE(ABORT, 'action_item_is_fixed'); END""",
)


def upgrade() -> None:
    op.create_table(
        "action_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("lesson_id", sa.String(length=160), nullable=True),
        sa.Column("course_version_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("measure", sa.String(length=24), nullable=True),
        sa.Column("at_least", sa.BigInteger(), nullable=True),
        sa.Column("at_most", sa.BigInteger(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=8), nullable=True),
        sa.Column("closed_by_person_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("picture", sa.String(length=120), nullable=True),
        sa.Column("figure", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("lacking", sa.String(length=16), nullable=True),
        sa.Column("facts_version", sa.String(length=32), nullable=True),
        sa.Column("facts_until", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'missed', 'dropped')", name=op.f("ck_action_item_state_known")
        ),
        sa.CheckConstraint(
            "source IN ('lesson', 'session')", name=op.f("ck_action_item_source_known")
        ),
        sa.CheckConstraint(
            "closed_by IN ('facts', 'picture', 'words')", name=op.f("ck_action_item_closed_by_known")
        ),
        sa.CheckConstraint(
            "(source = 'lesson' AND lesson_id IS NOT NULL AND course_version_id IS NOT NULL)"
            " OR (source = 'session' AND booking_id IS NOT NULL AND lesson_id IS NULL)",
            name=op.f("ck_action_item_source_named"),
        ),
        sa.CheckConstraint(
            "(measure IS NULL AND at_least IS NULL AND at_most IS NULL)"
            " OR (measure IS NOT NULL AND (at_least IS NULL) <> (at_most IS NULL))",
            name=op.f("ck_action_item_one_bound"),
        ),
        sa.CheckConstraint("due_on >= taken_on", name=op.f("ck_action_item_days_in_order")),
        sa.CheckConstraint(
            "(state = 'done') = (closed_by IS NOT NULL)"
            " AND (state = 'done') = (closed_at IS NOT NULL)",
            name=op.f("ck_action_item_done_is_closed"),
        ),
        sa.CheckConstraint(
            "closed_by IS NULL"
            " OR (closed_by = 'facts' AND measure IS NOT NULL AND figure IS NOT NULL"
            " AND facts_version IS NOT NULL)"
            " OR (closed_by = 'picture' AND picture IS NOT NULL)"
            " OR (closed_by = 'words' AND note IS NOT NULL)",
            name=op.f("ck_action_item_closed_by_evidence"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_action_item_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_person_id"],
            ["person.id"],
            name=op.f("fk_action_item_closed_by_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["course_version_id"],
            ["course_version.id"],
            name=op.f("fk_action_item_course_version_id_course_version"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_action_item_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_action_item_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_item")),
        sa.UniqueConstraint("public_id", name=op.f("uq_action_item_public_id")),
    )
    op.create_index(
        op.f("ix_action_item_organisation_id_state_due_on"),
        "action_item",
        ["organisation_id", "state", "due_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_action_item_state_due_on"), "action_item", ["state", "due_on"], unique=False
    )
    op.create_index(
        "uq_action_item_open",
        "action_item",
        ["organisation_id", "lesson_id", "code"],
        unique=True,
        sqlite_where=sa.text("state = 'open' AND lesson_id IS NOT NULL"),
        postgresql_where=sa.text("state = 'open' AND lesson_id IS NOT NULL"),
    )
    bind = op.get_bind()
    for statement in POSTGRESQL if bind.dialect.name == "postgresql" else SQLITE:
        bind.exec_driver_sql(statement)


def downgrade() -> None:
    op.drop_table("action_item")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION action_item_is_fixed()")

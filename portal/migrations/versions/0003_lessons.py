"""Reports about lessons, how far films were watched, and from which lesson something came.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (
    ("enrolment", "moved_from_id", "INTEGER CONSTRAINT fk_enrolment_moved_from_id_course_version REFERENCES course_version (id)"),
    ("enrolment", "declined_id", "INTEGER CONSTRAINT fk_enrolment_declined_id_course_version REFERENCES course_version (id)"),
    ("feedback", "lesson_id", "VARCHAR(160)"),
    ("feedback", "course_version", "VARCHAR(80)"),
    ("booking", "lesson_id", "VARCHAR(160)"),
)
GUARDS = (
    'ALTER TABLE watch_position ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE watch_position FORCE ROW LEVEL SECURITY',
    "CREATE POLICY watch_position_of_owner ON watch_position USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM enrolment WHERE enrolment.id = watch_position.enrolment_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR enrolment.organisation_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer OR enrolment.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)))",
    "CREATE POLICY watch_position_of_reader ON watch_position FOR SELECT USING (current_setting('tongtu.role', true) IN ('author'))",
    'ALTER TABLE lesson_report ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE lesson_report FORCE ROW LEVEL SECURITY',
    "CREATE POLICY lesson_report_of_owner ON lesson_report USING (current_setting('tongtu.role', true) IN ('author', 'everyone', 'operator') OR lesson_report.organisation_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer OR lesson_report.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
)


def upgrade() -> None:
    for table, column, kind in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    op.create_table(
        "watch_position",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.String(length=160), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_watch_position_not_before_the_start")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_watch_position_enrolment_id_enrolment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_position")),
        sa.UniqueConstraint(
            "enrolment_id", "lesson_id", name=op.f("uq_watch_position_enrolment_id_lesson_id")
        ),
    )
    op.create_table(
        "lesson_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("lesson_id", sa.String(length=160), nullable=False),
        sa.Column("course_version_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'mended', 'declined')", name=op.f("ck_lesson_report_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (closed_at IS NULL)", name=op.f("ck_lesson_report_closed_or_open")
        ),
        sa.ForeignKeyConstraint(
            ["course_version_id"],
            ["course_version.id"],
            name=op.f("fk_lesson_report_course_version_id_course_version"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_lesson_report_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_lesson_report_person_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["person.id"],
            name=op.f("fk_lesson_report_closed_by_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_report")),
    )
    op.create_index(
        op.f("ix_lesson_report_state_reported_at"), "lesson_report", ["state", "reported_at"]
    )
    op.create_index(op.f("ix_lesson_report_slug_lesson_id"), "lesson_report", ["slug", "lesson_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in GUARDS:
            op.execute(statement)


def downgrade() -> None:
    # Their policies go with the tables.
    op.drop_table("lesson_report")
    op.drop_table("watch_position")
    for table, column, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")

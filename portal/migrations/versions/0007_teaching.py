"""Courses that an owner asks the staff to take, and what an author answers to a report.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

GUARDS = (
    "ALTER TABLE course_assignment ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE course_assignment FORCE ROW LEVEL SECURITY",
    "CREATE POLICY course_assignment_of_owner ON course_assignment USING (current_setting('tongtu.role', true) IN ('everyone') OR course_assignment.organisation_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer OR course_assignment.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
)


def upgrade() -> None:
    op.execute("ALTER TABLE lesson_report ADD COLUMN answer VARCHAR(500)")
    op.create_table(
        "course_assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("assigned_by", sa.Integer(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_course_assignment_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_course_assignment_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["assigned_by"],
            ["person.id"],
            name=op.f("fk_course_assignment_assigned_by_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_assignment")),
        sa.UniqueConstraint(
            "organisation_id",
            "person_id",
            "slug",
            name=op.f("uq_course_assignment_organisation_id_person_id_slug"),
        ),
    )
    op.create_index(op.f("ix_course_assignment_person_id"), "course_assignment", ["person_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in GUARDS:
            op.execute(statement)


def downgrade() -> None:
    # Its policies go with the table.
    op.drop_table("course_assignment")
    op.execute("ALTER TABLE lesson_report DROP COLUMN answer")

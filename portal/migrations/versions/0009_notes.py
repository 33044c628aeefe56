"""A learner's notes on lessons, which nobody else reads.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

GUARDS = (
    "ALTER TABLE lesson_note ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE lesson_note FORCE ROW LEVEL SECURITY",
    "CREATE POLICY lesson_note_of_owner ON lesson_note USING (current_setting('tongtu.role', true) IN ('everyone') OR lesson_note.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
)


def upgrade() -> None:
    op.create_table(
        "lesson_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("lesson_id", sa.String(length=160), nullable=False),
        sa.Column("course_version_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("place >= 1", name=op.f("ck_lesson_note_place_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_lesson_note_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_lesson_note_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["course_version_id"],
            ["course_version.id"],
            name=op.f("fk_lesson_note_course_version_id_course_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_note")),
    )
    op.create_index(op.f("ix_lesson_note_deleted_at"), "lesson_note", ["deleted_at"])
    op.create_index(
        op.f("ix_lesson_note_person_id_slug_place"), "lesson_note", ["person_id", "slug", "place"]
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in GUARDS:
            op.execute(statement)


def downgrade() -> None:
    # Its policies go with the table.
    op.drop_table("lesson_note")

"""Questions of learners to the author of a lesson, and the answers.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

GUARDS = (
    "ALTER TABLE lesson_question ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE lesson_question FORCE ROW LEVEL SECURITY",
    "CREATE POLICY lesson_question_of_owner ON lesson_question USING (current_setting('tongtu.role', true) IN ('author', 'everyone') OR lesson_question.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
)


def upgrade() -> None:
    op.create_table(
        "lesson_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("lesson_id", sa.String(length=160), nullable=False),
        sa.Column("course_version_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("faq", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("faq_text", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)",
            name=op.f("ck_lesson_question_answered_or_open"),
        ),
        sa.CheckConstraint(
            "NOT faq OR (answer IS NOT NULL AND faq_text IS NOT NULL)",
            name=op.f("ck_lesson_question_faq_says_all"),
        ),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR (text = '' AND answer IS NULL)",
            name=op.f("ck_lesson_question_withdrawn_says_nothing"),
        ),
        sa.ForeignKeyConstraint(
            ["course_version_id"],
            ["course_version.id"],
            name=op.f("fk_lesson_question_course_version_id_course_version"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_lesson_question_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_lesson_question_person_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["person.id"],
            name=op.f("fk_lesson_question_answered_by_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_question")),
    )
    op.create_index(
        op.f("ix_lesson_question_person_id_asked_at"), "lesson_question", ["person_id", "asked_at"]
    )
    op.create_index(
        op.f("ix_lesson_question_lesson_id_faq"), "lesson_question", ["lesson_id", "faq"]
    )
    op.create_index(
        op.f("ix_lesson_question_answered_at_asked_at"),
        "lesson_question",
        ["answered_at", "asked_at"],
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in GUARDS:
            op.execute(statement)


def downgrade() -> None:
    # Its policies go with the table.
    op.drop_table("lesson_question")

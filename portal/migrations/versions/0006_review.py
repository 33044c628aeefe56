"""Review cards: what was answered once more, and who was reminded on which day.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FIXED = (
    "id, enrolment_id, lesson_id, question_key, question_hash, interval_days, score_bps, fields, "
    "key, answered_on, at"
)
POSTGRESQL = (
    "ALTER TABLE review_answer ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE review_answer FORCE ROW LEVEL SECURITY",
    "CREATE POLICY review_answer_of_owner ON review_answer USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM enrolment WHERE enrolment.id = review_answer.enrolment_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR enrolment.organisation_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer OR enrolment.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)))",
    "CREATE POLICY review_answer_of_reader ON review_answer FOR SELECT USING (current_setting('tongtu.role', true) IN ('author'))",
    """CREATE OR REPLACE FUNCTION review_answer_is_fixed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'review_answer_is_fixed' USING ERRCODE = 'check_violation'; END $$""",
    f"""CREATE TRIGGER review_answer_is_fixed BEFORE UPDATE OF {FIXED} ON review_answer
FOR EACH ROW EXECUTE FUNCTION review_answer_is_fixed()""",
    "ALTER TABLE review_reminder ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE review_reminder FORCE ROW LEVEL SECURITY",
    "CREATE POLICY review_reminder_of_owner ON review_reminder USING (current_setting('tongtu.role', true) IN ('everyone') OR review_reminder.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
)
SQLITE = (
    f"""CREATE TRIGGER review_answer_is_fixed BEFORE UPDATE OF {FIXED} ON review_answer
BEGIN SELECT RAISE(ABORT, 'review_answer_is_fixed'); END""",
)


def upgrade() -> None:
    op.create_table(
        "review_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.String(length=160), nullable=False),
        sa.Column("question_key", sa.String(length=80), nullable=False),
        sa.Column("question_hash", sa.String(length=64), nullable=False),
        sa.Column("interval_days", sa.Integer(), nullable=False),
        sa.Column("score_bps", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "interval_days IN (1, 7, 30)", name=op.f("ck_review_answer_interval_known")
        ),
        sa.CheckConstraint(
            "score_bps BETWEEN 0 AND 10000", name=op.f("ck_review_answer_score_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_review_answer_enrolment_id_enrolment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_answer")),
        sa.UniqueConstraint(
            "enrolment_id", "key", name=op.f("uq_review_answer_enrolment_id_key")
        ),
    )
    op.create_table(
        "review_reminder",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_review_reminder_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "reminded_on", name=op.f("pk_review_reminder")),
    )
    bind = op.get_bind()
    for statement in POSTGRESQL if bind.dialect.name == "postgresql" else SQLITE:
        bind.exec_driver_sql(statement)


def downgrade() -> None:
    op.drop_table("review_reminder")
    op.drop_table("review_answer")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION review_answer_is_fixed()")

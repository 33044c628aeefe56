"""Accounts with owners, sessions and factors; the record, kept answers, deliveries; row security.

Literal SQL on purpose: a migration must not change when the models do. Constraints of columns that
are added to a table stand within the column, since SQLite adds none to a table that is there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = (
    "ALTER TABLE job ADD COLUMN caused_by INTEGER "
    "CONSTRAINT fk_job_caused_by_person REFERENCES person (id)",
    "ALTER TABLE job ADD COLUMN given_up_by INTEGER "
    "CONSTRAINT fk_job_given_up_by_person REFERENCES person (id)",
    "ALTER TABLE organisation ADD COLUMN state VARCHAR(12) DEFAULT 'active' NOT NULL "
    "CONSTRAINT ck_organisation_state_known CHECK (state IN ('pending', 'active', 'closed'))",
)
SIGNS_IN = "email IS NOT NULL OR phone IS NOT NULL"
SIGNS_IN_OR_IS_GONE = "NOT active OR email IS NOT NULL OR phone IS NOT NULL"
# Who was there first owns the organisation; of the alliance, the first operator.
FIRST_OWNERS = """UPDATE membership SET is_owner = true WHERE id IN (
    SELECT min(member.id) FROM membership AS member
    JOIN organisation ON organisation.id = member.organisation_id
    WHERE organisation.kind <> 'alliance' OR member.role = 'operator'
    GROUP BY member.organisation_id
)"""
GUARDS = {
    "sqlite": (
        "CREATE TRIGGER evidence_entry_no_update BEFORE update ON evidence_entry\nBEGIN SELECT RAISE(ABORT, 'evidence_entry is never changed'); END",
        "CREATE TRIGGER evidence_entry_no_delete BEFORE delete ON evidence_entry\nBEGIN SELECT RAISE(ABORT, 'evidence_entry is never changed'); END",
        "CREATE TRIGGER evidence_detail_no_update BEFORE update ON evidence_detail\nBEGIN SELECT RAISE(ABORT, 'evidence_detail is never changed'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION evidence_entry_no_update() RETURNS trigger LANGUAGE plpgsql AS\n$$ BEGIN RAISE EXCEPTION 'evidence_entry is never changed' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER evidence_entry_no_update BEFORE update ON evidence_entry\nFOR EACH STATEMENT EXECUTE FUNCTION evidence_entry_no_update()",
        "CREATE OR REPLACE FUNCTION evidence_entry_no_delete() RETURNS trigger LANGUAGE plpgsql AS\n$$ BEGIN RAISE EXCEPTION 'evidence_entry is never changed' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER evidence_entry_no_delete BEFORE delete ON evidence_entry\nFOR EACH STATEMENT EXECUTE FUNCTION evidence_entry_no_delete()",
        "CREATE OR REPLACE FUNCTION evidence_entry_no_truncate() RETURNS trigger LANGUAGE plpgsql AS\n$$ BEGIN RAISE EXCEPTION 'evidence_entry is never changed' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER evidence_entry_no_truncate BEFORE truncate ON evidence_entry\nFOR EACH STATEMENT EXECUTE FUNCTION evidence_entry_no_truncate()",
        "ALTER TABLE course_version ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE course_version FORCE ROW LEVEL SECURITY",
        "CREATE POLICY course_version_of_owner ON course_version USING (current_setting('tongtu.role', true) IN ('author', 'everyone', 'operator'))",
        "CREATE POLICY course_version_of_reader ON course_version FOR SELECT USING (current_setting('tongtu.role', true) IN ('author', 'consultant', 'dealer', 'operator', 'supplier'))",
        "CREATE OR REPLACE FUNCTION evidence_detail_no_update() RETURNS trigger LANGUAGE plpgsql AS\n$$ BEGIN RAISE EXCEPTION 'evidence_detail is never changed' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER evidence_detail_no_update BEFORE update ON evidence_detail\nFOR EACH STATEMENT EXECUTE FUNCTION evidence_detail_no_update()",
        "CREATE OR REPLACE FUNCTION evidence_detail_no_truncate() RETURNS trigger LANGUAGE plpgsql AS\n$$ BEGIN RAISE EXCEPTION 'evidence_detail is never changed' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER evidence_detail_no_truncate BEFORE truncate ON evidence_detail\nFOR EACH STATEMENT EXECUTE FUNCTION evidence_detail_no_truncate()",
        "ALTER TABLE notice ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE notice FORCE ROW LEVEL SECURITY",
        "CREATE POLICY notice_of_owner ON notice USING (current_setting('tongtu.role', true) IN ('everyone') OR notice.organisation_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer)",
        "CREATE POLICY notice_of_reader ON notice FOR SELECT USING (current_setting('tongtu.role', true) IN ('operator'))",
        "ALTER TABLE notice_endpoint ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE notice_endpoint FORCE ROW LEVEL SECURITY",
        "CREATE POLICY notice_endpoint_of_owner ON notice_endpoint USING (current_setting('tongtu.role', true) IN ('everyone') OR notice_endpoint.organisation_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer)",
        "CREATE POLICY notice_endpoint_of_reader ON notice_endpoint FOR SELECT USING (current_setting('tongtu.role', true) IN ('operator'))",
        "ALTER TABLE phone_code ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE phone_code FORCE ROW LEVEL SECURITY",
        "CREATE POLICY phone_code_of_owner ON phone_code USING (current_setting('tongtu.role', true) IN ('everyone') OR phone_code.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
        "ALTER TABLE consultant ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE consultant FORCE ROW LEVEL SECURITY",
        "CREATE POLICY consultant_of_owner ON consultant USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR consultant.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
        "CREATE POLICY consultant_of_reader ON consultant FOR SELECT USING (current_setting('tongtu.role', true) IN ('consultant', 'dealer'))",
        "ALTER TABLE account_deletion ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE account_deletion FORCE ROW LEVEL SECURITY",
        "CREATE POLICY account_deletion_of_owner ON account_deletion USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR account_deletion.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
        "ALTER TABLE product ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE product FORCE ROW LEVEL SECURITY",
        "CREATE POLICY product_of_owner ON product USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('supplier') AND product.supplier_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))",
        "CREATE POLICY product_of_reader ON product FOR SELECT USING (current_setting('tongtu.role', true) IN ('author', 'consultant', 'dealer', 'operator', 'supplier'))",
        "ALTER TABLE enrolment ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE enrolment FORCE ROW LEVEL SECURITY",
        "CREATE POLICY enrolment_of_owner ON enrolment USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR enrolment.organisation_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer OR enrolment.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
        "CREATE POLICY enrolment_of_reader ON enrolment FOR SELECT USING (current_setting('tongtu.role', true) IN ('author', 'consultant'))",
        "ALTER TABLE release ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE release FORCE ROW LEVEL SECURITY",
        "CREATE POLICY release_of_owner ON release USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('supplier') AND release.supplier_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))",
        "ALTER TABLE notice_read ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE notice_read FORCE ROW LEVEL SECURITY",
        "CREATE POLICY notice_read_of_owner ON notice_read USING (current_setting('tongtu.role', true) IN ('everyone') OR notice_read.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
        "ALTER TABLE weekly_hours ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE weekly_hours FORCE ROW LEVEL SECURITY",
        "CREATE POLICY weekly_hours_of_owner ON weekly_hours USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM consultant WHERE consultant.id = weekly_hours.consultant_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR consultant.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)))",
        "CREATE POLICY weekly_hours_of_reader ON weekly_hours FOR SELECT USING (current_setting('tongtu.role', true) IN ('consultant', 'dealer'))",
        "ALTER TABLE time_off ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE time_off FORCE ROW LEVEL SECURITY",
        "CREATE POLICY time_off_of_owner ON time_off USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM consultant WHERE consultant.id = time_off.consultant_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR consultant.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)))",
        "CREATE POLICY time_off_of_reader ON time_off FOR SELECT USING (current_setting('tongtu.role', true) IN ('consultant', 'dealer'))",
        "ALTER TABLE booking ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE booking FORCE ROW LEVEL SECURITY",
        "CREATE POLICY booking_of_owner ON booking USING (current_setting('tongtu.role', true) IN ('consultant', 'everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('dealer') AND booking.dealer_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))",
        "ALTER TABLE data_export ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE data_export FORCE ROW LEVEL SECURITY",
        "CREATE POLICY data_export_of_owner ON data_export USING (current_setting('tongtu.role', true) IN ('everyone') OR data_export.asked_by = NULLIF(current_setting('tongtu.person', true), '')::integer)",
        "ALTER TABLE report_build ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE report_build FORCE ROW LEVEL SECURITY",
        "CREATE POLICY report_build_of_owner ON report_build USING (current_setting('tongtu.role', true) IN ('everyone', 'operator'))",
        "ALTER TABLE order_import ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE order_import FORCE ROW LEVEL SECURITY",
        "CREATE POLICY order_import_of_owner ON order_import USING (current_setting('tongtu.role', true) IN ('everyone', 'operator'))",
        "ALTER TABLE learning_event ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE learning_event FORCE ROW LEVEL SECURITY",
        "CREATE POLICY learning_event_of_owner ON learning_event USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM enrolment WHERE enrolment.id = learning_event.enrolment_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR enrolment.organisation_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer OR enrolment.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)))",
        "CREATE POLICY learning_event_of_reader ON learning_event FOR SELECT USING (current_setting('tongtu.role', true) IN ('author', 'consultant'))",
        "ALTER TABLE feedback ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE feedback FORCE ROW LEVEL SECURITY",
        "CREATE POLICY feedback_of_owner ON feedback USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('dealer') AND feedback.dealer_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer) OR (current_setting('tongtu.role', true) IN ('supplier') AND feedback.supplier_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))",
        "ALTER TABLE ticket ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE ticket FORCE ROW LEVEL SECURITY",
        "CREATE POLICY ticket_of_owner ON ticket USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('supplier') AND ticket.supplier_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))",
        "ALTER TABLE allocation ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE allocation FORCE ROW LEVEL SECURITY",
        "CREATE POLICY allocation_of_owner ON allocation USING (current_setting('tongtu.role', true) IN ('consultant', 'everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('dealer') AND allocation.dealer_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))",
        "ALTER TABLE session_note ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE session_note FORCE ROW LEVEL SECURITY",
        "CREATE POLICY session_note_of_owner ON session_note USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM booking WHERE booking.id = session_note.booking_id AND (current_setting('tongtu.role', true) IN ('consultant', 'everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('dealer') AND booking.dealer_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))))",
        "ALTER TABLE rejected_row ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE rejected_row FORCE ROW LEVEL SECURITY",
        "CREATE POLICY rejected_row_of_owner ON rejected_row USING (current_setting('tongtu.role', true) IN ('everyone', 'operator'))",
        "ALTER TABLE feedback_event ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE feedback_event FORCE ROW LEVEL SECURITY",
        "CREATE POLICY feedback_event_of_owner ON feedback_event USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM feedback WHERE feedback.id = feedback_event.feedback_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('dealer') AND feedback.dealer_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer) OR (current_setting('tongtu.role', true) IN ('supplier') AND feedback.supplier_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))))",
        "ALTER TABLE ask ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE ask FORCE ROW LEVEL SECURITY",
        "CREATE POLICY ask_of_owner ON ask USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('dealer') AND ask.dealer_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer) OR (current_setting('tongtu.role', true) IN ('supplier') AND ask.supplier_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))",
        "ALTER TABLE ticket_event ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE ticket_event FORCE ROW LEVEL SECURITY",
        "CREATE POLICY ticket_event_of_owner ON ticket_event USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM ticket WHERE ticket.id = ticket_event.ticket_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('supplier') AND ticket.supplier_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))))",
        "ALTER TABLE release_ticket ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE release_ticket FORCE ROW LEVEL SECURITY",
        "CREATE POLICY release_ticket_of_owner ON release_ticket USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('supplier') AND release_ticket.supplier_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))",
    ),
}
UNGUARDS = {
    "sqlite": (),
    "postgresql": (
        "ALTER TABLE course_version NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE course_version DISABLE ROW LEVEL SECURITY",
        "DROP POLICY course_version_of_owner ON course_version",
        "DROP POLICY course_version_of_reader ON course_version",
        "ALTER TABLE notice NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE notice DISABLE ROW LEVEL SECURITY",
        "DROP POLICY notice_of_owner ON notice",
        "DROP POLICY notice_of_reader ON notice",
        "ALTER TABLE notice_endpoint NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE notice_endpoint DISABLE ROW LEVEL SECURITY",
        "DROP POLICY notice_endpoint_of_owner ON notice_endpoint",
        "DROP POLICY notice_endpoint_of_reader ON notice_endpoint",
        "ALTER TABLE phone_code NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE phone_code DISABLE ROW LEVEL SECURITY",
        "DROP POLICY phone_code_of_owner ON phone_code",
        "ALTER TABLE consultant NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE consultant DISABLE ROW LEVEL SECURITY",
        "DROP POLICY consultant_of_owner ON consultant",
        "DROP POLICY consultant_of_reader ON consultant",
        "ALTER TABLE account_deletion NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE account_deletion DISABLE ROW LEVEL SECURITY",
        "DROP POLICY account_deletion_of_owner ON account_deletion",
        "ALTER TABLE product NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE product DISABLE ROW LEVEL SECURITY",
        "DROP POLICY product_of_owner ON product",
        "DROP POLICY product_of_reader ON product",
        "ALTER TABLE enrolment NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE enrolment DISABLE ROW LEVEL SECURITY",
        "DROP POLICY enrolment_of_owner ON enrolment",
        "DROP POLICY enrolment_of_reader ON enrolment",
        "ALTER TABLE release NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE release DISABLE ROW LEVEL SECURITY",
        "DROP POLICY release_of_owner ON release",
        "ALTER TABLE notice_read NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE notice_read DISABLE ROW LEVEL SECURITY",
        "DROP POLICY notice_read_of_owner ON notice_read",
        "ALTER TABLE weekly_hours NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE weekly_hours DISABLE ROW LEVEL SECURITY",
        "DROP POLICY weekly_hours_of_owner ON weekly_hours",
        "DROP POLICY weekly_hours_of_reader ON weekly_hours",
        "ALTER TABLE time_off NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE time_off DISABLE ROW LEVEL SECURITY",
        "DROP POLICY time_off_of_owner ON time_off",
        "DROP POLICY time_off_of_reader ON time_off",
        "ALTER TABLE booking NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE booking DISABLE ROW LEVEL SECURITY",
        "DROP POLICY booking_of_owner ON booking",
        "ALTER TABLE data_export NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE data_export DISABLE ROW LEVEL SECURITY",
        "DROP POLICY data_export_of_owner ON data_export",
        "ALTER TABLE report_build NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE report_build DISABLE ROW LEVEL SECURITY",
        "DROP POLICY report_build_of_owner ON report_build",
        "ALTER TABLE order_import NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE order_import DISABLE ROW LEVEL SECURITY",
        "DROP POLICY order_import_of_owner ON order_import",
        "ALTER TABLE learning_event NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE learning_event DISABLE ROW LEVEL SECURITY",
        "DROP POLICY learning_event_of_owner ON learning_event",
        "DROP POLICY learning_event_of_reader ON learning_event",
        "ALTER TABLE feedback NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE feedback DISABLE ROW LEVEL SECURITY",
        "DROP POLICY feedback_of_owner ON feedback",
        "ALTER TABLE ticket NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY",
        "DROP POLICY ticket_of_owner ON ticket",
        "ALTER TABLE allocation NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE allocation DISABLE ROW LEVEL SECURITY",
        "DROP POLICY allocation_of_owner ON allocation",
        "ALTER TABLE session_note NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE session_note DISABLE ROW LEVEL SECURITY",
        "DROP POLICY session_note_of_owner ON session_note",
        "ALTER TABLE rejected_row NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE rejected_row DISABLE ROW LEVEL SECURITY",
        "DROP POLICY rejected_row_of_owner ON rejected_row",
        "ALTER TABLE feedback_event NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE feedback_event DISABLE ROW LEVEL SECURITY",
        "DROP POLICY feedback_event_of_owner ON feedback_event",
        "ALTER TABLE ask NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE ask DISABLE ROW LEVEL SECURITY",
        "DROP POLICY ask_of_owner ON ask",
        "ALTER TABLE ticket_event NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE ticket_event DISABLE ROW LEVEL SECURITY",
        "DROP POLICY ticket_event_of_owner ON ticket_event",
        "ALTER TABLE release_ticket NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE release_ticket DISABLE ROW LEVEL SECURITY",
        "DROP POLICY release_ticket_of_owner ON release_ticket",
    ),
}
OWN_COLUMNS = (("job", "caused_by"), ("job", "given_up_by"), ("organisation", "state"))
FUNCTIONS = (
    "evidence_entry_no_update",
    "evidence_entry_no_delete",
    "evidence_entry_no_truncate",
    "evidence_detail_no_update",
    "evidence_detail_no_truncate",
)


def upgrade() -> None:
    op.create_table(
        "evidence_entry",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=True),
        sa.Column("subject_id", sa.String(length=80), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("details_hash", sa.String(length=64), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_evidence_entry")),
    )
    op.create_index(
        op.f("ix_evidence_entry_action_seq"), "evidence_entry", ["action", "seq"], unique=False
    )
    op.create_index(op.f("ix_evidence_entry_at"), "evidence_entry", ["at"], unique=False)
    op.create_index(
        op.f("ix_evidence_entry_organisation_id_seq"),
        "evidence_entry",
        ["organisation_id", "seq"],
        unique=False,
    )
    op.create_index(
        op.f("ix_evidence_entry_person_id_seq"),
        "evidence_entry",
        ["person_id", "seq"],
        unique=False,
    )
    op.create_index(
        op.f("ix_evidence_entry_subject_subject_id_seq"),
        "evidence_entry",
        ["subject", "subject_id", "seq"],
        unique=False,
    )
    op.create_table(
        "evidence_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_evidence_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_head")),
    )
    op.create_table(
        "mail_bounce",
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_mail_bounce")),
    )
    op.create_table(
        "request_count",
        sa.Column("key", sa.String(length=250), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request_count")),
    )
    op.create_index(op.f("ix_request_count_ends_at"), "request_count", ["ends_at"], unique=False)
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index(
        op.f("ix_sign_in_attempts_last_at"), "sign_in_attempts", ["last_at"], unique=False
    )
    op.create_table(
        "worker",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )
    op.create_table(
        "account_deletion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_account_deletion_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_deletion")),
    )
    op.create_index(
        op.f("ix_account_deletion_due_at"), "account_deletion", ["due_at"], unique=False
    )
    op.create_index(
        "uq_account_deletion_open",
        "account_deletion",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("cancelled_at IS NULL AND done_at IS NULL"),
        postgresql_where=sa.text("cancelled_at IS NULL AND done_at IS NULL"),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('approved', 'declined')",
            name=op.f("ck_application_outcome_known"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_application_decided_or_waiting"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_application_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_application_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_application_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_application_organisation_id")),
    )
    op.create_index(op.f("ix_application_applied_at"), "application", ["applied_at"], unique=False)
    op.create_index(op.f("ix_application_person_id"), "application", ["person_id"], unique=False)
    op.create_table(
        "authenticator",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_counter", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_authenticator_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_authenticator")),
    )
    op.create_table(
        "evidence_detail",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=400), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["seq"], ["evidence_entry.seq"], name=op.f("fk_evidence_detail_seq_evidence_entry")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_evidence_detail")),
    )
    op.create_table(
        "kept_answer",
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("flashes", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_kept_answer_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_kept_answer")),
    )
    op.create_index(op.f("ix_kept_answer_kept_at"), "kept_answer", ["kept_at"], unique=False)
    op.create_index(op.f("ix_kept_answer_person_id"), "kept_answer", ["person_id"], unique=False)
    op.create_table(
        "notice_endpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("url_sealed", sa.Text(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=True),
        sa.Column("earlier_secret_sealed", sa.Text(), nullable=True),
        sa.Column("earlier_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("off_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "channel IN ('wecom', 'dingtalk', 'feishu', 'webhook')",
            name=op.f("ck_notice_endpoint_channel_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_notice_endpoint_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_endpoint")),
    )
    op.create_index(
        op.f("ix_notice_endpoint_organisation_id"),
        "notice_endpoint",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "notice_timing",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("quiet_from_minute", sa.Integer(), nullable=False),
        sa.Column("quiet_until_minute", sa.Integer(), nullable=False),
        sa.Column("wants_digest", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "quiet_from_minute BETWEEN 0 AND 1439 AND quiet_until_minute BETWEEN 0 AND 1439",
            name=op.f("ck_notice_timing_within_a_day"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_notice_timing_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_timing")),
    )
    op.create_table(
        "notice_wish",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("wish", sa.String(length=8), nullable=False),
        sa.CheckConstraint(
            "wish IN ('now', 'digest', 'never')", name=op.f("ck_notice_wish_wish_known")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_notice_wish_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_notice_wish")),
    )
    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("is_owner", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("identity", sa.String(length=255), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose <> 'confirm' OR identity IS NOT NULL",
            name=op.f("ck_one_time_link_confirms_something"),
        ),
        sa.CheckConstraint(
            "purpose <> 'invite' OR (organisation_id IS NOT NULL AND role IS NOT NULL AND identity IS NOT NULL)",
            name=op.f("ck_one_time_link_invites_somebody_somewhere"),
        ),
        sa.CheckConstraint(
            "purpose = 'invite' OR person_id IS NOT NULL",
            name=op.f("ck_one_time_link_is_somebodys"),
        ),
        sa.CheckConstraint(
            "purpose IN ('invite', 'reset', 'confirm')", name=op.f("ck_one_time_link_purpose_known")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["person.id"],
            name=op.f("fk_one_time_link_created_by_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_one_time_link_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_one_time_link_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["used_by_id"],
            ["person.id"],
            name=op.f("fk_one_time_link_used_by_id_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    op.create_index(
        op.f("ix_one_time_link_organisation_id"), "one_time_link", ["organisation_id"], unique=False
    )
    op.create_index(
        op.f("ix_one_time_link_person_id"), "one_time_link", ["person_id"], unique=False
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("user_handle", sa.LargeBinary(length=64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_passkey_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"], unique=False)
    op.create_table(
        "passkey_challenge",
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('register', 'sign_in', 'second', 'verify')",
            name=op.f("ck_passkey_challenge_purpose_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_passkey_challenge_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(
        op.f("ix_passkey_challenge_ends_at"), "passkey_challenge", ["ends_at"], unique=False
    )
    op.create_index(
        op.f("ix_passkey_challenge_person_id"), "passkey_challenge", ["person_id"], unique=False
    )
    op.create_table(
        "pending_sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("uniquifier", sa.String(length=64), nullable=False),
        sa.Column("keep", sa.Boolean(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_pending_sign_in_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_pending_sign_in_token_hash")),
    )
    op.create_index(
        op.f("ix_pending_sign_in_ends_at"), "pending_sign_in", ["ends_at"], unique=False
    )
    op.create_index(
        op.f("ix_pending_sign_in_person_id"), "pending_sign_in", ["person_id"], unique=False
    )
    op.create_table(
        "phone_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_phone_code_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_code")),
    )
    op.create_index(op.f("ix_phone_code_person_id"), "phone_code", ["person_id"], unique=False)
    op.create_index(op.f("ix_phone_code_phone"), "phone_code", ["phone"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_recovery_code_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "reset_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handled_by_id"],
            ["person.id"],
            name=op.f("fk_reset_request_handled_by_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_reset_request_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_request")),
    )
    op.create_index(op.f("ix_reset_request_asked_at"), "reset_request", ["asked_at"], unique=False)
    op.create_index(
        op.f("ix_reset_request_person_id"), "reset_request", ["person_id"], unique=False
    )
    op.create_index(
        "uq_reset_request_waiting",
        "reset_request",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("handled_at IS NULL"),
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_table(
        "data_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'ready', 'expired')", name=op.f("ck_data_export_state_known")
        ),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (organisation_id IS NULL)",
            name=op.f("ck_data_export_of_one_or_the_other"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"],
            ["person.id"],
            name=op.f("fk_data_export_asked_by_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_data_export_job_id_job")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_data_export_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_data_export_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
        sa.UniqueConstraint("public_id", name=op.f("uq_data_export_public_id")),
    )
    op.create_index(op.f("ix_data_export_asked_by"), "data_export", ["asked_by"], unique=False)
    op.create_index(op.f("ix_data_export_person_id"), "data_export", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_data_export_state_expires_at"),
        "data_export",
        ["state", "expires_at"],
        unique=False,
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("endpoint_id", sa.Integer(), nullable=True),
        sa.Column("carrier_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "channel IN ('mail', 'digest', 'webhook', 'wecom', 'dingtalk', 'feishu')",
            name=op.f("ck_delivery_channel_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'skipped')",
            name=op.f("ck_delivery_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["carrier_id"],
            ["delivery.id"],
            name=op.f("fk_delivery_carrier_id_delivery"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["notice_endpoint.id"],
            name=op.f("fk_delivery_endpoint_id_notice_endpoint"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notice.id"],
            name=op.f("fk_delivery_notice_id_notice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_delivery_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_delivery_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
    )
    op.create_index(op.f("ix_delivery_carrier_id"), "delivery", ["carrier_id"], unique=False)
    op.create_index(
        op.f("ix_delivery_endpoint_id_created_at"),
        "delivery",
        ["endpoint_id", "created_at"],
        unique=False,
    )
    op.create_index(op.f("ix_delivery_notice_id"), "delivery", ["notice_id"], unique=False)
    op.create_index(
        op.f("ix_delivery_organisation_id"), "delivery", ["organisation_id"], unique=False
    )
    op.create_index(
        op.f("ix_delivery_person_id_state"), "delivery", ["person_id", "state"], unique=False
    )
    op.create_index(
        op.f("ix_delivery_state_created_at"), "delivery", ["state", "created_at"], unique=False
    )
    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("uniquifier", sa.String(length=64), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("idle_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_sign_in_session_membership_id_membership"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_sign_in_session_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_session_token_hash")),
    )
    op.create_index(
        op.f("ix_sign_in_session_ends_at"), "sign_in_session", ["ends_at"], unique=False
    )
    op.create_index(
        op.f("ix_sign_in_session_person_id"), "sign_in_session", ["person_id"], unique=False
    )
    op.add_column("job", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("given_up_reason", sa.Text(), nullable=True))
    op.create_index(op.f("ix_job_state_finished_at"), "job", ["state", "finished_at"], unique=False)
    op.add_column(
        "membership", sa.Column("is_owner", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "person", sa.Column("language", sa.String(length=8), server_default="zh_CN", nullable=False)
    )
    op.add_column(
        "person", sa.Column("mail_confirmed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "person", sa.Column("phone_confirmed_at", sa.DateTime(timezone=True), nullable=True)
    )
    for statement in COLUMNS:
        op.execute(statement)
    op.execute(FIRST_OWNERS)
    # Operators made these accounts, and checked address and number by hand.
    op.execute("UPDATE person SET mail_confirmed_at = created_at WHERE email IS NOT NULL")
    op.execute("UPDATE person SET phone_confirmed_at = created_at WHERE phone IS NOT NULL")
    _let_sign_in(op.get_bind(), before=SIGNS_IN, after=SIGNS_IN_OR_IS_GONE)
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in UNGUARDS[dialect]:
        op.get_bind().exec_driver_sql(statement)
    _let_sign_in(op.get_bind(), before=SIGNS_IN_OR_IS_GONE, after=SIGNS_IN)
    for table, column in OWN_COLUMNS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.drop_column("person", "phone_confirmed_at")
    op.drop_column("person", "mail_confirmed_at")
    op.drop_column("person", "language")
    op.drop_column("membership", "is_owner")
    op.drop_index(op.f("ix_job_state_finished_at"), table_name="job")
    op.drop_column("job", "given_up_reason")
    op.drop_column("job", "given_up_at")
    op.drop_column("job", "started_at")
    op.drop_index(op.f("ix_sign_in_session_person_id"), table_name="sign_in_session")
    op.drop_index(op.f("ix_sign_in_session_ends_at"), table_name="sign_in_session")
    op.drop_table("sign_in_session")
    op.drop_index(op.f("ix_delivery_state_created_at"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_person_id_state"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_organisation_id"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_notice_id"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_endpoint_id_created_at"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_carrier_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(op.f("ix_data_export_state_expires_at"), table_name="data_export")
    op.drop_index(op.f("ix_data_export_person_id"), table_name="data_export")
    op.drop_index(op.f("ix_data_export_asked_by"), table_name="data_export")
    op.drop_table("data_export")
    op.drop_index(
        "uq_reset_request_waiting",
        table_name="reset_request",
        sqlite_where=sa.text("handled_at IS NULL"),
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.drop_index(op.f("ix_reset_request_person_id"), table_name="reset_request")
    op.drop_index(op.f("ix_reset_request_asked_at"), table_name="reset_request")
    op.drop_table("reset_request")
    op.drop_table("recovery_code")
    op.drop_index(op.f("ix_phone_code_phone"), table_name="phone_code")
    op.drop_index(op.f("ix_phone_code_person_id"), table_name="phone_code")
    op.drop_table("phone_code")
    op.drop_index(op.f("ix_pending_sign_in_person_id"), table_name="pending_sign_in")
    op.drop_index(op.f("ix_pending_sign_in_ends_at"), table_name="pending_sign_in")
    op.drop_table("pending_sign_in")
    op.drop_index(op.f("ix_passkey_challenge_person_id"), table_name="passkey_challenge")
    op.drop_index(op.f("ix_passkey_challenge_ends_at"), table_name="passkey_challenge")
    op.drop_table("passkey_challenge")
    op.drop_index(op.f("ix_passkey_person_id"), table_name="passkey")
    op.drop_table("passkey")
    op.drop_index(op.f("ix_one_time_link_person_id"), table_name="one_time_link")
    op.drop_index(op.f("ix_one_time_link_organisation_id"), table_name="one_time_link")
    op.drop_table("one_time_link")
    op.drop_table("notice_wish")
    op.drop_table("notice_timing")
    op.drop_index(op.f("ix_notice_endpoint_organisation_id"), table_name="notice_endpoint")
    op.drop_table("notice_endpoint")
    op.drop_index(op.f("ix_kept_answer_person_id"), table_name="kept_answer")
    op.drop_index(op.f("ix_kept_answer_kept_at"), table_name="kept_answer")
    op.drop_table("kept_answer")
    op.drop_table("evidence_detail")
    op.drop_table("authenticator")
    op.drop_index(op.f("ix_application_person_id"), table_name="application")
    op.drop_index(op.f("ix_application_applied_at"), table_name="application")
    op.drop_table("application")
    op.drop_index(
        "uq_account_deletion_open",
        table_name="account_deletion",
        sqlite_where=sa.text("cancelled_at IS NULL AND done_at IS NULL"),
        postgresql_where=sa.text("cancelled_at IS NULL AND done_at IS NULL"),
    )
    op.drop_index(op.f("ix_account_deletion_due_at"), table_name="account_deletion")
    op.drop_table("account_deletion")
    op.drop_table("worker")
    op.drop_index(op.f("ix_sign_in_attempts_last_at"), table_name="sign_in_attempts")
    op.drop_table("sign_in_attempts")
    op.drop_index(op.f("ix_request_count_ends_at"), table_name="request_count")
    op.drop_table("request_count")
    op.drop_table("mail_bounce")
    op.drop_table("evidence_head")
    op.drop_index(op.f("ix_evidence_entry_subject_subject_id_seq"), table_name="evidence_entry")
    op.drop_index(op.f("ix_evidence_entry_person_id_seq"), table_name="evidence_entry")
    op.drop_index(op.f("ix_evidence_entry_organisation_id_seq"), table_name="evidence_entry")
    op.drop_index(op.f("ix_evidence_entry_at"), table_name="evidence_entry")
    op.drop_index(op.f("ix_evidence_entry_action_seq"), table_name="evidence_entry")
    op.drop_table("evidence_entry")
    if dialect == "postgresql":
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")


def _let_sign_in(connection: sa.Connection, *, before: str, after: str) -> None:
    """Change who must have an address or a number: whoever may sign in; nobody who has left.

    SQLite changes no constraint of a table that is there, and making the table anew would delete
    what hangs on its rows. Its schema's text is changed instead, as its documentation allows for
    constraints: https://www.sqlite.org/lang_altertable.html#otheralter
    """
    if connection.dialect.name == "postgresql":
        op.execute("ALTER TABLE person DROP CONSTRAINT ck_person_can_sign_in")
        op.execute(f"ALTER TABLE person ADD CONSTRAINT ck_person_can_sign_in CHECK ({after})")
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) "
        "WHERE type = 'table' AND name = 'person' AND instr(sql, ?) > 0",
        (f"CHECK ({before})", f"CHECK ({after})", f"CHECK ({before})"),
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table of persons is not as the last release left it")
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")

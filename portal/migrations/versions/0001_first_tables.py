"""first tables"""

from alembic import op
import sqlalchemy as sa

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# What the migration tool does not see: overlap guards and append-only guards.
POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION course_version_is_fixed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'course_version_is_fixed' USING ERRCODE = 'check_violation'; END $$""",
    """CREATE TRIGGER course_version_is_fixed BEFORE UPDATE OF id, slug, version, body ON course_version
FOR EACH ROW EXECUTE FUNCTION course_version_is_fixed()""",
    """CREATE OR REPLACE FUNCTION learning_event_is_fixed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'learning_event_is_fixed' USING ERRCODE = 'check_violation'; END $$""",
    """CREATE TRIGGER learning_event_is_fixed BEFORE UPDATE OF id, enrolment_id, lesson_id, kind, payload, key, at ON learning_event
FOR EACH ROW EXECUTE FUNCTION learning_event_is_fixed()""",
    """CREATE EXTENSION IF NOT EXISTS btree_gist""",
    """ALTER TABLE allocation ADD CONSTRAINT ex_allocation_consultant EXCLUDE USING gist (consultant_id WITH =, int8range(starts_minute, ends_minute) WITH &&) WHERE (live)""",
    """ALTER TABLE allocation ADD CONSTRAINT ex_allocation_dealer EXCLUDE USING gist (dealer_id WITH =, int8range(starts_minute, ends_minute) WITH &&) WHERE (live)""",
    """CREATE OR REPLACE FUNCTION feedback_event_is_fixed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'feedback_event_is_fixed' USING ERRCODE = 'check_violation'; END $$""",
    """CREATE TRIGGER feedback_event_is_fixed BEFORE UPDATE OF id, feedback_id, kind, text, at ON feedback_event
FOR EACH ROW EXECUTE FUNCTION feedback_event_is_fixed()""",
    """CREATE OR REPLACE FUNCTION ticket_event_is_fixed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'ticket_event_is_fixed' USING ERRCODE = 'check_violation'; END $$""",
    """CREATE TRIGGER ticket_event_is_fixed BEFORE UPDATE OF id, ticket_id, kind, text, pieces, at ON ticket_event
FOR EACH ROW EXECUTE FUNCTION ticket_event_is_fixed()""",
)

SQLITE = (
    """CREATE TRIGGER course_version_is_fixed BEFORE UPDATE OF id, slug, version, body ON course_version
BEGIN SELECT RAISE(ABORT, 'course_version_is_fixed'); END""",
    """CREATE TRIGGER learning_event_is_fixed BEFORE UPDATE OF id, enrolment_id, lesson_id, kind, payload, key, at ON learning_event
BEGIN SELECT RAISE(ABORT, 'learning_event_is_fixed'); END""",
    """CREATE TRIGGER ex_allocation_consultant_insert BEFORE INSERT ON allocation WHEN NEW.live = 1 AND EXISTS (SELECT 1 FROM allocation AS other WHERE other.consultant_id = NEW.consultant_id AND other.live = 1 AND other.id IS NOT NEW.id AND other.starts_minute < NEW.ends_minute AND other.ends_minute > NEW.starts_minute AND other.starts_minute > NEW.starts_minute - 480) BEGIN SELECT RAISE(ABORT, 'ex_allocation_consultant'); END""",
    """CREATE TRIGGER ex_allocation_consultant_update BEFORE UPDATE ON allocation WHEN NEW.live = 1 AND EXISTS (SELECT 1 FROM allocation AS other WHERE other.consultant_id = NEW.consultant_id AND other.live = 1 AND other.id IS NOT NEW.id AND other.starts_minute < NEW.ends_minute AND other.ends_minute > NEW.starts_minute AND other.starts_minute > NEW.starts_minute - 480) BEGIN SELECT RAISE(ABORT, 'ex_allocation_consultant'); END""",
    """CREATE TRIGGER ex_allocation_dealer_insert BEFORE INSERT ON allocation WHEN NEW.live = 1 AND EXISTS (SELECT 1 FROM allocation AS other WHERE other.dealer_id = NEW.dealer_id AND other.live = 1 AND other.id IS NOT NEW.id AND other.starts_minute < NEW.ends_minute AND other.ends_minute > NEW.starts_minute AND other.starts_minute > NEW.starts_minute - 480) BEGIN SELECT RAISE(ABORT, 'ex_allocation_dealer'); END""",
    """CREATE TRIGGER ex_allocation_dealer_update BEFORE UPDATE ON allocation WHEN NEW.live = 1 AND EXISTS (SELECT 1 FROM allocation AS other WHERE other.dealer_id = NEW.dealer_id AND other.live = 1 AND other.id IS NOT NEW.id AND other.starts_minute < NEW.ends_minute AND other.ends_minute > NEW.starts_minute AND other.starts_minute > NEW.starts_minute - 480) BEGIN SELECT RAISE(ABORT, 'ex_allocation_dealer'); END""",
    """CREATE TRIGGER feedback_event_is_fixed BEFORE UPDATE OF id, feedback_id, kind, text, at ON feedback_event
BEGIN SELECT RAISE(ABORT, 'feedback_event_is_fixed'); END""",
    """CREATE TRIGGER ticket_event_is_fixed BEFORE UPDATE OF id, ticket_id, kind, text, pieces, at ON ticket_event
BEGIN SELECT RAISE(ABORT, 'ticket_event_is_fixed'); END""",
)


def _guards() -> None:
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.get_bind().exec_driver_sql(statement)


def upgrade() -> None:
    op.create_table(
        "category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("code", name=op.f("uq_category_code")),
    )
    op.create_table(
        "course_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_version")),
        sa.UniqueConstraint("slug", "version", name=op.f("uq_course_version_slug_version")),
    )
    op.create_index(
        "uq_course_version_current",
        "course_version",
        ["slug"],
        unique=True,
        postgresql_where=sa.text("current"),
        sqlite_where=sa.text("current"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'dead')", name=op.f("ck_job_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    op.create_index(op.f("ix_job_state_run_after"), "job", ["state", "run_after"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("shop_ref", sa.String(length=64), nullable=True),
        sa.Column("region", sa.String(length=60), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("enrolment_batch", sa.Integer(), nullable=True),
        sa.Column("shares_name", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('dealer', 'supplier', 'alliance')", name=op.f("ck_organisation_kind_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("shop_ref", name=op.f("uq_organisation_shop_ref")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "email IS NOT NULL OR phone IS NOT NULL", name=op.f("ck_person_can_sign_in")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_person_fs_uniquifier")),
        sa.UniqueConstraint("phone", name=op.f("uq_person_phone")),
    )
    op.create_table(
        "consultant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("specialty_zh", sa.String(length=60), nullable=False),
        sa.Column("specialty_en", sa.String(length=120), nullable=False),
        sa.Column("bio", sa.String(length=600), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("session_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("notice_minutes", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("meeting_place", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "buffer_minutes BETWEEN 0 AND 240", name=op.f("ck_consultant_buffer_minutes_sane")
        ),
        sa.CheckConstraint(
            "horizon_days BETWEEN 1 AND 90", name=op.f("ck_consultant_horizon_days_sane")
        ),
        sa.CheckConstraint(
            "notice_minutes BETWEEN 0 AND 20160", name=op.f("ck_consultant_notice_minutes_sane")
        ),
        sa.CheckConstraint(
            "session_minutes BETWEEN 15 AND 240", name=op.f("ck_consultant_session_minutes_sane")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_consultant_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_consultant_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultant")),
        sa.UniqueConstraint("person_id", name=op.f("uq_consultant_person_id")),
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("course_version_id", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_version_id"],
            ["course_version.id"],
            name=op.f("fk_enrolment_course_version_id_course_version"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_enrolment_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_enrolment_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("person_id", "slug", name=op.f("uq_enrolment_person_id_slug")),
    )
    op.create_index(
        op.f("ix_enrolment_course_version_id"), "enrolment", ["course_version_id"], unique=False
    )
    op.create_index(
        op.f("ix_enrolment_organisation_id"), "enrolment", ["organisation_id"], unique=False
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_membership_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_membership_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint(
            "person_id",
            "organisation_id",
            "role",
            name=op.f("uq_membership_person_id_organisation_id_role"),
        ),
    )
    op.create_index(
        op.f("ix_membership_organisation_id"), "membership", ["organisation_id"], unique=False
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_notice_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_notice_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(
        op.f("ix_notice_organisation_id_created_at"),
        "notice",
        ["organisation_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "order_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("stored", sa.String(length=120), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mapping", sa.String(length=40), nullable=True),
        sa.Column("encoding", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("reason_params", sa.JSON(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("sales", sa.Integer(), nullable=False),
        sa.Column("refunds", sa.Integer(), nullable=False),
        sa.Column("not_goods", sa.Integer(), nullable=False),
        sa.Column("unpaid", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("formula_cells", sa.Integer(), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("names_refunds", sa.Boolean(), nullable=False),
        sa.Column("dealers", sa.Integer(), nullable=False),
        sa.Column("orders_new", sa.Integer(), nullable=False),
        sa.Column("orders_replaced", sa.Integer(), nullable=False),
        sa.Column("orders_unchanged", sa.Integer(), nullable=False),
        sa.Column("orders_removed", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("facts_before", sa.String(length=32), nullable=True),
        sa.Column("facts_version", sa.String(length=32), nullable=True),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('checked', 'refused', 'confirmed', 'imported', 'discarded', 'failed')",
            name=op.f("ck_order_import_state_known"),
        ),
        sa.CheckConstraint(
            "rows_read = sales + refunds + not_goods + unpaid + rejected",
            name=op.f("ck_order_import_rows_add_up"),
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["person.id"], name=op.f("fk_order_import_confirmed_by_person")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_order_import_job_id_job")),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["person.id"], name=op.f("fk_order_import_uploaded_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_import")),
        sa.UniqueConstraint("public_id", name=op.f("uq_order_import_public_id")),
    )
    op.create_index(op.f("ix_order_import_sha256"), "order_import", ["sha256"], unique=False)
    op.create_index(
        op.f("ix_order_import_uploaded_at"), "order_import", ["uploaded_at"], unique=False
    )
    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_product_category_id_category")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_product_supplier_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_product_id_supplier_id")),
        sa.UniqueConstraint("supplier_id", "code", name=op.f("uq_product_supplier_id_code")),
    )
    op.create_index(op.f("ix_product_category_id"), "product", ["category_id"], unique=False)
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_release_supplier_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_release_id_supplier_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_release_public_id")),
        sa.UniqueConstraint(
            "supplier_id", "submission_key", name=op.f("uq_release_supplier_id_submission_key")
        ),
    )
    op.create_index(
        op.f("ix_release_supplier_id_released_on"),
        "release",
        ["supplier_id", "released_on"],
        unique=False,
    )
    op.create_table(
        "report_build",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("facts_version", sa.String(length=32), nullable=True),
        sa.Column("site_before", sa.String(length=32), nullable=True),
        sa.Column("site_build", sa.String(length=32), nullable=True),
        sa.Column("dealers", sa.Integer(), nullable=False),
        sa.Column("built", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("failed", sa.JSON(), nullable=False),
        sa.Column("pdf_missing_reason", sa.Text(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'failed')", name=op.f("ck_report_build_state_known")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_report_build_job_id_job")),
        sa.ForeignKeyConstraint(
            ["started_by"], ["person.id"], name=op.f("fk_report_build_started_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_build")),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_build_public_id")),
    )
    op.create_index(
        op.f("ix_report_build_created_at"), "report_build", ["created_at"], unique=False
    )
    op.create_index(
        "uq_report_build_running",
        "report_build",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("dealer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("submission_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_by", sa.Integer(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "state IN ('booked', 'cancelled', 'done', 'no_show')",
            name=op.f("ck_booking_state_known"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_booking_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["cancelled_by"], ["person.id"], name=op.f("fk_booking_cancelled_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["consultant_id"], ["consultant.id"], name=op.f("fk_booking_consultant_id_consultant")
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["organisation.id"], name=op.f("fk_booking_dealer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_booking_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint(
            "dealer_id", "submission_key", name=op.f("uq_booking_dealer_id_submission_key")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_booking_public_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_booking_uid")),
    )
    op.create_index(
        op.f("ix_booking_consultant_id_starts_at"),
        "booking",
        ["consultant_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_booking_dealer_id_starts_at"), "booking", ["dealer_id", "starts_at"], unique=False
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("dealer_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("supplier_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission_key", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "state IN ('new', 'linked', 'accepted', 'answered', 'declined', 'shipped')",
            name=op.f("ck_feedback_state_known"),
        ),
        sa.CheckConstraint(
            "(product_id IS NULL AND supplier_id IS NULL) OR (product_id IS NOT NULL AND supplier_id IS NOT NULL)",
            name=op.f("ck_feedback_product_with_supplier"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["person.id"],
            name=op.f("fk_feedback_author_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["organisation.id"], name=op.f("fk_feedback_dealer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["product_id", "supplier_id"],
            ["product.id", "product.supplier_id"],
            name=op.f("fk_feedback_product_id_supplier_id_product"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_feedback_supplier_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint(
            "dealer_id", "submission_key", name=op.f("uq_feedback_dealer_id_submission_key")
        ),
        sa.UniqueConstraint("id", "dealer_id", name=op.f("uq_feedback_id_dealer_id")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_feedback_id_supplier_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_feedback_public_id")),
    )
    op.create_index(
        op.f("ix_feedback_dealer_id_submitted_at"),
        "feedback",
        ["dealer_id", "submitted_at"],
        unique=False,
    )
    op.create_index(op.f("ix_feedback_product_id"), "feedback", ["product_id"], unique=False)
    op.create_index(
        op.f("ix_feedback_supplier_id_state_submitted_at"),
        "feedback",
        ["supplier_id", "state", "submitted_at"],
        unique=False,
    )
    op.create_table(
        "learning_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('opened', 'read', 'answered')", name=op.f("ck_learning_event_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_learning_event_enrolment_id_enrolment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_event")),
        sa.UniqueConstraint("enrolment_id", "key", name=op.f("uq_learning_event_enrolment_id_key")),
    )
    op.create_table(
        "notice_read",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notice.id"],
            name=op.f("fk_notice_read_notice_id_notice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_notice_read_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notice_id", "person_id", name=op.f("pk_notice_read")),
    )
    op.create_index(op.f("ix_notice_read_person_id"), "notice_read", ["person_id"], unique=False)
    op.create_table(
        "rejected_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("excerpt", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["order_import.id"],
            name=op.f("fk_rejected_row_import_id_order_import"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejected_row")),
        sa.UniqueConstraint(
            "import_id", "row_number", name=op.f("uq_rejected_row_import_id_row_number")
        ),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_person_id", sa.Integer(), nullable=True),
        sa.Column("submission_key", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'building', 'released', 'declined')",
            name=op.f("ck_ticket_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_person_id"],
            ["person.id"],
            name=op.f("fk_ticket_owner_person_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["product_id", "supplier_id"],
            ["product.id", "product.supplier_id"],
            name=op.f("fk_ticket_product_id_supplier_id_product"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_ticket_supplier_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("id", "supplier_id", name=op.f("uq_ticket_id_supplier_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ticket_public_id")),
        sa.UniqueConstraint(
            "supplier_id", "submission_key", name=op.f("uq_ticket_supplier_id_submission_key")
        ),
    )
    op.create_index(
        op.f("ix_ticket_supplier_id_state_opened_at"),
        "ticket",
        ["supplier_id", "state", "opened_at"],
        unique=False,
    )
    op.create_table(
        "time_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["consultant.id"],
            name=op.f("fk_time_off_consultant_id_consultant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_off")),
        sa.UniqueConstraint("consultant_id", "day", name=op.f("uq_time_off_consultant_id_day")),
    )
    op.create_table(
        "weekly_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts_minute", sa.Integer(), nullable=False),
        sa.Column("ends_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "starts_minute >= 0 AND ends_minute > starts_minute AND ends_minute <= 1440",
            name=op.f("ck_weekly_hours_within_a_day"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday_known")),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["consultant.id"],
            name=op.f("fk_weekly_hours_consultant_id_consultant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_hours")),
        sa.UniqueConstraint(
            "consultant_id",
            "weekday",
            "starts_minute",
            name=op.f("uq_weekly_hours_consultant_id_weekday_starts_minute"),
        ),
    )
    op.create_table(
        "allocation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("dealer_id", sa.Integer(), nullable=False),
        sa.Column("starts_minute", sa.BigInteger(), nullable=False),
        sa.Column("ends_minute", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "ends_minute > starts_minute AND ends_minute - starts_minute <= 480",
            name=op.f("ck_allocation_block_length"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_allocation_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["consultant.id"],
            name=op.f("fk_allocation_consultant_id_consultant"),
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["organisation.id"], name=op.f("fk_allocation_dealer_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
    )
    op.create_index(op.f("ix_allocation_booking_id"), "allocation", ["booking_id"], unique=False)
    op.create_index(
        op.f("ix_allocation_consultant_id_starts_minute"),
        "allocation",
        ["consultant_id", "starts_minute"],
        unique=False,
    )
    op.create_index(
        op.f("ix_allocation_dealer_id_starts_minute"),
        "allocation",
        ["dealer_id", "starts_minute"],
        unique=False,
    )
    op.create_table(
        "ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("dealer_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dealer_id"], ["organisation.id"], name=op.f("fk_ask_dealer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id", "dealer_id"],
            ["feedback.id", "feedback.dealer_id"],
            name=op.f("fk_ask_feedback_id_dealer_id_feedback"),
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id", "supplier_id"],
            ["feedback.id", "feedback.supplier_id"],
            name=op.f("fk_ask_feedback_id_supplier_id_feedback"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organisation.id"], name=op.f("fk_ask_supplier_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id", "supplier_id"],
            ["ticket.id", "ticket.supplier_id"],
            name=op.f("fk_ask_ticket_id_supplier_id_ticket"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask")),
    )
    op.create_index(
        op.f("ix_ask_ticket_id_dealer_id"), "ask", ["ticket_id", "dealer_id"], unique=False
    )
    op.create_index("uq_ask_feedback", "ask", ["feedback_id"], unique=True)
    op.create_table(
        "feedback_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_person_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('submitted', 'assigned', 'linked', 'accepted', 'answered', 'declined', 'shipped')",
            name=op.f("ck_feedback_event_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["actor_person_id"],
            ["person.id"],
            name=op.f("fk_feedback_event_actor_person_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback.id"],
            name=op.f("fk_feedback_event_feedback_id_feedback"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_event")),
    )
    op.create_index(
        op.f("ix_feedback_event_feedback_id"), "feedback_event", ["feedback_id"], unique=False
    )
    op.create_index(
        "uq_feedback_event_shipped",
        "feedback_event",
        ["feedback_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'shipped'"),
        sqlite_where=sa.text("kind = 'shipped'"),
    )
    op.create_table(
        "release_ticket",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id", "supplier_id"],
            ["release.id", "release.supplier_id"],
            name=op.f("fk_release_ticket_release_id_supplier_id_release"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["organisation.id"],
            name=op.f("fk_release_ticket_supplier_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id", "supplier_id"],
            ["ticket.id", "ticket.supplier_id"],
            name=op.f("fk_release_ticket_ticket_id_supplier_id_ticket"),
        ),
        sa.PrimaryKeyConstraint("release_id", "ticket_id", name=op.f("pk_release_ticket")),
    )
    op.create_index(
        op.f("ix_release_ticket_ticket_id"), "release_ticket", ["ticket_id"], unique=False
    )
    op.create_table(
        "session_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("private_text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_session_note_author_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_session_note_booking_id_booking")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_note")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_session_note_booking_id")),
    )
    op.create_table(
        "ticket_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_person_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('opened', 'linked', 'accepted', 'building', 'released', 'declined')",
            name=op.f("ck_ticket_event_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["actor_person_id"],
            ["person.id"],
            name=op.f("fk_ticket_event_actor_person_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
    )
    op.create_index(op.f("ix_ticket_event_ticket_id"), "ticket_event", ["ticket_id"], unique=False)

    _guards()


def downgrade() -> None:
    op.drop_index(op.f("ix_ticket_event_ticket_id"), table_name="ticket_event")
    op.drop_table("ticket_event")
    op.drop_table("session_note")
    op.drop_index(op.f("ix_release_ticket_ticket_id"), table_name="release_ticket")
    op.drop_table("release_ticket")
    op.drop_index(
        "uq_feedback_event_shipped",
        table_name="feedback_event",
        postgresql_where=sa.text("kind = 'shipped'"),
        sqlite_where=sa.text("kind = 'shipped'"),
    )
    op.drop_index(op.f("ix_feedback_event_feedback_id"), table_name="feedback_event")
    op.drop_table("feedback_event")
    op.drop_index("uq_ask_feedback", table_name="ask")
    op.drop_index(op.f("ix_ask_ticket_id_dealer_id"), table_name="ask")
    op.drop_table("ask")
    op.drop_index(op.f("ix_allocation_dealer_id_starts_minute"), table_name="allocation")
    op.drop_index(op.f("ix_allocation_consultant_id_starts_minute"), table_name="allocation")
    op.drop_index(op.f("ix_allocation_booking_id"), table_name="allocation")
    op.drop_table("allocation")
    op.drop_table("weekly_hours")
    op.drop_table("time_off")
    op.drop_index(op.f("ix_ticket_supplier_id_state_opened_at"), table_name="ticket")
    op.drop_table("ticket")
    op.drop_table("rejected_row")
    op.drop_index(op.f("ix_notice_read_person_id"), table_name="notice_read")
    op.drop_table("notice_read")
    op.drop_table("learning_event")
    op.drop_index(op.f("ix_feedback_supplier_id_state_submitted_at"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_product_id"), table_name="feedback")
    op.drop_index(op.f("ix_feedback_dealer_id_submitted_at"), table_name="feedback")
    op.drop_table("feedback")
    op.drop_index(op.f("ix_booking_dealer_id_starts_at"), table_name="booking")
    op.drop_index(op.f("ix_booking_consultant_id_starts_at"), table_name="booking")
    op.drop_table("booking")
    op.drop_index(
        "uq_report_build_running",
        table_name="report_build",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.drop_index(op.f("ix_report_build_created_at"), table_name="report_build")
    op.drop_table("report_build")
    op.drop_index(op.f("ix_release_supplier_id_released_on"), table_name="release")
    op.drop_table("release")
    op.drop_index(op.f("ix_product_category_id"), table_name="product")
    op.drop_table("product")
    op.drop_index(op.f("ix_order_import_uploaded_at"), table_name="order_import")
    op.drop_index(op.f("ix_order_import_sha256"), table_name="order_import")
    op.drop_table("order_import")
    op.drop_index(op.f("ix_notice_organisation_id_created_at"), table_name="notice")
    op.drop_table("notice")
    op.drop_index(op.f("ix_membership_organisation_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("ix_enrolment_organisation_id"), table_name="enrolment")
    op.drop_index(op.f("ix_enrolment_course_version_id"), table_name="enrolment")
    op.drop_table("enrolment")
    op.drop_table("consultant")
    op.drop_table("person")
    op.drop_table("organisation")
    op.drop_index(op.f("ix_job_state_run_after"), table_name="job")
    op.drop_table("job")
    op.drop_index(
        "uq_course_version_current",
        table_name="course_version",
        postgresql_where=sa.text("current"),
        sqlite_where=sa.text("current"),
    )
    op.drop_table("course_version")
    op.drop_table("category")

"""Private feeds, consultants' own calendars with the busy time read from them, and reminders.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

GUARDS = (
    "ALTER TABLE calendar_source ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE calendar_source FORCE ROW LEVEL SECURITY",
    "CREATE POLICY calendar_source_of_owner ON calendar_source USING (current_setting('tongtu.role', true) IN ('everyone') OR calendar_source.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
    "ALTER TABLE outside_busy ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE outside_busy FORCE ROW LEVEL SECURITY",
    "CREATE POLICY outside_busy_of_owner ON outside_busy USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM consultant WHERE consultant.id = outside_busy.consultant_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR consultant.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)))",
    "ALTER TABLE session_reminder ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE session_reminder FORCE ROW LEVEL SECURITY",
    "CREATE POLICY session_reminder_of_owner ON session_reminder USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM booking WHERE booking.id = session_reminder.booking_id AND (current_setting('tongtu.role', true) IN ('consultant', 'everyone', 'operator') OR (current_setting('tongtu.role', true) IN ('dealer') AND booking.dealer_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer))))",
)


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("hides_details", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_calendar_feed_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_calendar_feed_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint(
            "person_id",
            "organisation_id",
            name=op.f("uq_calendar_feed_person_id_organisation_id"),
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_table(
        "calendar_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("url_sealed", sa.Text(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("user_sealed", sa.Text(), nullable=True),
        sa.Column("password_sealed", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=False),
        sa.Column("last_modified", sa.String(length=60), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("good_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=16), nullable=True),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("intervals", sa.Integer(), nullable=False),
        sa.Column("troubles", sa.JSON(), nullable=False),
        sa.Column("trouble_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('ics', 'caldav')", name=op.f("ck_calendar_source_kind_known")),
        sa.CheckConstraint(
            "fault IS NULL OR fault IN ('unreachable', 'forbidden', 'refused', 'gone', 'answered', 'too_big', 'no_calendar', 'too_slow', 'sealed')",
            name=op.f("ck_calendar_source_fault_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_calendar_source_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["consultant.id"],
            name=op.f("fk_calendar_source_consultant_id_consultant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_source")),
    )
    op.create_index(op.f("ix_calendar_source_due_at"), "calendar_source", ["due_at"])
    op.create_index(op.f("ix_calendar_source_person_id"), "calendar_source", ["person_id"])
    op.create_table(
        "outside_busy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("starts_minute", sa.BigInteger(), nullable=False),
        sa.Column("ends_minute", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "ends_minute > starts_minute", name=op.f("ck_outside_busy_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["consultant.id"],
            name=op.f("fk_outside_busy_consultant_id_consultant"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["calendar_source.id"],
            name=op.f("fk_outside_busy_source_id_calendar_source"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_busy")),
    )
    op.create_index(op.f("ix_outside_busy_source_id"), "outside_busy", ["source_id"])
    op.create_index(
        op.f("ix_outside_busy_consultant_id_ends_minute"),
        "outside_busy",
        ["consultant_id", "ends_minute"],
    )
    op.create_table(
        "session_reminder",
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("reminder", sa.String(length=8), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reminder IN ('day', 'hour')", name=op.f("ck_session_reminder_reminder_known")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_session_reminder_booking_id_booking"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "booking_id", "reminder", "starts_at", name=op.f("pk_session_reminder")
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in GUARDS:
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("session_reminder")
    op.drop_table("outside_busy")
    op.drop_table("calendar_source")
    op.drop_table("calendar_feed")

"""Hours of single dates, journeys, longer leave, holidays, kinds of sessions, caps and buffers.

Literal SQL on purpose: a migration must not change when the models do. Constraints of columns that
are added to a table stand within the column, since SQLite adds none to a table that is there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COLUMNS = (
    "ALTER TABLE consultant ADD COLUMN buffer_before_minutes INTEGER DEFAULT 0 NOT NULL "
    "CONSTRAINT ck_consultant_buffers_sane "
    "CHECK (buffer_before_minutes >= 0 AND buffer_before_minutes + buffer_minutes <= 240)",
    "ALTER TABLE consultant ADD COLUMN interval_minutes INTEGER "
    "CONSTRAINT ck_consultant_interval_minutes_sane CHECK (interval_minutes BETWEEN 5 AND 480)",
    "ALTER TABLE consultant ADD COLUMN day_cap INTEGER "
    "CONSTRAINT ck_consultant_day_cap_sane CHECK (day_cap BETWEEN 1 AND 50)",
    "ALTER TABLE consultant ADD COLUMN week_cap INTEGER "
    "CONSTRAINT ck_consultant_week_cap_sane CHECK (week_cap BETWEEN 1 AND 200)",
    "ALTER TABLE consultant ADD COLUMN follows_holidays BOOLEAN DEFAULT true NOT NULL",
    "ALTER TABLE time_off ADD COLUMN last_day DATE "
    "CONSTRAINT ck_time_off_last_day_after_first CHECK (last_day > day)",
    "ALTER TABLE booking ADD COLUMN kind_id INTEGER "
    "CONSTRAINT fk_booking_kind_id_session_kind REFERENCES session_kind (id)",
)
ADDED = (
    ("consultant", "buffer_before_minutes"),
    ("consultant", "interval_minutes"),
    ("consultant", "day_cap"),
    ("consultant", "week_cap"),
    ("consultant", "follows_holidays"),
    ("time_off", "last_day"),
    ("booking", "kind_id"),
)
GUARDS = (
    "ALTER TABLE date_hours ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE date_hours FORCE ROW LEVEL SECURITY",
    "CREATE POLICY date_hours_of_owner ON date_hours USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM consultant WHERE consultant.id = date_hours.consultant_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR consultant.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)))",
    "CREATE POLICY date_hours_of_reader ON date_hours FOR SELECT USING (current_setting('tongtu.role', true) IN ('consultant', 'dealer'))",
    "ALTER TABLE journey ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE journey FORCE ROW LEVEL SECURITY",
    "CREATE POLICY journey_of_owner ON journey USING (current_setting('tongtu.role', true) IN ('everyone') OR EXISTS (SELECT 1 FROM consultant WHERE consultant.id = journey.consultant_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR consultant.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)))",
    "CREATE POLICY journey_of_reader ON journey FOR SELECT USING (current_setting('tongtu.role', true) IN ('consultant', 'dealer'))",
    "ALTER TABLE holiday ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE holiday FORCE ROW LEVEL SECURITY",
    "CREATE POLICY holiday_of_owner ON holiday USING (current_setting('tongtu.role', true) IN ('everyone', 'operator'))",
    "CREATE POLICY holiday_of_reader ON holiday FOR SELECT USING (current_setting('tongtu.role', true) IN ('consultant', 'dealer'))",
    "ALTER TABLE session_kind ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE session_kind FORCE ROW LEVEL SECURITY",
    "CREATE POLICY session_kind_of_owner ON session_kind USING (current_setting('tongtu.role', true) IN ('everyone', 'operator'))",
    "CREATE POLICY session_kind_of_reader ON session_kind FOR SELECT USING (current_setting('tongtu.role', true) IN ('consultant', 'dealer'))",
    "ALTER TABLE consultant_kind ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE consultant_kind FORCE ROW LEVEL SECURITY",
    "CREATE POLICY consultant_kind_of_owner ON consultant_kind USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR EXISTS (SELECT 1 FROM consultant WHERE consultant.id = consultant_kind.consultant_id AND (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR consultant.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)))",
    "CREATE POLICY consultant_kind_of_reader ON consultant_kind FOR SELECT USING (current_setting('tongtu.role', true) IN ('consultant', 'dealer'))",
)


def upgrade() -> None:
    op.create_table(
        "session_kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place_mode", sa.String(length=16), nullable=False),
        sa.Column("level_from", sa.Integer(), nullable=False),
        sa.Column("level_to", sa.Integer(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "minutes BETWEEN 15 AND 240",
            name=op.f("ck_session_kind_minutes_sane"),
        ),
        sa.CheckConstraint(
            "place_mode IN ('consultant', 'phone', 'in_person', 'jitsi', 'tencent')",
            name=op.f("ck_session_kind_place_mode_known"),
        ),
        sa.CheckConstraint(
            "level_from <= level_to",
            name=op.f("ck_session_kind_levels_in_order"),
        ),
        sa.CheckConstraint(
            "quota BETWEEN 1 AND 100",
            name=op.f("ck_session_kind_quota_sane"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_kind")),
    )
    op.create_table(
        "consultant_kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["consultant.id"],
            name=op.f("fk_consultant_kind_consultant_id_consultant"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"],
            ["session_kind.id"],
            name=op.f("fk_consultant_kind_kind_id_session_kind"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultant_kind")),
        sa.UniqueConstraint("consultant_id", "kind_id", name=op.f("uq_consultant_kind_consultant_id_kind_id")),
    )
    op.create_table(
        "date_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_minute", sa.Integer(), nullable=False),
        sa.Column("ends_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "starts_minute >= 0 AND ends_minute > starts_minute AND ends_minute <= 1440",
            name=op.f("ck_date_hours_within_a_day"),
        ),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["consultant.id"],
            name=op.f("fk_date_hours_consultant_id_consultant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_date_hours")),
        sa.UniqueConstraint("consultant_id", "day", "starts_minute", name=op.f("uq_date_hours_consultant_id_day_starts_minute")),
    )
    op.create_table(
        "journey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultant_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "last_day >= first_day",
            name=op.f("ck_journey_last_day_not_before_first"),
        ),
        sa.ForeignKeyConstraint(
            ["consultant_id"],
            ["consultant.id"],
            name=op.f("fk_journey_consultant_id_consultant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey")),
    )
    op.create_index(op.f("ix_journey_consultant_id"), "journey", ["consultant_id"])
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works_as", sa.Integer(), nullable=True),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "works_as BETWEEN 0 AND 6",
            name=op.f("ck_holiday_works_as_known"),
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holiday")),
    )
    for statement in COLUMNS:
        op.execute(statement)
    if op.get_bind().dialect.name == "postgresql":
        for statement in GUARDS:
            op.execute(statement)


def downgrade() -> None:
    for table, column in reversed(ADDED):
        op.drop_column(table, column)
    # Their policies go with the tables.
    for table in ("holiday", "journey", "date_hours", "consultant_kind", "session_kind"):
        op.drop_table(table)

"""Times that are held for a while, and sessions that wait for their consultant's yes.

Literal SQL on purpose: a migration must not change when the models do. SQLite cannot let a column
be empty that may not, so there the table of blocked times is made anew, its guard with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CONFIRMS = "ALTER TABLE consultant ADD COLUMN confirms_requests BOOLEAN DEFAULT false NOT NULL"
CHECKS = (
    "CONSTRAINT ck_allocation_kind_known CHECK (kind IN ('hold', 'offer', 'confirmed'))",
    "CONSTRAINT ck_allocation_hold_expires "
    "CHECK ((kind = 'confirmed') = (expires_minute IS NULL))",
    "CONSTRAINT ck_allocation_booking_known "
    "CHECK (kind <> 'confirmed' OR booking_id IS NOT NULL)",
)
POSTGRESQL = (
    "ALTER TABLE allocation ALTER COLUMN booking_id DROP NOT NULL",
    "ALTER TABLE allocation ADD COLUMN kind VARCHAR(16) DEFAULT 'confirmed' NOT NULL",
    "ALTER TABLE allocation ADD COLUMN expires_minute BIGINT",
    *(f"ALTER TABLE allocation ADD {check}" for check in CHECKS),
)
POSTGRESQL_BACK = (
    "DELETE FROM allocation WHERE booking_id IS NULL",
    "ALTER TABLE allocation DROP CONSTRAINT ck_allocation_kind_known",
    "ALTER TABLE allocation DROP CONSTRAINT ck_allocation_hold_expires",
    "ALTER TABLE allocation DROP CONSTRAINT ck_allocation_booking_known",
    "ALTER TABLE allocation DROP COLUMN expires_minute",
    "ALTER TABLE allocation DROP COLUMN kind",
    "ALTER TABLE allocation ALTER COLUMN booking_id SET NOT NULL",
)


def _table(*, booking: str, added: str, checks: str) -> str:
    return f"""CREATE TABLE allocation_anew (
    id INTEGER NOT NULL,
    booking_id INTEGER {booking},
    consultant_id INTEGER NOT NULL,
    dealer_id INTEGER NOT NULL,
    starts_minute BIGINT NOT NULL,
    ends_minute BIGINT NOT NULL,
    live BOOLEAN NOT NULL,
    {added}
    CONSTRAINT pk_allocation PRIMARY KEY (id),
    CONSTRAINT ck_allocation_block_length CHECK (ends_minute > starts_minute AND ends_minute - starts_minute <= 480),
    {checks}
    CONSTRAINT fk_allocation_booking_id_booking FOREIGN KEY(booking_id) REFERENCES booking (id),
    CONSTRAINT fk_allocation_consultant_id_consultant FOREIGN KEY(consultant_id) REFERENCES consultant (id),
    CONSTRAINT fk_allocation_dealer_id_organisation FOREIGN KEY(dealer_id) REFERENCES organisation (id)
)"""


KEPT = "id, booking_id, consultant_id, dealer_id, starts_minute, ends_minute, live"
INDEXES = (
    "CREATE INDEX ix_allocation_booking_id ON allocation (booking_id)",
    "CREATE INDEX ix_allocation_consultant_id_starts_minute "
    "ON allocation (consultant_id, starts_minute)",
    "CREATE INDEX ix_allocation_dealer_id_starts_minute ON allocation (dealer_id, starts_minute)",
)


def _trigger(side: str, moment: str) -> str:
    return f"""CREATE TRIGGER ex_allocation_{side}_{moment.lower()} BEFORE {moment} ON allocation WHEN NEW.live = 1 AND EXISTS (SELECT 1 FROM allocation AS other WHERE other.{side}_id = NEW.{side}_id AND other.live = 1 AND other.id IS NOT NEW.id AND other.starts_minute < NEW.ends_minute AND other.ends_minute > NEW.starts_minute AND other.starts_minute > NEW.starts_minute - 480) BEGIN SELECT RAISE(ABORT, 'ex_allocation_{side}'); END"""  # noqa: S608 – this file's own constants


TRIGGERS = tuple(
    _trigger(side, moment) for side in ("consultant", "dealer") for moment in ("INSERT", "UPDATE")
)
# Dropping the old table takes its indexes and triggers along.
REPLACE = ("DROP TABLE allocation", "ALTER TABLE allocation_anew RENAME TO allocation")
SQLITE = (
    _table(
        booking="",
        added="kind VARCHAR(16) DEFAULT 'confirmed' NOT NULL,\n    expires_minute BIGINT,",
        checks="".join(f"{check},\n    " for check in CHECKS),
    ),
    f"INSERT INTO allocation_anew ({KEPT}) SELECT {KEPT} FROM allocation",  # noqa: S608 – constants
    *REPLACE,
    *INDEXES,
    *TRIGGERS,
)
SQLITE_BACK = (
    _table(booking="NOT NULL", added="", checks=""),
    f"INSERT INTO allocation_anew ({KEPT}) SELECT {KEPT} FROM allocation "  # noqa: S608 – constants
    "WHERE booking_id IS NOT NULL",
    *REPLACE,
    *INDEXES,
    *TRIGGERS,
)


def _on_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def upgrade() -> None:
    op.add_column("booking", sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True))
    for statement in (CONFIRMS, *(SQLITE if _on_sqlite() else POSTGRESQL)):
        op.execute(statement)


def downgrade() -> None:
    for statement in SQLITE_BACK if _on_sqlite() else POSTGRESQL_BACK:
        op.execute(statement)
    op.drop_column("booking", "answer_by")
    op.drop_column("consultant", "confirms_requests")

"""Tables of the record of what happened. The database itself refuses to rewrite or delete it.

No foreign key leads out of here: an entry outlives what it names, and taking another table's lock
while holding the chain's would let two requests wait for each other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    ForeignKey,
    FromClause,
    Index,
    String,
    Table,
    Text,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime
from portal.ownership import unowned

# Put into a table's `info` as `evidence`: its rows are the machinery's own, and no entry tells of
# them, at all or unless a request changes them. Rooms beside this one write the words themselves.
UNRECORDED: Mapping[str, Any] = {"evidence": "unrecorded"}
REQUESTS_ONLY: Mapping[str, Any] = {"evidence": "requests only"}


@unowned("written by everybody, visitors too, and read by operators only")
class EvidenceEntry(Base):
    """Somebody did something: one link of the chain."""

    __tablename__ = "evidence_entry"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int]  # how it is hashed: portal/evidence/rules.py
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None]  # None: nobody was signed in, or the system itself
    organisation_id: Mapped[int | None]
    role: Mapped[str | None] = mapped_column(String(16))  # a Role, "system" or "command"
    action: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str | None] = mapped_column(String(60))  # what kind of record, e.g. "booking"
    subject_id: Mapped[str | None] = mapped_column(String(80))
    request_id: Mapped[str | None] = mapped_column(String(64))
    changes: Mapped[str] = mapped_column(Text)  # canonical JSON: tables, keys, column names
    details_hash: Mapped[str | None] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        Index(None, "at"),
        Index(None, "person_id", "seq"),
        Index(None, "organisation_id", "seq"),
        Index(None, "action", "seq"),
        Index(None, "subject", "subject_id", "seq"),
        {"info": UNRECORDED},
    )


@unowned("written by everybody, visitors too, and read by operators only")
class EvidenceDetail(Base):
    """What an entry tells of a person. It may be erased; the entry keeps its salted hash."""

    __tablename__ = "evidence_detail"

    seq: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("evidence_entry.seq"), primary_key=True, autoincrement=False
    )
    salt: Mapped[str] = mapped_column(String(32))  # else a short list of addresses could be tried
    address: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(400))
    details: Mapped[str] = mapped_column(Text)  # canonical JSON

    __table_args__ = ({"info": UNRECORDED},)


@unowned("the one lock of the chain, taken by everybody who writes")
class EvidenceHead(Base):
    """The newest entry. Its row is the one lock of the chain."""

    __tablename__ = "evidence_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (CheckConstraint("id = 1", name="only_one"), {"info": UNRECORDED})


_REFUSED = {
    "sqlite": (
        """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION {table}_no_{verb}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{table} is never changed' USING ERRCODE = 'check_violation'; END $$""",
        """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_no_{verb}()""",
    ),
}


def _refuse(table: FromClause, *, verbs: Sequence[str]) -> None:
    """Let the database refuse these statements; SQLite knows no TRUNCATE.

    Migrations carry the same statements as literal text; a test compares the two.
    """

    def guard(created: Table, connection: Connection, **_: Any) -> None:
        dialect = connection.dialect.name
        for verb in verbs:
            if dialect == "sqlite" and verb == "truncate":
                continue
            for statement in _REFUSED[dialect]:
                connection.exec_driver_sql(statement.format(table=created.name, verb=verb))

    event.listen(table, "after_create", guard)


_refuse(EvidenceEntry.__table__, verbs=("update", "delete", "truncate"))
_refuse(EvidenceDetail.__table__, verbs=("update", "truncate"))

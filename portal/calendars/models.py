"""Tables of private feeds and of consultants' own calendars."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.calendars.rules import Fault, SourceKind
from portal.db import Base, UtcDateTime, one_of
from portal.ownership import owned, unowned

# What a job writes down about its tries is its own record (portal/evidence).
EVIDENCE = {"evidence": "requests only"}


@unowned("opened by a secret address behind which nobody is signed in")
class CalendarFeed(Base):
    """A secret address under which a person's sessions in one organisation can be subscribed to."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of 256 random bits
    hides_details: Mapped[bool]  # only when, not with whom and about what
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # at most some minutes old

    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id"),
        {"info": EVIDENCE},
    )


@owned(person="person_id")
class CalendarSource(Base):
    """A consultant's own calendar elsewhere, from which busy time is taken."""

    __tablename__ = "calendar_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40))
    # A private address is a password: sealed, like the password itself (portal/sealing.py).
    url_sealed: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(String(255))  # what is shown of the address
    user_sealed: Mapped[str | None] = mapped_column(Text)
    password_sealed: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when it is asked next
    # What to ask for changes with.
    etag: Mapped[str] = mapped_column(String(200), default="")
    last_modified: Mapped[str] = mapped_column(String(60), default="")
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    good_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # since when the busy time holds
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    fault: Mapped[str | None] = mapped_column(String(16))  # of the last try
    answer: Mapped[str] = mapped_column(String(300), default="")  # the other side's words
    events: Mapped[int] = mapped_column(default=0)
    intervals: Mapped[int] = mapped_column(default=0)
    # The first events that could not be read: number and problem of each.
    troubles: Mapped[list[Any]] = mapped_column(JSON, default=list)
    trouble_count: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint(one_of("kind", SourceKind), name="kind_known"),
        CheckConstraint(f"fault IS NULL OR {one_of('fault', Fault)}", name="fault_known"),
        Index(None, "due_at"),
        {"info": EVIDENCE},
    )

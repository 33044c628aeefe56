"""The table of kept answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime
from portal.ownership import unowned


@unowned("found by a key that names its person, before it is known for whom they ask")
class KeptAnswer(Base):
    """What a request with a key was answered; written in the transaction of its effect."""

    __tablename__ = "kept_answer"

    # Whose key it is: two persons' same key are two keys.
    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    # None for a visitor; the rest goes with the person.
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    # None: done, but what was answered is not known (or too large to keep).
    status: Mapped[int | None]
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)  # zlib
    flashes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(None, "kept_at"),
        {"info": {"evidence": "unrecorded"}},  # what was done is recorded, that it was answered not
    )

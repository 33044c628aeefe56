"""The tables of notices: who has read which, and what was told outside the portal."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime, one_of
from portal.notices.rules import ENDPOINTS, Channel, DeliveryState, Wish
from portal.ownership import owned, unowned

# The ledger is its own record of what workers did (portal/evidence).
EVIDENCE = {"evidence": "requests only"}


@owned(organisation="organisation_id", readers=[Role.OPERATOR])
class Notice(Base):
    """Something that an organisation's members should know."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # None: everybody in the organisation.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(String(200))  # where the notice leads, within the portal
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # What mails about it change in a calendar (notices/mail/invitations.py).
    invitation: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # From then on nobody is told any more outside the portal; None: it stays worth telling.
    stale_from: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "organisation_id", "created_at"),)


@owned(person="person_id")
class NoticeRead(Base):
    """A person has seen a notice. Each for themselves: a clerk's look tells the owner nothing."""

    __tablename__ = "notice_read"

    notice_id: Mapped[int] = mapped_column(
        ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


@unowned("what is on its way to people of any tenant; only the worker and operators read it")
class Delivery(Base):
    """One thing told to one receiver over one channel, and what became of it."""

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(primary_key=True)
    # What is posted twice is sent once.
    key: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(24))  # why it was skipped
    # None: a letter of its own words, e.g. an invitation.
    notice_id: Mapped[int | None] = mapped_column(
        ForeignKey("notice.id", ondelete="CASCADE"), index=True
    )
    # Whose notice or endpoint it is; None: a letter of its own words, or a digest of several.
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    endpoint_id: Mapped[int | None] = mapped_column(
        ForeignKey("notice_endpoint.id", ondelete="CASCADE")
    )
    # The digest that carried it.
    carrier_id: Mapped[int | None] = mapped_column(
        ForeignKey("delivery.id", ondelete="SET NULL"), index=True
    )
    address: Mapped[str | None] = mapped_column(String(320))  # None: the person's own, when sent
    # A letter's own words, until it is sent.
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    attempt: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str | None] = mapped_column(String(500))  # the other side's words
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: waits for a digest
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(one_of("channel", Channel), name="channel_known"),
        CheckConstraint(one_of("state", DeliveryState), name="state_known"),
        Index(None, "person_id", "state"),
        Index(None, "endpoint_id", "created_at"),
        Index(None, "state", "created_at"),
        {"info": EVIDENCE},
    )


@unowned("an address is no tenant's, and only the worker and operators read the list")
class MailBounce(Base):
    """An address whose mail server said that there is no such mailbox: it gets no more notices."""

    __tablename__ = "mail_bounce"

    address: Mapped[str] = mapped_column(String(320), primary_key=True)
    answer: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


@unowned("changed by a link in a mail, too, behind which nobody is signed in")
class NoticeWish(Base):
    """How a person wants to be mailed about a kind; without a row, as is usual for the kind."""

    __tablename__ = "notice_wish"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    wish: Mapped[str] = mapped_column(String(8))

    __table_args__ = (CheckConstraint(one_of("wish", Wish), name="wish_known"),)


@unowned("changed by a link in a mail, too, behind which nobody is signed in")
class NoticeTiming(Base):
    """When a person wants no mails, and whether a digest; without a row, as is usual."""

    __tablename__ = "notice_timing"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    # Local minutes of the day in the alliance's zone; equal: no quiet hours.
    quiet_from_minute: Mapped[int]
    quiet_until_minute: Mapped[int]
    wants_digest: Mapped[bool]

    __table_args__ = (
        CheckConstraint(
            "quiet_from_minute BETWEEN 0 AND 1439 AND quiet_until_minute BETWEEN 0 AND 1439",
            name="within_a_day",
        ),
    )


@owned(organisation="organisation_id", readers=[Role.OPERATOR])
class NoticeEndpoint(Base):
    """A group robot or a server that an organisation is told at."""

    __tablename__ = "notice_endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    channel: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(40))
    # A robot's address is its password: sealed, like the secrets (notices/endpoints/sealing.py).
    url_sealed: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(String(255))  # what is shown of the address
    secret_sealed: Mapped[str | None] = mapped_column(Text)
    # The secret before the current one, which still signs until then.
    earlier_secret_sealed: Mapped[str | None] = mapped_column(Text)
    earlier_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    off_since: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: on

    __table_args__ = (
        CheckConstraint(
            f"channel IN ({', '.join(repr(each.value) for each in ENDPOINTS)})",
            name="channel_known",
        ),
    )

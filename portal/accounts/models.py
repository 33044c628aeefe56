"""Tables of organisations, persons and who is what where."""

import uuid
from datetime import date, datetime

from flask_security.core import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.rules import OrganisationState
from portal.db import Base, UtcDateTime, one_of
from portal.ownership import unowned


@unowned("names, regions and levels are asked for across tenants; what of them is shown, rules say")
class Organisation(Base):
    """A dealer, a supplier or the alliance itself."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # "dealer" | "supplier" | "alliance"
    name: Mapped[str] = mapped_column(String(120))
    # How the dealer is named in the order files; None for suppliers and the alliance.
    shop_ref: Mapped[str | None] = mapped_column(String(64), unique=True)
    region: Mapped[str | None] = mapped_column(String(60))
    level: Mapped[int | None]
    joined_on: Mapped[date | None]
    enrolment_batch: Mapped[int | None]  # None: has not joined the programme
    shares_name: Mapped[bool] = mapped_column(default=False)  # may suppliers see the name
    # Applied and not yet approved, living, or closed; a closed one keeps its books.
    state: Mapped[str] = mapped_column(
        String(12), default=OrganisationState.ACTIVE.value, server_default="active"
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(one_of("state", OrganisationState), name="state_known"),
        CheckConstraint("kind IN ('dealer', 'supplier', 'alliance')", name="kind_known"),
    )


@unowned("who signs in is looked up before it is known for whom they ask")
class Person(Base, UserMixin):
    """Somebody who can sign in, by mail address or phone number."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    # Flask-Security declares a mail address for everybody; here a phone number is enough.
    email: Mapped[str | None] = mapped_column(String(255), unique=True)  # type: ignore[assignment]  # theirs
    # E.164. The attribute's name is the one Flask-Security looks for.
    us_phone_number: Mapped[str | None] = mapped_column("phone", String(32), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    # Changing it ends every session of the person.
    fs_uniquifier: Mapped[str] = mapped_column(
        String(64), unique=True, default=lambda: uuid.uuid4().hex
    )
    # In which language mails are written: the one that the person chose last.
    language: Mapped[str] = mapped_column(String(8), default="zh_CN", server_default="zh_CN")
    # When it was shown that address and number are the person's own; None: not yet.
    mail_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    phone_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    memberships: Mapped[list["Membership"]] = relationship(back_populates="person")

    __table_args__ = (
        # Who was deleted keeps a row without an identity: what they did still points to it.
        CheckConstraint("NOT active OR email IS NOT NULL OR phone IS NOT NULL", name="can_sign_in"),
    )


@unowned("it tells for whom a person may ask, so it is read before anybody is known")
class Membership(Base):
    """A person's role in an organisation."""

    __tablename__ = "membership"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    # Owners decide about the organisation itself: its profile, its people, its end.
    is_owner: Mapped[bool] = mapped_column(default=False, server_default=false())

    person: Mapped[Person] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship()

    __table_args__ = (UniqueConstraint("person_id", "organisation_id", "role"),)

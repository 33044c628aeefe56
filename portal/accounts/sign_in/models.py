"""Tables of sign-ins and of what one signs in with. Secrets are kept as hashes, or encrypted.

What happens to them is recorded by name (signed in, passkey added), not as changes of rows.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime
from portal.evidence.models import UNRECORDED
from portal.ownership import unowned

SIGNING_IN = "used while a person signs in, before it is known for whom they ask"


@unowned(SIGNING_IN)
class SignInSession(Base):
    """One sign-in on one device. Deleting the row signs the device out at its next request."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, in hex
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    # What the person's fs_uniquifier was: changing that ends every session of the person.
    uniquifier: Mapped[str] = mapped_column(String(64))
    # As what the person asks; None: as the first membership.
    membership_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership.id", ondelete="SET NULL")
    )
    method: Mapped[str] = mapped_column(String(20))  # a rules.Method
    address: Mapped[str] = mapped_column(String(45))
    device: Mapped[str] = mapped_column(String(80))  # e.g. "Chrome · Android"; "" unknown
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)  # at most some minutes old
    verified_at: Mapped[datetime] = mapped_column(UtcDateTime)  # password or factor last shown
    idle_minutes: Mapped[int]  # unused for so long, it ends
    idle_until: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    __table_args__ = ({"info": UNRECORDED},)


@unowned(SIGNING_IN)
class PendingSignIn(Base):
    """The password was right, the second factor is still to come."""

    __tablename__ = "pending_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    uniquifier: Mapped[str] = mapped_column(String(64))
    keep: Mapped[bool]  # stay signed in on this device
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    __table_args__ = ({"info": UNRECORDED},)


@unowned(SIGNING_IN)
class Attempts(Base):
    """How often somebody failed to sign in lately, by account and by address."""

    __tablename__ = "sign_in_attempts"

    # "identity:<hash>", "factor:<person id>" or "address:<network>"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = ({"info": UNRECORDED},)


@unowned(SIGNING_IN)
class RequestCount(Base):
    """How many requests of one kind came from one address in the present window."""

    __tablename__ = "request_count"

    key: Mapped[str] = mapped_column(String(250), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    __table_args__ = ({"info": UNRECORDED},)


@unowned(SIGNING_IN)
class Authenticator(Base):
    """A person's authenticator app: time-based codes of six digits."""

    __tablename__ = "authenticator"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    secret: Mapped[str] = mapped_column(Text)  # encrypted with a key of the settings
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: being set up
    # The half minute of the last code that was taken: that code and older ones are used up.
    last_counter: Mapped[int] = mapped_column(default=0)

    __table_args__ = ({"info": UNRECORDED},)


@unowned(SIGNING_IN)
class RecoveryCode(Base):
    """A one-time code for who has lost the phone; the row goes when the code is used."""

    __tablename__ = "recovery_code"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)  # argon2id, in hex
    salt: Mapped[str] = mapped_column(String(32))  # one for all codes of a person

    __table_args__ = ({"info": UNRECORDED},)


@unowned(SIGNING_IN)
class Passkey(Base):
    """A passkey or security key: a key pair of which we know the public half."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    # A random name of the person that the device keeps beside the key; one for all of a person's.
    user_handle: Mapped[bytes] = mapped_column(LargeBinary(64))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    transports: Mapped[str] = mapped_column(String(120))  # "internal hybrid"
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = ({"info": UNRECORDED},)


@unowned(SIGNING_IN)
class PasskeyChallenge(Base):
    """A random question to a passkey; answering it once deletes it."""

    __tablename__ = "passkey_challenge"

    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(12))
    # None: whoever holds the passkey is asking to sign in.
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    __table_args__ = (
        CheckConstraint(
            "purpose IN ('register', 'sign_in', 'second', 'verify')", name="purpose_known"
        ),
        {"info": UNRECORDED},
    )

"""Tables of signing keys, certificates and revocations."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime, keep_fixed
from portal.ownership import owned, unowned


@unowned("the alliance's own; the public part is for everybody, the private part is sealed")
class SigningKey(Base):
    """An RSA key that signs credentials; its public part stays published when it is retired."""

    __tablename__ = "signing_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(String(43), unique=True)  # the thumbprint of RFC 7638
    public_jwk: Mapped[str] = mapped_column(Text)  # JSON
    private_sealed: Mapped[str] = mapped_column(Text)  # PEM, see portal/sealing.py
    current: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When it stopped being trusted at all: it leaked, and what it signed was signed again.
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("NOT current OR withdrawn_at IS NULL", name="current_is_trusted"),
        Index(
            "uq_signing_key_current",
            "current",
            unique=True,
            postgresql_where=text("current"),
            sqlite_where=text("current"),
        ),
    )


@owned(
    organisation="organisation_id",
    person="person_id",
    staff=[Role.OPERATOR],
    readers=[Role.CONSULTANT, Role.AUTHOR],
)
class Certificate(Base):
    """A person completed a course in one version; what it says is what was true at its issue."""

    __tablename__ = "certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)  # courses/certificate.py
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    slug: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(80))
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_version.id"), index=True)
    # 1, and one more each time that it was issued anew after a revocation.
    issue: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(80))
    organisation_name: Mapped[str] = mapped_column(String(120))
    # Whether strangers see the whole name; masked unless the person says otherwise.
    shows_name: Mapped[bool] = mapped_column(default=False)
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    key_id: Mapped[int] = mapped_column(ForeignKey("signing_key.id"))
    status_index: Mapped[int]  # its bit in the key's list of revocations
    # The signed VC-JWT. None once the holder was deleted, which ends the certificate too.
    credential: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        # However many requests and jobs complete a course at once, there is one certificate.
        Index("uq_certificate_once", "person_id", "slug", "version", "issue", unique=True),
        UniqueConstraint("key_id", "status_index"),
        Index(None, "organisation_id", "issued_at"),
        Index(None, "issued_at"),
    )


@owned(staff=[Role.OPERATOR], readers=Role)
class CertificateRevocation(Base):
    """A certificate holds no more. There is no way back: a new one is issued instead."""

    __tablename__ = "certificate_revocation"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(300))  # anybody who has the number can read it
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


# Name, shop and credential are left out: deleting a person takes them away.
keep_fixed(
    Certificate.__table__,
    columns=(
        "id",
        "number",
        "person_id",
        "slug",
        "version",
        "course_version_id",
        "issue",
        "completed_at",
        "issued_at",
    ),
)
keep_fixed(CertificateRevocation.__table__, columns=("certificate_id", "at"))

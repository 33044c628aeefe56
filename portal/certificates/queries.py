"""Reads of certificates: one's own, an organisation's, the operators', and what strangers see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from courses.certificate import NotANumber, masked, number
from courses.course import Course
from portal import tenancy
from portal.access import Member
from portal.certificates import rules
from portal.certificates.models import Certificate, CertificateRevocation
from portal.certificates.rules import Standing
from portal.db import db
from portal.learning import completing, versions
from portal.paging import Page, Paged

_PUBLIC = "whoever has a certificate's number may check it; what is shown of a person they decide"


class NoSuchCertificate(LookupError):
    """There is no certificate with this number, or it is not for who asks."""


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate; `name` is the whole name, to be shown to those whom it concerns only."""

    number: str
    person_id: int
    organisation_id: int
    slug: str
    course: Course
    issue: int
    name: str
    organisation_name: str
    shows_name: bool
    completed_at: datetime
    issued_at: datetime
    standing: Standing
    revoked_at: datetime | None
    reason: str
    credential: str | None

    @property
    def public_name(self) -> str:
        """The name as strangers see it."""
        return self.name if self.shows_name else self.masked_name

    @property
    def masked_name(self) -> str:
        """The name as strangers see it while it is hidden."""
        return masked(self.name)


@dataclass(frozen=True, slots=True)
class PublicCertificate:
    """What anybody with the number sees; `name` is masked unless the holder shows it."""

    number: str
    course: Course
    name: str
    is_masked: bool
    completed_at: datetime
    standing: Standing
    revoked_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A course that the member has completed, whose certificate is not there yet."""

    slug: str
    course: Course
    completed_at: datetime


def _joined() -> Select[Certificate, CertificateRevocation]:
    return select(Certificate, CertificateRevocation).outerjoin(
        CertificateRevocation, CertificateRevocation.certificate_id == Certificate.id
    )


_NEWEST_FIRST = (Certificate.issued_at.desc(), Certificate.id.desc())


def _rows(
    found: Collection[Row[Certificate, CertificateRevocation | None]],
) -> list[CertificateRow]:
    pinned = versions.by_ids({each.course_version_id for each, _ in found})
    courses = versions.courses(list(pinned.values()))
    return [_row(each, revocation, courses[each.course_version_id]) for each, revocation in found]


def _row(
    each: Certificate, revocation: CertificateRevocation | None, course: Course
) -> CertificateRow:
    revoked_at = revocation.at if revocation else None
    return CertificateRow(
        number=each.number,
        person_id=each.person_id,
        organisation_id=each.organisation_id,
        slug=each.slug,
        course=course,
        issue=each.issue,
        name=each.name,
        organisation_name=each.organisation_name,
        shows_name=each.shows_name,
        completed_at=each.completed_at,
        issued_at=each.issued_at,
        standing=rules.standing(revoked_at=revoked_at, has_credential=each.credential is not None),
        revoked_at=revoked_at,
        reason=revocation.reason if revocation else "",
        credential=each.credential,
    )


def of_member(*, member: Member) -> Sequence[CertificateRow]:
    """Return the member's own certificates, newest first."""
    mine = _joined().where(Certificate.person_id == member.person_id).order_by(*_NEWEST_FIRST)
    return _rows(db.session.execute(mine).all())


def own(*, member: Member, typed: str) -> CertificateRow:
    """Return the member's own certificate; raise NoSuchCertificate."""
    return _only(_joined().where(Certificate.person_id == member.person_id), typed)


def any_one(typed: str) -> CertificateRow:
    """Return a certificate, for operators; raise NoSuchCertificate."""
    return _only(_joined(), typed)


def _only(wanted: Select[Certificate, CertificateRevocation], typed: str) -> CertificateRow:
    try:
        here = wanted.where(Certificate.number == number(typed))
    except NotANumber as error:
        raise NoSuchCertificate(typed) from error
    found = db.session.execute(here).all()
    if not found:
        raise NoSuchCertificate(typed)
    return _rows(found)[0]


def waiting(*, member: Member) -> Sequence[Waiting]:
    """Return what the member has completed and holds no certificate of, however it stands."""
    have = set(
        db.session.scalars(
            select(Certificate.slug).where(Certificate.person_id == member.person_id)
        )
    )
    return [
        Waiting(slug=each.course.id, course=each.course, completed_at=each.completed_at)
        for each in completing.of_member(member=member)
        if each.course.certificate and each.course.id not in have
    ]


def of_organisation(organisation_id: int) -> Sequence[CertificateRow]:
    """Return the certificates that an organisation's people earned there, newest first.

    For its owner and for who looks after it: the names are whole.
    """
    theirs = (
        _joined().where(Certificate.organisation_id == organisation_id).order_by(*_NEWEST_FIRST)
    )
    return _rows(db.session.execute(theirs).all())


def found(*, text: str, page: Page) -> Paged[CertificateRow]:
    """Return certificates, newest first, for operators.

    `text` is a number, or a part of a name, of a shop or of a course's id; empty means all.
    """
    condition = _says(text.strip())
    total = db.session.scalar(select(func.count()).select_from(Certificate).where(condition)) or 0
    wanted = _joined().where(condition).order_by(*_NEWEST_FIRST)
    rows = db.session.execute(wanted.limit(page.size).offset(page.offset)).all()
    return Paged(rows=_rows(rows), total=total, page=page)


def _says(text: str) -> ColumnElement[bool]:
    try:
        return Certificate.number == number(text)
    except NotANumber:
        columns = (Certificate.name, Certificate.organisation_name, Certificate.slug)
        return or_(*(each.icontains(text, autoescape=True) for each in columns))


def public(typed: str) -> PublicCertificate:
    """Return what anybody may see of a certificate; raise NoSuchCertificate."""
    with tenancy.for_everyone(reason=_PUBLIC):
        row = any_one(typed)
    return PublicCertificate(
        number=row.number,
        course=row.course,
        name="" if row.standing is Standing.ENDED else row.public_name,
        is_masked=not row.shows_name,
        completed_at=row.completed_at,
        standing=row.standing,
        revoked_at=row.revoked_at,
        reason=row.reason,
    )


def published_course(*, slug: str, version: str) -> Course | None:
    """Return a version of a course of which certificates may exist, None when there is none."""
    with tenancy.for_everyone(reason="what a certificate attests is for everybody to read"):
        course = versions.of(slug=slug, version=version)
    return course if course is not None and course.certificate else None


def revoked_bits(key_id: int) -> Sequence[int]:
    """Return which credentials of a key hold no more, by their place in its list."""
    with tenancy.for_everyone(reason="the list tells bits and nobody's data"):
        return db.session.scalars(
            select(Certificate.status_index)
            .outerjoin(
                CertificateRevocation, CertificateRevocation.certificate_id == Certificate.id
            )
            .where(
                Certificate.key_id == key_id,
                or_(
                    CertificateRevocation.certificate_id.is_not(None),
                    Certificate.credential.is_(None),
                ),
            )
            .order_by(Certificate.status_index)
        ).all()


def valid(*, person_id: int, slug: str, at: datetime) -> bool:
    """Tell whether a person held a valid certificate of a course at an instant, any version of it.

    What rebates and points may ask: issued by then, and not revoked by then.
    """
    theirs = db.session.execute(
        select(CertificateRevocation.at, Certificate.credential.is_not(None))
        .select_from(Certificate)
        .outerjoin(CertificateRevocation, CertificateRevocation.certificate_id == Certificate.id)
        .where(
            Certificate.person_id == person_id,
            Certificate.slug == slug,
            Certificate.issued_at <= at,
        )
    )
    return any(
        rules.standing(revoked_at=revoked_at, has_credential=has_credential, at=at)
        is Standing.VALID
        for revoked_at, has_credential in theirs
    )

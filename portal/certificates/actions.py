"""Writes: issue once, choose what strangers see, revoke for good, issue anew."""

import secrets
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from courses import open_badge
from courses.certificate import new_number, written
from courses.course import Course
from courses.open_badge import Award, Issuer
from portal.access import Member
from portal.accounts import queries as accounts
from portal.certificates import addresses, keys, queries, rules
from portal.certificates.keys import Signer
from portal.certificates.models import Certificate, CertificateRevocation
from portal.db import Conflict, db, refuse_conflicts
from portal.learning import completing, versions
from portal.learning.completing import Completion
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind

_TRIES = 8  # for a free number and a free bit; the second try is already rare
_CHUNK = 200


class NotCompleted(LookupError):
    """The member has not completed such a course, or it earns no certificate."""


class AlreadyRevoked(RuntimeError):
    """The certificate was revoked before."""


class StillValid(RuntimeError):
    """The certificate holds, so no new one is issued in its place."""


def issue(*, completion: Completion, at: datetime) -> Certificate:
    """Issue the certificate of a completion; a second call returns the first one's.

    Of two at the same moment the database lets one through. Raises NotCompleted when the course
    earns none.
    """
    if not completion.course.certificate:
        raise NotCompleted(completion.course.id)
    return _earlier(completion) or _insert(completion, issue_number=1, at=at)


def _earlier(completion: Completion) -> Certificate | None:
    """Return the certificate that this completion has earned already.

    Who went along with a change of texts holds one of the version before: that is enough.
    """
    course = completion.course
    theirs = (
        select(Certificate)
        .where(Certificate.person_id == completion.person_id, Certificate.slug == course.id)
        .order_by(Certificate.issue.desc(), Certificate.id.desc())
    )
    return next(
        (
            each
            for each in db.session.scalars(theirs)
            if each.version == course.version or each.completed_at >= completion.completed_at
        ),
        None,
    )


def issue_for(*, enrolment_id: int, at: datetime) -> None:
    """Issue what an enrolment has earned, and tell whose it is; nothing when it is gone, or not
    complete after all, or was issued before.
    """
    completion = completing.of_enrolment(enrolment_id)
    if completion is None or not completion.course.certificate:
        return
    if _earlier(completion) is None:
        row = _insert(completion, issue_number=1, at=at)
        _tell(row, NoticeKind.CERTIFICATE_ISSUED, completion.course, at=at)


def claim(*, member: Member, slug: str, at: datetime) -> str:
    """Return the number of the member's certificate, issued now if no job has been quicker.

    Raises NotCompleted.
    """
    for completion in completing.of_member(member=member):
        if completion.course.id == slug:
            return issue(completion=completion, at=at).number
    raise NotCompleted(slug)


def issue_missing(*, at: datetime) -> int:
    """Issue what completions from before there were certificates earned; return how many."""
    issued = 0
    for completion in completing.everywhere():
        if completion.course.certificate and _earlier(completion) is None:
            row = _insert(completion, issue_number=1, at=at)
            _tell(row, NoticeKind.CERTIFICATE_ISSUED, completion.course, at=at)
            issued += 1
    return issued


def _insert(completion: Completion, *, issue_number: int, at: datetime) -> Certificate:
    signer = keys.current(at=at)
    for _ in range(_TRIES):
        row = _drawn(completion, issue_number=issue_number, at=at)
        _sign(row, completion.course, signer)
        try:
            with refuse_conflicts():
                db.session.add(row)
        except Conflict:
            winner = _of_issue(completion, issue_number)
            if winner is not None:
                return winner  # another request was a moment quicker
        else:
            return row
    raise RuntimeError(f"no free number or bit in {_TRIES} tries")


def _tell(
    row: Certificate, kind: NoticeKind, course: Course, *, at: datetime, answer: str = ""
) -> None:
    """Tell the holder; a holder who is gone hears nothing."""
    if row.credential is None:
        return
    notices.post(
        organisation_id=row.organisation_id,
        person_id=row.person_id,
        kind=kind,
        path=f"/certificates/{written(row.number)}",
        params={"titles": dict(course.title), "answer": answer},
        at=at,
    )


def _of_issue(completion: Completion, issue_number: int) -> Certificate | None:
    return db.session.scalar(
        select(Certificate).where(
            Certificate.person_id == completion.person_id,
            Certificate.slug == completion.course.id,
            Certificate.version == completion.course.version,
            Certificate.issue == issue_number,
        )
    )


def _drawn(completion: Completion, *, issue_number: int, at: datetime) -> Certificate:
    """Return a certificate with a number of its own, not yet signed."""
    person = accounts.persons([completion.person_id])[completion.person_id]
    organisation = accounts.organisation(completion.organisation_id)
    return Certificate(
        number=new_number(secrets.randbelow),
        person_id=completion.person_id,
        organisation_id=completion.organisation_id,
        slug=completion.course.id,
        version=completion.course.version,
        course_version_id=completion.course_version_id,
        issue=issue_number,
        name=person.name,
        organisation_name=organisation.name if organisation else "",
        completed_at=completion.completed_at,
        issued_at=at,
    )


def _sign(row: Certificate, course: Course, signer: Signer) -> None:
    """Let a key sign the row's credential, and take a bit of the key's list for it."""
    row.key_id = signer.key_id
    row.status_index = secrets.randbelow(open_badge.LIST_BITS)
    award = Award(
        id=addresses.check(written(row.number)),
        achievement_id=addresses.achievement(course),
        image_url=addresses.image(course),
        holder=row.name,
        salt=secrets.token_hex(8),
        awarded_at=row.issued_at,
        status_list=addresses.status_list(signer.kid),
        status_index=row.status_index,
    )
    payload = open_badge.credential(course, award=award, issuer=issuer())
    row.credential = signer.sign(payload)


def issuer() -> Issuer:
    """Return who vouches for certificates: the alliance, at the address of this portal."""
    alliance = accounts.alliance()
    return Issuer(
        id=addresses.issuer(),
        name=alliance.name if alliance else "同途",
        url=addresses.base(),
    )


def choose_name(*, member: Member, typed: str, shows_name: bool) -> None:
    """Let strangers see the member's whole name, or a masked one.

    Raises queries.NoSuchCertificate.
    """
    shown = queries.own(member=member, typed=typed)
    _by_number(shown.number).shows_name = shows_name
    db.session.flush()


def revoke(*, typed: str, reason: str, by_person_id: int, at: datetime) -> None:
    """Let a certificate hold no more, for a reason that everybody can read; for good.

    The holder is told it.

    Raises queries.NoSuchCertificate, AlreadyRevoked.
    """
    row = _by_number(typed)
    course = queries.any_one(typed).course
    try:
        with refuse_conflicts():
            db.session.add(
                CertificateRevocation(
                    certificate_id=row.id, at=at, reason=reason, revoked_by=by_person_id
                )
            )
    except Conflict as error:
        raise AlreadyRevoked(typed) from error
    _tell(row, NoticeKind.CERTIFICATE_REVOKED, course, at=at, answer=reason)


def issue_anew(*, typed: str, at: datetime) -> str:
    """Issue a new certificate in place of one that was revoked; return its number.

    It carries the name and shop as they are now. A second call returns the first one's. Raises
    queries.NoSuchCertificate, StillValid, NotCompleted when the holder or their learning is gone.
    """
    row = _by_number(typed)
    shown = queries.any_one(typed)
    if shown.standing is rules.Standing.VALID:
        raise StillValid(typed)
    if row.credential is None:
        raise NotCompleted(typed)
    newest = _newest_issue(row)
    if newest.id != row.id:
        return newest.number
    completion = Completion(
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        course_version_id=row.course_version_id,
        course=shown.course,
        completed_at=row.completed_at,
    )
    anew = _insert(completion, issue_number=row.issue + 1, at=at)
    _tell(anew, NoticeKind.CERTIFICATE_ISSUED, completion.course, at=at)
    return anew.number


def _newest_issue(row: Certificate) -> Certificate:
    return db.session.scalars(
        select(Certificate)
        .where(
            Certificate.person_id == row.person_id,
            Certificate.slug == row.slug,
            Certificate.version == row.version,
        )
        .order_by(Certificate.issue.desc())
        .limit(1)
    ).one()


def _by_number(typed: str) -> Certificate:
    number = queries.any_one(typed).number
    return db.session.scalars(select(Certificate).where(Certificate.number == number)).one()


def rotate_key(*, compromised: bool, at: datetime) -> int:
    """Let a new key sign; return how many credentials were signed again.

    Only a compromised key's are: it stops being published, and whoever wants to show a badge
    takes the file anew. The certificates themselves, their numbers and their pages stay.
    """
    before = next((each for each in keys.published() if each.current), None)
    signer = keys.rotate(at=at)
    if before is None or not compromised:
        return 0
    again = 0
    for row, course in _signed_by(before.id):
        _sign_again(row, course, signer)
        again += 1
    keys.withdraw(key_id=before.id, at=at)
    db.session.flush()
    return again


def _sign_again(row: Certificate, course: Course, signer: Signer) -> None:
    for _ in range(_TRIES):
        try:
            with refuse_conflicts():
                _sign(row, course, signer)
        except Conflict:
            db.session.refresh(row)
        else:
            return
    raise RuntimeError(f"no free bit in {_TRIES} tries")


def _signed_by(key_id: int) -> Iterator[tuple[Certificate, Course]]:
    last = 0
    while True:
        some = db.session.scalars(
            select(Certificate)
            .where(
                Certificate.key_id == key_id,
                Certificate.id > last,
                Certificate.credential.is_not(None),
            )
            .order_by(Certificate.id)
            .limit(_CHUNK)
        ).all()
        if not some:
            return
        last = some[-1].id
        pinned = versions.by_ids({each.course_version_id for each in some})
        courses = versions.courses(list(pinned.values()))
        yield from ((each, courses[each.course_version_id]) for each in some)

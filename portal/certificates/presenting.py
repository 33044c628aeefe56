"""Certificates as pages show them: every value a final text."""

from dataclasses import dataclass

from flask import url_for

from courses.certificate import written
from courses.course import pick
from portal import i18n
from portal.certificates import addresses, paper
from portal.certificates.queries import CertificateRow, PublicCertificate, Waiting
from portal.certificates.rules import Standing
from portal.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Shown:
    """One certificate in its holder's or an operator's eyes; `tone` colours the standing."""

    number: str
    title: str
    facts: str
    name: str
    organisation: str
    shows_name: bool
    shown_name: str
    completed_on: str
    issued_at: str
    version: str
    is_valid: bool
    can_issue_anew: bool
    standing: str
    tone: str
    revoked_on: str
    reason: str
    check_url: str
    url: str
    record_url: str


@dataclass(frozen=True, slots=True)
class ShownWaiting:
    """A completed course whose certificate can be claimed."""

    slug: str
    title: str
    completed_on: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What the page for everybody shows; it can be understood without knowing the portal."""

    number: str
    title: str
    summary: str
    facts: str
    lessons: tuple[str, ...]
    name: str
    masked: bool
    issuer: str
    completed_on: str
    standing: str  # "valid", "revoked" or "ended"
    revoked_on: str
    reason: str
    version: str
    url: str
    card_url: str


def standing(value: Standing) -> tuple[str, str]:
    """Return what a standing is called, and its tone."""
    words = {
        Standing.VALID: (_("有效"), "good"),
        Standing.REVOKED: (_("已撤销"), "bad"),
        Standing.ENDED: (_("已失效"), ""),
    }
    name, tone = words[value]
    return str(name), tone


def shown(row: CertificateRow) -> Shown:
    """Return a certificate for its holder or an operator."""
    name, tone = standing(row.standing)
    number = written(row.number)
    return Shown(
        number=number,
        title=pick(row.course.title, i18n.language_tag()),
        facts=paper.facts(row.course),
        name=row.name,
        organisation=row.organisation_name,
        shows_name=row.shows_name,
        shown_name=row.public_name,
        completed_on=i18n.local_day(row.completed_at),
        issued_at=i18n.moment(row.issued_at),
        version=row.course.version[:8],
        is_valid=row.standing is Standing.VALID,
        can_issue_anew=row.standing is Standing.REVOKED,
        standing=name,
        tone=tone,
        revoked_on=i18n.local_day(row.revoked_at) if row.revoked_at else "",
        reason=row.reason,
        check_url=addresses.check(number),
        url=url_for("certificates.show", number=number),
        record_url=url_for("certificates.record", number=number),
    )


def waiting(row: Waiting) -> ShownWaiting:
    """Return a course whose certificate can be claimed."""
    return ShownWaiting(
        slug=row.slug,
        title=pick(row.course.title, i18n.language_tag()),
        completed_on=i18n.local_day(row.completed_at),
    )


def checked(row: PublicCertificate, *, issuer: str) -> Checked:
    """Return a certificate for everybody."""
    tag = i18n.language_tag()
    number = written(row.number)
    return Checked(
        number=number,
        title=pick(row.course.title, tag),
        summary=pick(row.course.summary, tag),
        facts=paper.facts(row.course),
        lessons=tuple(pick(each.title, tag) for each in row.course.lessons),
        name=row.name,
        masked=row.is_masked,
        issuer=issuer,
        completed_on=i18n.local_day(row.completed_at),
        standing=row.standing.value,
        revoked_on=i18n.local_day(row.revoked_at) if row.revoked_at else "",
        reason=row.reason,
        version=row.course.version[:8],
        url=addresses.check(number),
        card_url=f"{addresses.check(number)}/card.png?{tag}",
    )

"""A completed course as an Open Badges 3.0 credential: the documents, before anybody signs them.

Sources: 1EdTech Open Badges 3.0 (VC-JWT, section 8.2: the payload is the credential, the
registered claims stand beside its members) and W3C Bitstring Status List 1.0. Texts are in the
course's source language, with the English title behind it where there is one.
"""

import base64
import gzip
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from courses.course import SOURCE_LANGUAGE, Course, pick

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
SCHEMA = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)
LIST_BITS = 131_072  # the standard's smallest list: 16 KB, a few hundred bytes once compressed
LIST_FRESH_FOR = timedelta(days=1)

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """Who vouches; `id` is where the profile stands, and never changes."""

    id: str
    name: str
    url: str
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class Award:
    """One person's achievement; addresses are absolute.

    `id` is where the certificate can be checked; `status_list` and `status_index` say which bit
    tells of a revocation.
    """

    id: str
    achievement_id: str
    image_url: str
    holder: str
    salt: str
    awarded_at: datetime
    status_list: str
    status_index: int


def instant(at: datetime) -> str:
    """Return an instant as credentials write it; whole seconds, as the claims have them."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def profile(issuer: Issuer) -> Document:
    """Return the issuer as a document of its own."""
    return {"@context": [CREDENTIALS, BADGES], **_profile(issuer)}


def _profile(issuer: Issuer) -> dict[str, Any]:
    told = {"id": issuer.id, "type": ["Profile"], "name": issuer.name, "url": issuer.url}
    return {**told, "email": issuer.email} if issuer.email else told


def achievement(course: Course, *, id: str, image_url: str, issuer: Issuer) -> Document:  # noqa: A002 – the standard's word
    """Return what one version of a course attests, as a document of its own."""
    own = _achievement(course, id=id, image_url=image_url)
    return {"@context": [CREDENTIALS, BADGES], **own, "creator": _profile(issuer)}


def _achievement(course: Course, *, id: str, image_url: str) -> dict[str, Any]:  # noqa: A002 – the standard's word
    return {
        "id": id,
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": title(course),
        "description": pick(course.summary, SOURCE_LANGUAGE),
        "criteria": {"narrative": _criteria(course)},
        "image": {"id": image_url, "type": "Image"},
        "inLanguage": SOURCE_LANGUAGE,
        "version": course.version,
        "tag": list(course.kpi),
    }


def title(course: Course) -> str:
    """Return a course's title for readers of any language."""
    chinese, english = pick(course.title, SOURCE_LANGUAGE), course.title.get("en", "")
    return f"{chinese} · {english}" if english and english != chinese else chinese


def _criteria(course: Course) -> str:
    required = course.required_lessons
    tested = sum(lesson.quiz is not None for lesson in required)
    return (
        f"学完 {len(required)} 课，其中 {tested} 课通过测验。"
        f" Complete {len(required)} lessons and pass the quiz in {tested} of them."
    )


def credential(course: Course, *, award: Award, issuer: Issuer) -> Document:
    """Return the payload of a VC-JWT: the credential, and the claims that repeat it.

    The holder's name is in it as a salted hash: who is told a name can check it, and who only
    finds the file learns none.
    """
    subject_id = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, award.id)}"
    return {
        "@context": [CREDENTIALS, BADGES, EXTENSIONS],
        "id": award.id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": title(course),
        "issuer": _profile(issuer),
        "validFrom": instant(award.awarded_at),
        "credentialSubject": {
            "id": subject_id,
            "type": ["AchievementSubject"],
            "identifier": [_identifier(award)],
            "achievement": _achievement(course, id=award.achievement_id, image_url=award.image_url),
        },
        "credentialStatus": {
            "id": f"{award.status_list}#{award.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(award.status_index),
            "statusListCredential": award.status_list,
        },
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "iss": issuer.id,
        "sub": subject_id,
        "jti": award.id,
        "nbf": int(award.awarded_at.timestamp()),
    }


def _identifier(award: Award) -> Document:
    digest = hashlib.sha256((award.holder + award.salt).encode()).hexdigest()
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": f"sha256${digest}",
        "identityType": "name",
        "salt": award.salt,
    }


def status_list(*, url: str, issuer_id: str, revoked: Iterable[int], at: datetime) -> Document:
    """Return the payload of the signed list at `url`: which of its credentials are revoked.

    It holds for a day, so that an old copy cannot bring a revoked credential back for long.
    """
    ends_at = at + LIST_FRESH_FOR
    return {
        "@context": [CREDENTIALS],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_id,
        "validFrom": instant(at),
        "validUntil": instant(ends_at),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": bits(revoked),
        },
        "iss": issuer_id,
        "jti": url,
        "nbf": int(at.timestamp()),
        "exp": int(ends_at.timestamp()),
    }


def bits(revoked: Iterable[int]) -> str:
    """Return a list of bits as the standard packs it: gzip, base64url, behind a "u"."""
    packed = bytearray(LIST_BITS // 8)
    for index in revoked:
        packed[index // 8] |= 0x80 >> index % 8  # the first bit is the highest of its byte
    squeezed = gzip.compress(bytes(packed), mtime=0)
    return "u" + base64.urlsafe_b64encode(squeezed).decode().rstrip("=")

"""Writes of the record. Most code needs none of it: a writing request is recorded by itself."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import structlog
from flask import has_request_context, request
from sqlalchemy import delete

from portal import access
from portal.db import SAFE_METHODS, db
from portal.evidence import collecting, queries, rules
from portal.evidence.chain import Draft
from portal.evidence.models import EvidenceDetail

log = structlog.get_logger()


class ReadsAreLogged(RuntimeError):
    """A GET writes nothing, an entry neither; `log_read` is for it."""


def record(  # noqa: PLR0913 – one argument per column, keyword only
    *,
    action: str,
    at: datetime,
    subject: str | None = None,
    subject_id: str | None = None,
    details: Mapping[str, Any] | None = None,
    person_id: int | None = None,
    organisation_id: int | None = None,
    even_if_refused: bool = False,
) -> None:
    """Append an entry when the current transaction commits, and only then.

    Within a request who asks, from where and under which request id are filled in. `details` is
    JSON that may be erased later with the person's data; it never holds a password, a code or a
    link that opens something. With `even_if_refused` (only in a request) the entry stays when the
    answer is an error and everything else is rolled back: a failed sign-in. Raises ReadsAreLogged
    within a GET. `action` needs its words in portal/evidence/texts.py.
    """
    if has_request_context() and request.method in SAFE_METHODS:
        raise ReadsAreLogged(f"{action} during {request.method} {request.path}")
    draft = Draft(
        at=at,
        action=action,
        person_id=person_id,
        organisation_id=organisation_id,
        subject=subject,
        subject_id=subject_id,
        details=details or {},
    )
    if even_if_refused:
        collecting.add_even_if_refused(draft)
    else:
        collecting.add(draft)


def erase_details(*, seqs: Collection[int], at: datetime) -> int:
    """Erase what these entries tell of a person, on record; return of how many there was anything.

    The entries stay, and so does the proof: the erasure is an entry that names their numbers.
    """
    found = list(queries.with_details(seqs))
    for start in range(0, len(found), queries.IN_ONE):
        part = found[start : start + queries.IN_ONE]
        db.session.execute(delete(EvidenceDetail).where(EvidenceDetail.seq.in_(part)))
    if found:
        collecting.add(Draft(at=at, action=rules.ERASED, changes=rules.erasure(found)))
    return len(found)


def erase_details_of(*, person_id: int, naming: Collection[str], at: datetime) -> int:
    """Erase the details of what a person did, or what was done about the person; return how many.

    `naming` are the person's mail address and phone number: details that hold them go too.
    """
    return erase_details(seqs=queries.about(person_id=person_id, naming=naming), at=at)


def forget_old_details(*, at: datetime, limit: int = 20_000) -> int:
    """Erase, on record, the details of entries that are older than two years; return how many.

    The oldest `limit` go in one transaction; a daily run keeps up with any portal.
    """
    old = queries.with_details_before(at - rules.DETAILS_KEPT, limit=limit)
    return erase_details(seqs=old, at=at)


def log_read(*, action: str, subject: str, subject_id: str) -> None:
    """Write to the log that somebody opened or took away something sensitive."""
    member = access.current_member()
    log.info(
        "evidence.read",
        action=action,
        subject=subject,
        subject_id=subject_id,
        person_id=member.person_id,
        organisation_id=member.organisation_id,
        role=member.role.value,
        address=request.remote_addr,
    )

"""Appends entries to the chain, one transaction at a time.

The head's row is locked from here to the commit. Nothing else is locked after it, so that whoever
holds it never waits for anybody: this runs right before the commit (portal/evidence/collecting.py).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.evidence import rules
from portal.evidence.models import EvidenceDetail, EvidenceEntry, EvidenceHead


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before its place in the chain is known."""

    NO_CHANGES: ClassVar[str] = "[]"

    at: datetime
    action: str
    person_id: int | None = None
    organisation_id: int | None = None
    role: str | None = None
    subject: str | None = None
    subject_id: str | None = None
    request_id: str | None = None
    changes: str = NO_CHANGES
    address: str | None = None
    user_agent: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def append(connection: Connection, drafts: Sequence[Draft]) -> None:
    """Write entries behind the newest one, and hold the chain until the commit."""
    seq, previous = _locked_head(connection)
    entries: list[dict[str, Any]] = []
    details: list[dict[str, Any]] = []
    for draft in drafts:
        seq += 1
        row, detail = _linked(draft, seq=seq, previous_hash=previous)
        previous = row["hash"]
        entries.append(row)
        details.extend([detail] if detail else [])
    connection.execute(insert(EvidenceEntry), entries)
    if details:
        connection.execute(insert(EvidenceDetail), details)
    connection.execute(update(EvidenceHead).values(seq=seq, hash=previous))


def _linked(
    draft: Draft, *, seq: int, previous_hash: str
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the rows of an entry and of what it tells of a person, None when it tells nothing."""
    detail = _detail(draft, seq=seq)
    entry = rules.Entry(
        seq=seq,
        at=draft.at,
        person_id=draft.person_id,
        organisation_id=draft.organisation_id,
        role=draft.role,
        action=draft.action,
        subject=draft.subject,
        subject_id=draft.subject_id,
        request_id=draft.request_id,
        changes=draft.changes,
        details_hash=_hash_of(detail) if detail else None,
        previous_hash=previous_hash,
    )
    return {**asdict(entry), "hash": rules.entry_hash(entry)}, detail


def _detail(draft: Draft, *, seq: int) -> dict[str, Any] | None:
    if not (draft.address or draft.user_agent or draft.details):
        return None
    return {
        "seq": seq,
        "salt": secrets.token_hex(16),
        "address": draft.address,
        "user_agent": draft.user_agent,
        "details": rules.canonical(dict(draft.details)),
    }


def _hash_of(detail: Mapping[str, Any]) -> str:
    return rules.details_hash(
        salt=detail["salt"],
        address=detail["address"],
        user_agent=detail["user_agent"],
        details=detail["details"],
    )


def _locked_head(connection: Connection) -> tuple[int, str]:
    head = select(EvidenceHead.seq, EvidenceHead.hash).with_for_update()
    found = connection.execute(head).one_or_none()
    if found is None:
        # The very first entry; two may try to be it, and the second waits here for the first.
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        first = {"id": 1, "seq": 0, "hash": rules.BEFORE_THE_FIRST}
        connection.execute(dialect.insert(EvidenceHead).values(first).on_conflict_do_nothing())
        found = connection.execute(head).one()
    return found.seq, found.hash

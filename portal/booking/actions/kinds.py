"""Writes about kinds of sessions: an operator's. What was booked with a kind keeps it."""

from sqlalchemy import delete, select

from portal.booking.models.hours import Consultant, ConsultantKind, SessionKind
from portal.booking.rules.offers import Kind
from portal.db import db


class NoSuchKind(LookupError):
    """There is no such kind of session."""


def save(*, kind_id: int | None, kind: Kind) -> int:
    """Add a kind of session (None), or change one; return its id. Raises NoSuchKind.

    Consultants who do not exist (any more) are left out.
    """
    found = SessionKind() if kind_id is None else _locked(kind_id)
    for name in (
        "name_zh",
        "name_en",
        "minutes",
        "place_mode",
        "level_from",
        "level_to",
        "quota",
        "is_open",
    ):
        setattr(found, name, getattr(kind, name))
    db.session.add(found)
    db.session.flush()
    known = db.session.scalars(select(Consultant.id).where(Consultant.id.in_(kind.consultant_ids)))
    offering = set(known)
    db.session.execute(delete(ConsultantKind).where(ConsultantKind.kind_id == found.id))
    db.session.add_all(
        ConsultantKind(consultant_id=each, kind_id=found.id) for each in sorted(offering)
    )
    db.session.flush()
    return found.id


def _locked(kind_id: int) -> SessionKind:
    found = db.session.scalar(
        select(SessionKind).where(SessionKind.id == kind_id).with_for_update()
    )
    if found is None:
        raise NoSuchKind(kind_id)
    return found

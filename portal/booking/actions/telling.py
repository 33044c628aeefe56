"""Tells both sides what became of a session: who asked, who comes, and from when on."""

from collections.abc import Mapping
from datetime import datetime

from portal import i18n
from portal.accounts import queries as accounts
from portal.booking import invitations
from portal.booking.actions import reminders
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Booking
from portal.booking.queries import sessions as queries
from portal.db import db
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind


def tell_both(booking: Booking, kind: NoticeKind, *, at: datetime) -> None:
    """Post a notice to the shop and to the consultant, with what their calendars take from it."""
    reminders.withdraw(public_id=booking.public_id, at=at)  # they may name another hour
    tell_dealer(booking, kind, at=at)
    tell_consultant(booking, kind, at=at)


def tell_dealer(booking: Booking, kind: NoticeKind, *, at: datetime) -> None:
    """Post a notice to everybody in the shop."""
    who = accounts.persons([booking.person_id])[booking.person_id].name
    _post(booking, kind, organisation_id=booking.dealer_id, person_id=None, who=who, at=at)


def tell_consultant(booking: Booking, kind: NoticeKind, *, at: datetime) -> None:
    """Post a notice to the consultant alone."""
    consultant = db.session.get_one(Consultant, booking.consultant_id)
    shop = accounts.organisations([booking.dealer_id])[booking.dealer_id].name
    _post(
        booking,
        kind,
        organisation_id=consultant.organisation_id,
        person_id=consultant.person_id,
        who=shop,
        at=at,
    )


def _post(
    booking: Booking,
    kind: NoticeKind,
    *,
    organisation_id: int,
    person_id: int | None,
    who: str,
    at: datetime,
) -> None:
    detail = queries.session_of_dealer(public_id=booking.public_id, dealer_id=booking.dealer_id)
    # A request is in nobody's calendar before its consultant has said yes, nor taken out of one.
    waits = booking.answer_by is not None
    params: Mapping[str, str] = {
        "who": who,
        "when": i18n.moment(booking.starts_at),
        # It lets the words be put in the reader's language later.
        "starts_at": i18n.iso(booking.starts_at),
    }
    notices.post(
        organisation_id=organisation_id,
        person_id=person_id,
        kind=kind,
        path=f"/booking/{booking.public_id}",
        at=at,
        params=params,
        invitation=invitations.invitation(detail) if detail and not waits else None,
    )

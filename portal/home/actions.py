"""What ends in several rooms at once: closing an organisation calls off its sessions first."""

from datetime import datetime

from portal.access import Member
from portal.accounts.membership.actions import organisations
from portal.booking.actions import bookings
from portal.home.queries import closing
from portal.i18n import gettext as _


class StillOpen(Exception):
    """Dealers wait for this supplier's tickets: they are released or declined first."""


def close_organisation(*, by: Member, organisation_id: int, typed_name: str, at: datetime) -> int:
    """Close an organisation and call off its coming sessions; return how many those were.

    Raises StillOpen, organisations.WrongName or NotClosable, or NoSuchOrganisation.
    """
    if closing.open_tickets(organisation_id):
        raise StillOpen(organisation_id)
    organisations.close(by=by, organisation_id=organisation_id, typed_name=typed_name, at=at)
    return bookings.cancel_upcoming(
        dealer_id=organisation_id,
        person_id=by.person_id,
        reason=str(_("店已关闭")),
        at=at,
    )

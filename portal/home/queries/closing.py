"""What closing an organisation would end, and what has to be done before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.accounts import queries as accounts
from portal.accounts.queries import OrganisationRow
from portal.booking.queries import sessions
from portal.booking.queries.sessions import SessionRow
from portal.tickets import queries as tickets
from portal.tickets.rules import ACTIVE


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """What closing would do: `sessions` are called off, `open_tickets` are in its way."""

    organisation: OrganisationRow
    members: int
    sessions: Sequence[SessionRow]
    open_tickets: int


def page(*, organisation_id: int, at: datetime) -> ClosingPage | None:
    """Return what closing an organisation would do, or None for an unknown one and the alliance."""
    organisation = accounts.organisation(organisation_id)
    if organisation is None or organisation.kind == "alliance":
        return None
    return ClosingPage(
        organisation=organisation,
        members=len(accounts.persons_of(organisation_id)),
        sessions=sessions.upcoming_of_dealer(dealer_id=organisation_id, at=at),
        open_tickets=open_tickets(organisation_id),
    )


def open_tickets(supplier_id: int) -> int:
    """Return how many of a supplier's tickets somebody still waits for."""
    counts = tickets.counts_of_supplier(supplier_id)
    return sum(counts.get(state, 0) for state in ACTIVE)

"""A supplier's start page: what waits, what most dealers ask for, what came in last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.access import Member
from portal.feedback import queries as feedback
from portal.feedback.queries import InboxCounts, InboxFilter, InboxRow
from portal.paging import Page
from portal.tickets import queries as tickets
from portal.tickets.queries import TicketRow

TOP_ASKS = 5
NEWEST = 5


@dataclass(frozen=True, slots=True)
class SupplierPage:
    """What a supplier sees first; `released` counts the releases of this local month."""

    counts: InboxCounts
    released: int
    asks: Sequence[TicketRow]
    newest: Sequence[InboxRow]


def page(*, member: Member, today: date) -> SupplierPage:
    """Return a supplier's start page on the local date `today`."""
    supplier_id = member.organisation_id
    return SupplierPage(
        counts=feedback.counts_of_supplier(supplier_id),
        released=tickets.released_count(supplier_id=supplier_id, since=today.replace(day=1)),
        asks=tickets.top_of_supplier(supplier_id=supplier_id, limit=TOP_ASKS),
        newest=feedback.inbox_of_supplier(
            supplier_id=supplier_id, filters=InboxFilter(), page=Page(size=NEWEST)
        ).rows,
    )

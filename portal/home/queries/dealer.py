"""A dealer's start page: what to do next and why, how the shop is doing, session and feedback."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal import clock
from portal.access import Member
from portal.booking.queries import sessions
from portal.booking.queries.sessions import SessionRow
from portal.feedback import queries as feedback
from portal.feedback.queries import OwnRow
from portal.home.queries import next_steps
from portal.home.queries.next_steps import StepCard
from portal.practice import queries as practice
from portal.practice.queries import ItemRow
from portal.reporting import queries as reporting
from portal.reporting.queries import ReportSummary
from portal.review import queries as review
from portal.review.queries import Waiting
from portal.teaching.queries import staff
from portal.teaching.queries.staff import Assigned
from reports.render.headline import Tile

LATEST_FEEDBACK = 3
OPEN_ITEMS = 3
MORE_STEPS = 2  # beside the one that counts; a longer list is no help in deciding
TILES = ("gmv", "net_gmv", "buyers", "repurchase")


@dataclass(frozen=True, slots=True)
class DealerPage:
    """What a dealer sees first. `shop` is None without a report, `session` without a booking."""

    step: StepCard
    more: Sequence[StepCard]
    shop: ReportSummary | None
    tiles: Sequence[Tile]
    session: SessionRow | None
    feedback: Sequence[OwnRow]
    assigned: Sequence[Assigned]  # what the owner asked of the member and is not complete
    practice: Sequence[ItemRow]
    practice_more: int  # open action items beyond those
    review: Waiting


def page(*, member: Member, at: datetime) -> DealerPage:
    """Return a dealer's start page at the instant `at`."""
    dealer_id = member.organisation_id
    session = sessions.next_session_of_dealer(dealer_id=dealer_id, at=at)
    first, *more = next_steps.cards(member=member, session=session, at=at)
    shop = reporting.summary_of(dealer_id)
    today = at.astimezone(clock.zone()).date()
    items, open_items = practice.open_of_organisation(
        organisation_id=dealer_id, today=today, limit=OPEN_ITEMS
    )
    return DealerPage(
        step=first,
        more=more[:MORE_STEPS],
        shop=shop,
        tiles=[each for each in shop.tiles if each.key in TILES] if shop else [],
        session=session,
        feedback=feedback.latest_of_dealer(dealer_id=dealer_id, limit=LATEST_FEEDBACK),
        assigned=staff.still_to_do(member=member, today=today),
        practice=items,
        practice_more=open_items - len(items),
        review=review.waiting(member=member, today=today),
    )

"""What is known of the shops that ask, taken together from the rooms that know it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import clock
from portal.accounts import queries as accounts
from portal.booking.queries import sessions
from portal.db import db
from portal.learning import queries as learning
from portal.reporting import queries as reporting
from portal.rounds.models import AllocationRound, RoundRequest
from portal.rounds.rules.benefit import Facts
from portal.rounds.rules.states import Outcome, RoundState
from reports.metrics.dealer import MonthFigures

MONTHS = 3
LESSONS_SINCE = timedelta(days=60)


def facts_of(dealer_ids: Collection[int], *, at: datetime) -> Mapping[int, Facts]:
    """Return the facts of these dealers at an instant, by organisation."""
    months = reporting.months_of(dealer_ids)
    last = sessions.last_of_dealers(dealer_ids=dealer_ids, before=at)
    missed = _missed(dealer_ids)
    today = at.astimezone(clock.zone()).date()
    found = {}
    for dealer_id, dealer in accounts.organisations(dealer_ids).items():
        figures = months.get(dealer_id)
        recent, before = _sums(figures or ())
        found[dealer_id] = Facts(
            recent_minor=None if figures is None else recent,
            before_minor=before,
            orders=sum(each.orders for each in (figures or ())[-MONTHS:]),
            days_since_session=(at - last[dealer_id]).days if dealer_id in last else None,
            lessons=_lessons(dealer_id, since=at - LESSONS_SINCE),
            missed=missed.get(dealer_id, 0),
            days_in_alliance=(today - dealer.joined_on).days if dealer.joined_on else None,
        )
    return found


def _sums(months: Sequence[MonthFigures]) -> tuple[int, int | None]:
    recent, before = months[-MONTHS:], months[-2 * MONTHS : -MONTHS]
    return (
        sum(each.gmv_minor for each in recent),
        sum(each.gmv_minor for each in before) if len(before) == MONTHS else None,
    )


def _lessons(dealer_id: int, *, since: datetime) -> int:
    completed = learning.completions_of_organisation(organisation_id=dealer_id)
    return sum(each.completed_at >= since for each in completed)


def _missed(dealer_ids: Collection[int]) -> Mapping[int, int]:
    """Return in how many published rounds in a row, up to the last, each asked for nothing."""
    rows = db.session.execute(
        select(RoundRequest.dealer_id, RoundRequest.outcome)
        .join(AllocationRound, AllocationRound.id == RoundRequest.round_id)
        .where(
            RoundRequest.dealer_id.in_(dealer_ids),
            AllocationRound.state == RoundState.PUBLISHED.value,
        )
        .order_by(RoundRequest.dealer_id, AllocationRound.id.desc())
    ).all()
    counts: dict[int, int] = {}
    served: set[int] = set()
    for dealer_id, outcome in rows:
        if outcome == Outcome.GIVEN:
            served.add(dealer_id)
        elif dealer_id not in served:
            counts[dealer_id] = counts.get(dealer_id, 0) + 1
    return counts

"""What a dealer may book at all, and how often: kinds of sessions, caps and quotas.

A cap or a quota is counted under a lock, so that two who ask at once are counted one after the
other; who has neither waits for nobody. Overlaps are not looked at: the database refuses them.
"""

from datetime import datetime

from sqlalchemy import select

from portal import tenancy
from portal.accounts import actions as accounts
from portal.booking.models.hours import Consultant
from portal.booking.queries import consultants, kinds, outside
from portal.booking.rules import slots
from portal.db import db


class NotOffered(Exception):
    """The consultant does not receive anybody at this time (any more), or not for this."""


class NotForDealer(Exception):
    """The kind of session is for dealers of other levels."""


class LimitReached(Exception):
    """There may not be one session more."""


class DayFull(LimitReached):
    """The consultant has as many sessions on this day as a day may have."""


class WeekFull(LimitReached):
    """The consultant has as many sessions in this week as a week may have."""


class QuotaUsed(LimitReached):
    """The dealer has as many sessions of this kind as 30 days may have."""


def kind_for(*, consultant_id: int, kind_id: int | None, dealer_id: int) -> int | None:
    """Return the kind that a dealer books; None for a plain session.

    Without one named, the first that the consultant offers to this dealer. Raises NotOffered or
    NotForDealer.
    """
    offered = kinds.offered_by([consultant_id])[consultant_id]
    wanted = [each for each in offered if kind_id is None or each.id == kind_id]
    if not wanted:
        if offered or kind_id is not None:
            raise NotOffered
        return None
    level = kinds.level_of(dealer_id)
    fitting = next((each for each in wanted if each.is_for(level)), None)
    if fitting is None:
        raise NotForDealer
    return fitting.id


def hold_to_limits(
    *,
    plan: slots.Plan,
    consultant_id: int,
    dealer_id: int,
    kind_id: int | None,
    starts_at: datetime,
    at: datetime,
    moving: int | None = None,
) -> None:
    """Raise DayFull, WeekFull or QuotaUsed unless one session more may begin at `starts_at`.

    NotOffered where the consultant's own calendar has something else.
    `moving`: a booking that is not counted, since it leaves its time for this one.
    Until the transaction ends, nobody else is counted for a capped consultant, or for a dealer
    whose kind of session has a quota.
    """
    start = slots.to_minute(starts_at)
    block = (start - plan.buffer_before_minutes, start + plan.session_minutes + plan.buffer_minutes)
    if outside.is_busy(consultant_id=consultant_id, block=block):
        raise NotOffered
    if not (plan.day_cap or plan.week_cap or plan.quota):
        return
    _wait_for_ones_turn(plan, consultant_id=consultant_id, dealer_id=dealer_id)
    taken = consultants.taken(
        plans={consultant_id: plan}, dealer_id=dealer_id, at=at, kind_id=kind_id, moving=moving
    )[consultant_id]
    for ranges, refusal in (
        (slots.full_days(plan=plan, sessions=taken.sessions), DayFull),
        (slots.full_weeks(plan=plan, sessions=taken.sessions), WeekFull),
        (slots.beyond_quota(plan=plan, dealer_starts=taken.dealer_starts), QuotaUsed),
    ):
        if any(begins <= start < ends for begins, ends in ranges):
            raise refusal


def _wait_for_ones_turn(plan: slots.Plan, *, consultant_id: int, dealer_id: int) -> None:
    """Lock what is counted, the consultant first, so that nobody waits in a circle.

    (SQLite has locked the whole database already: BEGIN IMMEDIATE.) Not against foreign keys:
    what else points at these rows, e.g. a kept answer of the same request, goes on.
    """
    with tenancy.for_everyone(reason="a lock is taken on a row that is not changed"):
        if plan.day_cap or plan.week_cap:
            row = select(Consultant.id).where(Consultant.id == consultant_id)
            db.session.execute(row.with_for_update(key_share=True))
        if plan.quota:
            accounts.wait_for(organisation_id=dealer_id)

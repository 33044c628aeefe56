"""Reads of the operator's pile: feedback of which nobody knows yet which product it means."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.accounts import queries as accounts
from portal.db import db
from portal.feedback import queries
from portal.feedback.models import Feedback
from portal.paging import Page, Paged


@dataclass(frozen=True, slots=True)
class UnassignedRow:
    """Feedback about no product in particular, as the operator sees it."""

    id: int
    public_id: str
    dealer: str
    text: str
    impact: str | None
    submitted_at: datetime


def unassigned(*, page: Page) -> Paged[UnassignedRow]:
    """Return feedback about no product in particular, oldest first. For the operator only."""
    wanted = Feedback.product_id.is_(None)
    found = db.session.scalars(
        select(Feedback)
        .where(wanted)
        .order_by(Feedback.submitted_at, Feedback.id)
        .limit(page.size)
        .offset(page.offset)
    ).all()
    organisations = accounts.organisations({each.dealer_id for each in found})
    rows = [
        UnassignedRow(
            id=each.id,
            public_id=each.public_id,
            dealer=organisations[each.dealer_id].name,
            text=each.text,
            impact=each.impact,
            submitted_at=each.submitted_at,
        )
        for each in found
    ]
    return Paged(rows=rows, total=queries.unassigned_count(), page=page)


def unassigned_id(public_id: str) -> int | None:
    """Return the id of feedback that nobody owns yet; None when it has an owner or is absent."""
    return db.session.scalar(
        select(Feedback.id).where(Feedback.public_id == public_id, Feedback.product_id.is_(None))
    )

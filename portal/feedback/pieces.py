"""Reads for those who build on feedback: what a ticket has to know of each piece."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.db import db
from portal.feedback import rules
from portal.feedback.models import Feedback
from portal.feedback.rules import State


@dataclass(frozen=True, slots=True)
class Piece:
    """What a ticket has to know of a piece of feedback."""

    id: int
    product_id: int
    dealer_id: int
    submitted_at: datetime


def of_supplier(*, supplier_id: int, feedback_ids: Collection[int]) -> Sequence[Piece]:
    """Return a supplier's own feedback with these ids, by id; absent ones are left out."""
    found = db.session.scalars(
        select(Feedback)
        .where(Feedback.id.in_(feedback_ids), Feedback.supplier_id == supplier_id)
        .order_by(Feedback.id)
    )
    return [
        Piece(
            id=each.id,
            product_id=each.product_id or 0,
            dealer_id=each.dealer_id,
            submitted_at=each.submitted_at,
        )
        for each in found
    ]


def movable(*, feedback_ids: Collection[int], target: State) -> Sequence[int]:
    """Return those of the feedback that may still move to `target`, smallest id first."""
    able = [state for state, targets in rules.MOVES.items() if target in targets]
    return db.session.scalars(
        select(Feedback.id)
        .where(Feedback.id.in_(feedback_ids), Feedback.state.in_(able))
        .order_by(Feedback.id)
    ).all()

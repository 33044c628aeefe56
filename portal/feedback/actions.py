"""Writes of feedback, one per use case. Each leaves an event, and tells the dealer what changed."""

import secrets
from datetime import datetime

from sqlalchemy import select

from portal.access import Member
from portal.catalog import queries as catalog
from portal.db import Conflict, db, refuse_conflicts
from portal.feedback import rules
from portal.feedback.models import Feedback, FeedbackEvent
from portal.feedback.rules import EventKind, State
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind


class NoSuchFeedback(LookupError):
    """There is no such feedback, or it is none of the asker's business."""


class NoSuchProduct(LookupError):
    """There is no such product."""


class AlreadyAssigned(ValueError):
    """It is known already which product the feedback is about."""


class NeedsReason(ValueError):
    """Declining takes a reason that the dealer will read."""


def submit(  # noqa: PLR0913 – one argument per fact, keyword only
    *,
    author: Member,
    product_id: int | None,
    text: str,
    impact: str | None,
    submission_key: str,
    at: datetime,
    lesson_id: str | None = None,
    course_version: str | None = None,
) -> Feedback:
    """Take in a dealer's own words, with secrets hidden; the same key gives the same feedback.

    `product_id` None: the dealer is not sure which product. `lesson_id`, `course_version`: the
    lesson from which it was written, as it was then. Raises NoSuchProduct.
    """
    product = catalog.product(product_id) if product_id is not None else None
    if product_id is not None and product is None:
        raise NoSuchProduct(product_id)
    shop_name = author.organisation_name
    feedback = Feedback(
        public_id=secrets.token_hex(16),
        dealer_id=author.organisation_id,
        author_id=author.person_id,
        product_id=product.id if product else None,
        supplier_id=product.supplier_id if product else None,
        text=rules.mask(text, shop_name=shop_name).text,
        impact=rules.mask(impact, shop_name=shop_name).text if impact else None,
        state=State.NEW.value,
        submitted_at=at,
        submission_key=submission_key,
        lesson_id=lesson_id,
        course_version=course_version,
    )
    try:
        with refuse_conflicts():
            db.session.add(feedback)
    except Conflict:
        return _submitted(dealer_id=author.organisation_id, submission_key=submission_key)
    _record(feedback, EventKind.SUBMITTED, text="", person_id=author.person_id, at=at)
    return feedback


def _submitted(*, dealer_id: int, submission_key: str) -> Feedback:
    return db.session.scalars(
        select(Feedback).where(
            Feedback.dealer_id == dealer_id, Feedback.submission_key == submission_key
        )
    ).one()


def assign_product(*, feedback_id: int, product_id: int, person_id: int, at: datetime) -> Feedback:
    """Record which product unassigned feedback is about, which shows it to its supplier.

    For the operator. Raises NoSuchFeedback, NoSuchProduct, AlreadyAssigned.
    """
    feedback = _locked(feedback_id)
    product = catalog.product(product_id)
    if product is None:
        raise NoSuchProduct(product_id)
    if feedback.product_id is not None:
        raise AlreadyAssigned(feedback_id)
    feedback.product_id, feedback.supplier_id = product.id, product.supplier_id
    _record(feedback, EventKind.ASSIGNED, text="", person_id=person_id, at=at)
    return feedback


def mark_linked(
    *, feedback_id: int, supplier_id: int, person_id: int | None, text: str, at: datetime
) -> None:
    """Record that the feedback is in a ticket; `text` is the ticket's title.

    Raises NoSuchFeedback, IllegalMove.
    """
    feedback = _locked_of_supplier(feedback_id, supplier_id)
    feedback.state = _moved(feedback, State.LINKED)
    _record(feedback, EventKind.LINKED, text=text, person_id=person_id, at=at)
    _tell(feedback, NoticeKind.FEEDBACK_LINKED, at=at)


def mark_accepted(
    *, feedback_id: int, supplier_id: int, person_id: int | None, text: str, at: datetime
) -> None:
    """Record that the supplier will change it; `text` is what the dealer is told.

    Raises NoSuchFeedback, IllegalMove.
    """
    feedback = _locked_of_supplier(feedback_id, supplier_id)
    feedback.state = _moved(feedback, State.ACCEPTED)
    _record(feedback, EventKind.ACCEPTED, text=text, person_id=person_id, at=at)
    # To the dealer it is an answer like any other: the supplier has said something.
    _tell(feedback, NoticeKind.FEEDBACK_ANSWERED, at=at)


def answer(
    *, feedback_id: int, supplier_id: int, person_id: int | None, text: str, at: datetime
) -> None:
    """Answer the dealer. It settles new feedback and changes no other state.

    Raises NoSuchFeedback.
    """
    feedback = _locked_of_supplier(feedback_id, supplier_id)
    feedback.state = rules.after_answer(State(feedback.state)).value
    _record(feedback, EventKind.ANSWERED, text=text, person_id=person_id, at=at)
    _tell(feedback, NoticeKind.FEEDBACK_ANSWERED, at=at)


def decline(
    *, feedback_id: int, supplier_id: int, person_id: int | None, text: str, at: datetime
) -> None:
    """Record that it will not be changed; `text` is the reason.

    Raises NeedsReason, NoSuchFeedback, IllegalMove.
    """
    if not text.strip():
        raise NeedsReason(feedback_id)
    feedback = _locked_of_supplier(feedback_id, supplier_id)
    feedback.state = _moved(feedback, State.DECLINED)
    _record(feedback, EventKind.DECLINED, text=text, person_id=person_id, at=at)
    _tell(feedback, NoticeKind.FEEDBACK_DECLINED, at=at)


def mark_shipped(
    *, feedback_id: int, supplier_id: int, person_id: int | None, text: str, at: datetime
) -> None:
    """Record that what was asked for is out; `text` is Markdown: what shipped and how to use it.

    Raises NoSuchFeedback, IllegalMove.
    """
    feedback = _locked_of_supplier(feedback_id, supplier_id)
    feedback.state = _moved(feedback, State.SHIPPED)
    _record(feedback, EventKind.SHIPPED, text=text, person_id=person_id, at=at)
    _tell(feedback, NoticeKind.FEEDBACK_SHIPPED, at=at)


def _locked(feedback_id: int) -> Feedback:
    """Return the feedback as it is now; on PostgreSQL nobody else moves it meanwhile."""
    feedback = db.session.scalar(
        select(Feedback)
        .where(Feedback.id == feedback_id)
        # Not the full lock: asks that refer to the row need not wait for it.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if feedback is None:
        raise NoSuchFeedback(feedback_id)
    return feedback


def _locked_of_supplier(feedback_id: int, supplier_id: int) -> Feedback:
    feedback = _locked(feedback_id)
    if feedback.supplier_id != supplier_id:
        raise NoSuchFeedback(feedback_id)
    return feedback


def _moved(feedback: Feedback, target: State) -> str:
    return rules.move(current=State(feedback.state), target=target).value


def _record(
    feedback: Feedback, kind: EventKind, *, text: str, person_id: int | None, at: datetime
) -> None:
    db.session.add(
        FeedbackEvent(
            feedback_id=feedback.id, kind=kind.value, text=text, at=at, actor_person_id=person_id
        )
    )
    db.session.flush()


def _tell(feedback: Feedback, kind: NoticeKind, *, at: datetime) -> None:
    notices.post(
        organisation_id=feedback.dealer_id,
        kind=kind,
        path=rules.path_for_dealer(feedback.public_id),
        params={"title": rules.headline(feedback.text)},
        at=at,
    )

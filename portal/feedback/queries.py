"""Reads of feedback: a dealer's own, and a supplier's inbox.

A supplier never gets a dealer's name out of here without the dealer's consent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, Subquery, func, select

from portal import i18n
from portal.accounts import queries as accounts
from portal.catalog import queries as catalog
from portal.db import db
from portal.feedback import rules, texts
from portal.feedback.models import Feedback, FeedbackEvent
from portal.feedback.rules import Chip, EventKind, State
from portal.paging import Page, Paged

# What a supplier says to the dealer.
_SPOKEN = (EventKind.ACCEPTED, EventKind.ANSWERED, EventKind.DECLINED)


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A dealer's own feedback in a list. `reply` is the supplier's last word, empty while none."""

    public_id: str
    product: str
    text: str
    state: State
    state_text: str
    tone: str
    submitted_on: date  # the local date, as the two below
    reply: str
    shipped_on: date | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One step of a piece of feedback, in words. `markdown`: the text is a release's notes."""

    sentence: str
    text: str
    markdown: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnFeedback:
    """A dealer's own feedback in full; `hidden` says what was hidden on entry, else empty."""

    public_id: str
    product: str
    supplier: str
    text: str
    impact: str | None
    lesson_id: str | None  # the lesson from which it was written
    state_text: str
    tone: str
    next_text: str
    hidden: str
    submitted_at: datetime
    events: Sequence[EventRow]


@dataclass(frozen=True, slots=True)
class ChipCount:
    """One filter of a dealer's list and how much is behind it."""

    chip: Chip
    label: str
    count: int


class Order(StrEnum):
    """How a supplier's inbox is sorted."""

    NEW_FIRST = "new"  # unhandled before handled, newest before older
    MOST_ASKED = "asked"  # by dealers who wait for something about the same product


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """What a supplier wants to see of the inbox; None and "" mean everything."""

    state: State | None = None
    product_id: int | None = None
    text: str = ""
    order: Order = Order.NEW_FIRST


@dataclass(frozen=True, slots=True)
class InboxRow:
    """Feedback as its supplier sees it.

    `dealer` is a name only with the dealer's consent, else level and region; `waiting_dealers`
    counts the dealers who wait for something about the same product.
    """

    id: int
    public_id: str
    product_id: int
    product: str
    dealer: str
    text: str
    impact: str | None
    lesson_id: str | None  # the lesson from which it was written
    state: State
    state_text: str
    tone: str
    linkable: bool
    submitted_on: date  # the local date
    waiting_dealers: int


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How much of a supplier's feedback is unhandled, in work, and there at all."""

    new: int
    in_work: int
    total: int


# ---- a dealer's own ----


def of_dealer(*, dealer_id: int, chip: Chip, page: Page) -> Paged[OwnRow]:
    """Return a dealer's own feedback, newest first."""
    wanted = select(Feedback).where(
        Feedback.dealer_id == dealer_id, Feedback.state.in_(rules.CHIP_STATES[chip])
    )
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    ordered = wanted.order_by(Feedback.submitted_at.desc(), Feedback.id.desc())
    found = db.session.scalars(ordered.limit(page.size).offset(page.offset)).all()
    return Paged(rows=_own_rows(found), total=total, page=page)


def latest_of_dealer(*, dealer_id: int, limit: int) -> Sequence[OwnRow]:
    """Return a dealer's newest feedback, for the start page."""
    found = db.session.scalars(
        select(Feedback)
        .where(Feedback.dealer_id == dealer_id)
        .order_by(Feedback.submitted_at.desc(), Feedback.id.desc())
        .limit(limit)
    ).all()
    return _own_rows(found)


def chips_of_dealer(dealer_id: int) -> Sequence[ChipCount]:
    """Return the filters of a dealer's list with their counts."""
    rows = db.session.execute(
        select(Feedback.state, func.count())
        .where(Feedback.dealer_id == dealer_id)
        .group_by(Feedback.state)
    )
    by_state = {State(state): count for state, count in rows}
    return [
        ChipCount(
            chip=chip,
            label=texts.chip(chip),
            count=sum(by_state.get(state, 0) for state in rules.CHIP_STATES[chip]),
        )
        for chip in Chip
    ]


def own(*, public_id: str, dealer_id: int) -> OwnFeedback | None:
    """Return a dealer's own feedback with its history, oldest step first; None when not theirs."""
    found = db.session.scalar(
        select(Feedback).where(Feedback.public_id == public_id, Feedback.dealer_id == dealer_id)
    )
    if found is None:
        return None
    state = State(found.state)
    product = catalog.product(found.product_id) if found.product_id else None
    supplier = accounts.organisation(found.supplier_id) if found.supplier_id else None
    supplier_name = supplier.name if supplier else ""
    return OwnFeedback(
        public_id=found.public_id,
        product=product.name if product else texts.unsure_product(),
        supplier=supplier_name,
        text=found.text,
        impact=found.impact,
        lesson_id=found.lesson_id,
        state_text=texts.state_for_dealer(state),
        tone=texts.TONES[state],
        next_text=texts.next_for_dealer(state, has_product=product is not None),
        hidden=texts.hidden(rules.hidden_in(found.text + (found.impact or ""))),
        submitted_at=found.submitted_at,
        events=events(feedback_id=found.id, supplier=supplier_name),
    )


def events(*, feedback_id: int, supplier: str) -> Sequence[EventRow]:
    """Return what happened to a piece of feedback, oldest first; `supplier` is its name or ""."""
    found = db.session.scalars(
        select(FeedbackEvent)
        .where(FeedbackEvent.feedback_id == feedback_id)
        .order_by(FeedbackEvent.at, FeedbackEvent.id)
    )
    return [
        EventRow(
            sentence=texts.event(EventKind(each.kind), supplier=supplier),
            text=each.text,
            markdown=each.kind == EventKind.SHIPPED,
            at=each.at,
        )
        for each in found
    ]


def _own_rows(found: Sequence[Feedback]) -> Sequence[OwnRow]:
    names = _product_names(found)
    replies, shipped = _said([each.id for each in found])
    return [
        OwnRow(
            public_id=each.public_id,
            product=names.get(each.product_id or 0, texts.unsure_product()),
            text=each.text,
            state=State(each.state),
            state_text=texts.state_for_dealer(State(each.state)),
            tone=texts.TONES[State(each.state)],
            submitted_on=i18n.local(each.submitted_at).date(),
            reply=replies.get(each.id, ""),
            shipped_on=i18n.local(shipped[each.id]).date() if each.id in shipped else None,
        )
        for each in found
    ]


def _said(feedback_ids: Sequence[int]) -> tuple[Mapping[int, str], Mapping[int, datetime]]:
    """Return the supplier's last word and the time of shipping, by feedback."""
    found = db.session.scalars(
        select(FeedbackEvent)
        .where(
            FeedbackEvent.feedback_id.in_(feedback_ids),
            FeedbackEvent.kind.in_((*_SPOKEN, EventKind.SHIPPED)),
        )
        .order_by(FeedbackEvent.at, FeedbackEvent.id)
    ).all()
    replies = {each.feedback_id: each.text for each in found if each.kind in _SPOKEN}
    shipped = {each.feedback_id: each.at for each in found if each.kind == EventKind.SHIPPED}
    return replies, shipped


def _product_names(found: Sequence[Feedback]) -> Mapping[int, str]:
    rows = catalog.by_ids({each.product_id for each in found if each.product_id})
    return {product_id: row.name for product_id, row in rows.items()}


# ---- a supplier's inbox ----


def _waiting(supplier_id: int) -> Subquery:
    """Count, by product, the dealers who wait for something."""
    return (
        select(Feedback.product_id, func.count(Feedback.dealer_id.distinct()).label("dealers"))
        .where(Feedback.supplier_id == supplier_id, Feedback.state.in_(rules.WAITING))
        .group_by(Feedback.product_id)
        .subquery()
    )


def _inbox(
    supplier_id: int, *conditions: ColumnElement[bool]
) -> tuple[Select[Feedback, int], ColumnElement[int]]:
    waiting = _waiting(supplier_id)
    dealers: ColumnElement[int] = func.coalesce(waiting.c.dealers, 0)
    statement = (
        select(Feedback, dealers)
        .outerjoin(waiting, waiting.c.product_id == Feedback.product_id)
        .where(Feedback.supplier_id == supplier_id, *conditions)
    )
    return statement, dealers


def inbox_of_supplier(*, supplier_id: int, filters: InboxFilter, page: Page) -> Paged[InboxRow]:
    """Return the feedback on a supplier's own products."""
    conditions = _conditions(filters)
    statement, dealers = _inbox(supplier_id, *conditions)
    count = select(func.count()).select_from(Feedback)
    total = db.session.scalar(count.where(Feedback.supplier_id == supplier_id, *conditions)) or 0
    newest = (Feedback.submitted_at.desc(), Feedback.id.desc())
    if filters.order is Order.MOST_ASKED:
        ordered = statement.order_by(dealers.desc(), *newest)
    else:
        ordered = statement.order_by((Feedback.state == State.NEW.value).desc(), *newest)
    return Paged(
        rows=_inbox_rows(ordered.limit(page.size).offset(page.offset)), total=total, page=page
    )


def _conditions(filters: InboxFilter) -> list[ColumnElement[bool]]:
    conditions = []
    if filters.state is not None:
        conditions.append(Feedback.state == filters.state.value)
    if filters.product_id is not None:
        conditions.append(Feedback.product_id == filters.product_id)
    if filters.text:
        conditions.append(Feedback.text.icontains(filters.text, autoescape=True))
    return conditions


def _inbox_rows(statement: Select[Feedback, int]) -> Sequence[InboxRow]:
    pairs = db.session.execute(statement).all()
    names = _product_names([feedback for feedback, _ in pairs])
    organisations = accounts.organisations({feedback.dealer_id for feedback, _ in pairs})
    return [
        InboxRow(
            id=feedback.id,
            public_id=feedback.public_id,
            product_id=feedback.product_id or 0,
            product=names[feedback.product_id or 0],
            dealer=texts.dealer(organisations[feedback.dealer_id]),
            text=feedback.text,
            impact=feedback.impact,
            lesson_id=feedback.lesson_id,
            state=State(feedback.state),
            state_text=texts.state_for_supplier(State(feedback.state)),
            tone=texts.TONES[State(feedback.state)],
            linkable=State(feedback.state) in rules.LINKABLE,
            submitted_on=i18n.local(feedback.submitted_at).date(),
            waiting_dealers=dealers,
        )
        for feedback, dealers in pairs
    ]


def of_supplier(*, public_id: str, supplier_id: int) -> InboxRow | None:
    """Return one piece of feedback on a supplier's own product; None when it is not."""
    rows = chosen(public_ids=[public_id], supplier_id=supplier_id)
    return rows[0] if rows else None


def chosen(*, public_ids: Collection[str], supplier_id: int) -> Sequence[InboxRow]:
    """Return these pieces of feedback on a supplier's own products, oldest first.

    Absent and foreign ones are left out: compare the lengths.
    """
    statement, _ = _inbox(supplier_id, Feedback.public_id.in_(public_ids))
    return _inbox_rows(statement.order_by(Feedback.submitted_at, Feedback.id))


def by_ids(*, feedback_ids: Collection[int], supplier_id: int) -> Sequence[InboxRow]:
    """Return these pieces of feedback on a supplier's own products, oldest first."""
    statement, _ = _inbox(supplier_id, Feedback.id.in_(feedback_ids))
    return _inbox_rows(statement.order_by(Feedback.submitted_at, Feedback.id))


def linkable(*, supplier_id: int, product_id: int, limit: int) -> Sequence[InboxRow]:
    """Return what a ticket on `product_id` could take in: that product's first, newest first."""
    statement, _ = _inbox(supplier_id, Feedback.state.in_(rules.LINKABLE))
    return _inbox_rows(
        statement.order_by(
            (Feedback.product_id == product_id).desc(),
            Feedback.submitted_at.desc(),
            Feedback.id.desc(),
        ).limit(limit)
    )


def counts_of_supplier(supplier_id: int) -> InboxCounts:
    """Return how much of a supplier's feedback is unhandled, in work, and there at all."""
    rows = db.session.execute(
        select(Feedback.state, func.count())
        .where(Feedback.supplier_id == supplier_id)
        .group_by(Feedback.state)
    )
    by_state = {State(state): count for state, count in rows}
    return InboxCounts(
        new=by_state.get(State.NEW, 0),
        in_work=by_state.get(State.LINKED, 0) + by_state.get(State.ACCEPTED, 0),
        total=sum(by_state.values()),
    )


def unassigned_count() -> int:
    """Return how much feedback waits for the operator to find its product."""
    count = select(func.count()).select_from(Feedback).where(Feedback.product_id.is_(None))
    return db.session.scalar(count) or 0

"""Reads of tickets and releases, always for one supplier. Demand is counted in dealers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, select

from portal import i18n
from portal.accounts import queries as accounts
from portal.catalog import queries as catalog
from portal.db import db
from portal.feedback import queries as feedback
from portal.feedback.queries import InboxRow
from portal.paging import Page, Paged
from portal.tickets import rules, texts
from portal.tickets.models import Ask, Release, ReleaseTicket, Ticket, TicketEvent
from portal.tickets.rules import EventKind, State

BOARD_SIZE = 8  # tickets of one state on the board; the rest is behind the state's own list


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket in a list; `dealers` is how many dealers ask for it, however often each did."""

    id: int
    public_id: str
    title: str
    product: str
    state: State
    state_text: str
    tone: str
    dealers: int
    opened_on: date  # the local date


@dataclass(frozen=True, slots=True)
class Column:
    """One state of the board: its first tickets, and how many there are."""

    state: State
    label: str
    tone: str
    rows: Sequence[TicketRow]
    total: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One step of a ticket, in words; `who` is the supplier's own person, empty when forgotten."""

    sentence: str
    text: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A ticket with everything that its page shows."""

    id: int
    public_id: str
    title: str
    description: str
    product_id: int
    product: str
    state: State
    state_text: str
    tone: str
    owner: str
    dealers: int
    opened_at: datetime
    asks: Sequence[InboxRow]
    events: Sequence[EventRow]


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release in the list: what it settled, and how many dealers were told."""

    public_id: str
    title: str
    notes: str
    released_on: date
    tickets: Sequence[str]
    dealers: int


def _demand() -> Subquery:
    return (
        select(Ask.ticket_id, func.count(Ask.dealer_id.distinct()).label("dealers"))
        .group_by(Ask.ticket_id)
        .subquery()
    )


def _with_demand(
    supplier_id: int, *conditions: ColumnElement[bool]
) -> tuple[Select[Ticket, int], tuple[ColumnElement[Any], ...]]:
    """Return a supplier's tickets with their demand, and the order: most dealers, then newest."""
    demand = _demand()
    dealers: ColumnElement[int] = func.coalesce(demand.c.dealers, 0)
    statement = (
        select(Ticket, dealers)
        .outerjoin(demand, demand.c.ticket_id == Ticket.id)
        .where(Ticket.supplier_id == supplier_id, *conditions)
    )
    return statement, (dealers.desc(), Ticket.opened_at.desc(), Ticket.id.desc())


def _rows(statement: Select[Ticket, int]) -> Sequence[TicketRow]:
    pairs = db.session.execute(statement).all()
    products = catalog.by_ids({ticket.product_id for ticket, _ in pairs})
    return [
        TicketRow(
            id=ticket.id,
            public_id=ticket.public_id,
            title=ticket.title,
            product=products[ticket.product_id].name,
            state=State(ticket.state),
            state_text=texts.state(State(ticket.state)),
            tone=texts.TONES[State(ticket.state)],
            dealers=dealers,
            opened_on=i18n.local(ticket.opened_at).date(),
        )
        for ticket, dealers in pairs
    ]


def board_of_supplier(supplier_id: int) -> Sequence[Column]:
    """Return a supplier's tickets by state, those that most dealers ask for first."""
    demand = _demand()
    dealers: ColumnElement[int] = func.coalesce(demand.c.dealers, 0)
    place = func.row_number().over(
        partition_by=Ticket.state,
        order_by=(dealers.desc(), Ticket.opened_at.desc(), Ticket.id.desc()),
    )
    placed = (
        select(Ticket.id, place.label("place"))
        .outerjoin(demand, demand.c.ticket_id == Ticket.id)
        .where(Ticket.supplier_id == supplier_id)
        .subquery()
    )
    first = select(placed.c.id).where(placed.c.place <= BOARD_SIZE)
    statement, order = _with_demand(supplier_id, Ticket.id.in_(first))
    rows = _rows(statement.order_by(*order))
    counts = counts_of_supplier(supplier_id)
    return [
        Column(
            state=state,
            label=texts.state(state),
            tone=texts.TONES[state],
            rows=[row for row in rows if row.state is state],
            total=counts[state],
        )
        for state in State
    ]


def counts_of_supplier(supplier_id: int) -> Mapping[State, int]:
    """Return how many tickets a supplier has in each state, 0 where none."""
    found = db.session.execute(
        select(Ticket.state, func.count())
        .where(Ticket.supplier_id == supplier_id)
        .group_by(Ticket.state)
    )
    return dict.fromkeys(State, 0) | {State(state): count for state, count in found}


def of_state(*, supplier_id: int, state: State, page: Page) -> Paged[TicketRow]:
    """Return a supplier's tickets in one state, those that most dealers ask for first."""
    statement, order = _with_demand(supplier_id, Ticket.state == state.value)
    rows = _rows(statement.order_by(*order).limit(page.size).offset(page.offset))
    return Paged(rows=rows, total=counts_of_supplier(supplier_id)[state], page=page)


def top_of_supplier(*, supplier_id: int, limit: int) -> Sequence[TicketRow]:
    """Return the unfinished tickets that most dealers ask for, for the start page."""
    statement, order = _with_demand(supplier_id, Ticket.state.in_(rules.ACTIVE))
    return _rows(statement.order_by(*order).limit(limit))


def releasable(supplier_id: int) -> Sequence[TicketRow]:
    """Return the tickets that a release can settle, those that most dealers ask for first."""
    statement, order = _with_demand(supplier_id, Ticket.state.in_(rules.RELEASABLE))
    return _rows(statement.order_by(*order))


def of_supplier(*, public_id: str, supplier_id: int) -> TicketPage | None:
    """Return a supplier's ticket with its asks and its history; None when it is not theirs."""
    statement, _ = _with_demand(supplier_id, Ticket.public_id == public_id)
    found = db.session.execute(statement).one_or_none()
    if found is None:
        return None
    ticket, dealers = found
    state = State(ticket.state)
    product = catalog.by_ids({ticket.product_id})[ticket.product_id]
    owners = accounts.persons({ticket.owner_person_id or 0}).values()
    asks = feedback.by_ids(feedback_ids=feedback_ids(ticket.id), supplier_id=supplier_id)
    return TicketPage(
        id=ticket.id,
        public_id=ticket.public_id,
        title=ticket.title,
        description=ticket.description,
        product_id=ticket.product_id,
        product=product.name,
        state=state,
        state_text=texts.state(state),
        tone=texts.TONES[state],
        owner="".join(each.name for each in owners),
        dealers=dealers,
        opened_at=ticket.opened_at,
        asks=asks,
        events=_events(ticket.id),
    )


def _events(ticket_id: int) -> Sequence[EventRow]:
    found = db.session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket_id)
        .order_by(TicketEvent.at, TicketEvent.id)
    ).all()
    people = accounts.persons({each.actor_person_id for each in found if each.actor_person_id})
    names = {person_id: person.name for person_id, person in people.items()}
    return [
        EventRow(
            sentence=texts.event(EventKind(each.kind), pieces=each.pieces),
            text=each.text,
            who=names.get(each.actor_person_id or 0, ""),
            at=each.at,
        )
        for each in found
    ]


def feedback_ids(ticket_id: int) -> Sequence[int]:
    """Return the feedback behind a ticket, smallest id first."""
    return db.session.scalars(
        select(Ask.feedback_id).where(Ask.ticket_id == ticket_id).order_by(Ask.feedback_id)
    ).all()


def public_id_of_feedbacks_ticket(*, feedback_public_id: str, supplier_id: int) -> str | None:
    """Return the public id of the supplier's ticket that this feedback is in, or None."""
    rows = feedback.chosen(public_ids=[feedback_public_id], supplier_id=supplier_id)
    return db.session.scalar(
        select(Ticket.public_id)
        .join(Ask, Ask.ticket_id == Ticket.id)
        .where(Ask.feedback_id.in_([row.id for row in rows]), Ticket.supplier_id == supplier_id)
    )


def ids(*, public_ids: Collection[str], supplier_id: int) -> Sequence[int]:
    """Return the ids of a supplier's tickets; absent and foreign ones are left out."""
    return db.session.scalars(
        select(Ticket.id)
        .where(Ticket.public_id.in_(public_ids), Ticket.supplier_id == supplier_id)
        .order_by(Ticket.id)
    ).all()


def dealers_behind(*, supplier_id: int, ticket_ids: Collection[int]) -> int:
    """Return how many dealers stand behind these tickets of a supplier, each counted once."""
    count = select(func.count(Ask.dealer_id.distinct()))
    wanted = count.where(Ask.supplier_id == supplier_id, Ask.ticket_id.in_(ticket_ids))
    return db.session.scalar(wanted) or 0


def releases_of_supplier(*, supplier_id: int, page: Page) -> Paged[ReleaseRow]:
    """Return what a supplier released, newest first."""
    mine = Release.supplier_id == supplier_id
    found = db.session.scalars(
        select(Release)
        .where(mine)
        .order_by(Release.released_on.desc(), Release.id.desc())
        .limit(page.size)
        .offset(page.offset)
    ).all()
    release_ids = [each.id for each in found]
    titles, dealers = _settled(release_ids), _told(release_ids)
    rows = [
        ReleaseRow(
            public_id=each.public_id,
            title=each.title,
            notes=each.notes,
            released_on=each.released_on,
            tickets=[title for release_id, title in titles if release_id == each.id],
            dealers=dealers.get(each.id, 0),
        )
        for each in found
    ]
    total = db.session.scalar(select(func.count()).select_from(Release).where(mine)) or 0
    return Paged(rows=rows, total=total, page=page)


def released_count(*, supplier_id: int, since: date) -> int:
    """Return how many releases a supplier has had since the local date `since`, it included."""
    count = select(func.count()).select_from(Release)
    found = count.where(Release.supplier_id == supplier_id, Release.released_on >= since)
    return db.session.scalar(found) or 0


def _settled(release_ids: Sequence[int]) -> Sequence[tuple[int, str]]:
    """Return the titles of the tickets of each release."""
    return db.session.execute(
        select(ReleaseTicket.release_id, Ticket.title)
        .join(Ticket, Ticket.id == ReleaseTicket.ticket_id)
        .where(ReleaseTicket.release_id.in_(release_ids))
        .order_by(ReleaseTicket.release_id, Ticket.id)
    ).all()


def _told(release_ids: Sequence[int]) -> Mapping[int, int]:
    """Return how many dealers stood behind each release."""
    found = db.session.execute(
        select(ReleaseTicket.release_id, func.count(Ask.dealer_id.distinct()))
        .join(Ask, Ask.ticket_id == ReleaseTicket.ticket_id)
        .where(ReleaseTicket.release_id.in_(release_ids))
        .group_by(ReleaseTicket.release_id)
    )
    return dict(found.all())


def ticket_with_key(*, supplier_id: int, submission_key: str) -> Ticket:
    """Return the ticket that must be there: the database has just refused its key."""
    return db.session.scalars(
        select(Ticket).where(
            Ticket.supplier_id == supplier_id, Ticket.submission_key == submission_key
        )
    ).one()


def is_announced(*, supplier_id: int, submission_key: str) -> bool:
    """Tell whether a supplier's release with this key is out already."""
    found = select(Release.id).where(
        Release.supplier_id == supplier_id, Release.submission_key == submission_key
    )
    return db.session.scalar(found) is not None


def release_with_key(*, supplier_id: int, submission_key: str) -> Release:
    """Return the release that must be there: the database has just refused its key."""
    return db.session.scalars(
        select(Release).where(
            Release.supplier_id == supplier_id, Release.submission_key == submission_key
        )
    ).one()

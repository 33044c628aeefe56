"""Writes of tickets and releases: each keeps the dealers who asked up to date."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.db import Conflict, db, refuse_conflicts
from portal.feedback import actions as feedback_actions
from portal.feedback import pieces as feedback_pieces
from portal.feedback.pieces import Piece
from portal.feedback.rules import IllegalMove as IllegalFeedbackMove
from portal.feedback.rules import State as FeedbackState
from portal.tickets import queries, rules
from portal.tickets.models import Ask, Release, ReleaseTicket, Ticket, TicketEvent
from portal.tickets.rules import EventKind, State


class NoSuchTicket(LookupError):
    """There is no such ticket, or it is another supplier's."""


class CannotTakeIn(ValueError):
    """A ticket does not take in the chosen feedback; each reason is a class of its own."""


class NothingChosen(CannotTakeIn):
    """A ticket stands on feedback: at least one piece has to be chosen."""


class MixedProducts(CannotTakeIn):
    """A ticket is opened on one product's feedback."""


class AlreadyLinked(CannotTakeIn):
    """Some of the feedback is in a ticket already."""


class NotLinkable(CannotTakeIn):
    """Some of the feedback has been declined or shipped since."""


class TicketClosed(CannotTakeIn):
    """The ticket was released or declined: it takes in nothing more."""


class NotReleasable(ValueError):
    """No ticket was chosen, or one is not (or no longer) this supplier's to release."""


# What a ticket's step means for the feedback behind it.
_TELLS = {State.ACCEPTED: FeedbackState.ACCEPTED, State.DECLINED: FeedbackState.DECLINED}
_MARKS = {
    FeedbackState.ACCEPTED: feedback_actions.mark_accepted,
    FeedbackState.DECLINED: feedback_actions.decline,
    FeedbackState.SHIPPED: feedback_actions.mark_shipped,
}


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """What a supplier writes when a ticket is opened; the key makes a second post harmless."""

    title: str
    description: str
    submission_key: str


@dataclass(frozen=True, slots=True)
class ReleaseDraft:
    """What a supplier announces; `notes` is Markdown, the key makes a second post harmless."""

    title: str
    notes: str
    released_on: date
    submission_key: str


def open_for(
    *,
    supplier_id: int,
    person_id: int | None,
    draft: TicketDraft,
    feedback_ids: Collection[int],
    at: datetime,
) -> Ticket:
    """Open a ticket on a supplier's own feedback about one product, and tell who asked.

    The same key gives the same ticket. Raises NothingChosen, NoSuchFeedback (of the feedback
    room), MixedProducts, AlreadyLinked, NotLinkable.
    """
    pieces = _pieces(supplier_id=supplier_id, feedback_ids=feedback_ids)
    if len({piece.product_id for piece in pieces}) > 1:
        raise MixedProducts(feedback_ids)
    ticket = Ticket(
        public_id=secrets.token_hex(16),
        supplier_id=supplier_id,
        product_id=pieces[0].product_id,
        title=draft.title,
        description=draft.description,
        state=State.OPEN.value,
        opened_at=at,
        owner_person_id=person_id,
        submission_key=draft.submission_key,
    )
    try:
        with refuse_conflicts():
            db.session.add(ticket)
    except Conflict:
        return queries.ticket_with_key(supplier_id=supplier_id, submission_key=draft.submission_key)
    _record(ticket, EventKind.OPENED, pieces=len(pieces), person_id=person_id, at=at)
    _take_in(ticket, pieces, person_id=person_id, at=at)
    return ticket


def link(
    *,
    supplier_id: int,
    person_id: int | None,
    ticket_id: int,
    feedback_ids: Collection[int],
    at: datetime,
) -> None:
    """Add more of the supplier's own feedback to a ticket, and tell who gave it.

    Here other products of the supplier are welcome: the same trouble often meets several sizes
    of one thing. Raises NothingChosen, NoSuchTicket, NoSuchFeedback, TicketClosed, AlreadyLinked,
    NotLinkable.
    """
    ticket = _locked(supplier_id=supplier_id, ticket_id=ticket_id)
    if State(ticket.state) not in rules.ACTIVE:
        raise TicketClosed(ticket_id)
    pieces = _pieces(supplier_id=supplier_id, feedback_ids=feedback_ids)
    _record(ticket, EventKind.LINKED, pieces=len(pieces), person_id=person_id, at=at)
    _take_in(ticket, pieces, person_id=person_id, at=at)


def move(
    *,
    supplier_id: int,
    person_id: int | None,
    ticket_id: int,
    target: State,
    text: str,
    at: datetime,
) -> None:
    """Take a ticket a step further by hand; `text` is read by who asked when it says yes or no.

    Raises NoSuchTicket, IllegalMove, NeedsWords. RELEASED is announce()'s step.
    """
    ticket = _locked(supplier_id=supplier_id, ticket_id=ticket_id)
    current = State(ticket.state)
    if target is State.RELEASED:
        raise rules.IllegalMove(current=current, target=target)
    ticket.state = rules.move(current=current, target=target, text=text).value
    _record(ticket, EventKind(target.value), text=text, person_id=person_id, at=at)
    if target in _TELLS:
        _tell_askers(ticket, _TELLS[target], text=text, person_id=person_id, at=at)


def announce(
    *,
    supplier_id: int,
    person_id: int | None,
    draft: ReleaseDraft,
    ticket_ids: Collection[int],
    at: datetime,
    today: date,
) -> Release:
    """Announce a release: its tickets are done, and everybody who asked is told, once.

    The same key gives the same release and tells nobody again. `today` is the local date.
    Raises NotYetReleased, NoSuchTicket, NotReleasable.
    """
    rules.check_release_date(released_on=draft.released_on, today=today)
    release = Release(
        public_id=secrets.token_hex(16),
        supplier_id=supplier_id,
        title=draft.title,
        notes=draft.notes,
        released_on=draft.released_on,
        announced_at=at,
        submission_key=draft.submission_key,
    )
    try:
        with refuse_conflicts():
            db.session.add(release)
    except Conflict:
        return queries.release_with_key(
            supplier_id=supplier_id, submission_key=draft.submission_key
        )
    if not ticket_ids:
        raise NotReleasable(ticket_ids)
    with db.session.begin_nested():  # all of the tickets or none
        for ticket_id in sorted(set(ticket_ids)):
            ticket = _locked(supplier_id=supplier_id, ticket_id=ticket_id)
            _ship(ticket, release, person_id=person_id, at=at)
    return release


def _ship(ticket: Ticket, release: Release, *, person_id: int | None, at: datetime) -> None:
    if State(ticket.state) not in rules.RELEASABLE:
        raise NotReleasable(ticket.id)
    ticket.state = State.RELEASED.value
    db.session.add(
        ReleaseTicket(release_id=release.id, ticket_id=ticket.id, supplier_id=ticket.supplier_id)
    )
    _record(ticket, EventKind.RELEASED, text=release.title, person_id=person_id, at=at)
    text = rules.shipped_text(title=release.title, notes=release.notes)
    _tell_askers(ticket, FeedbackState.SHIPPED, text=text, person_id=person_id, at=at)


def _tell_askers(
    ticket: Ticket, target: FeedbackState, *, text: str, person_id: int | None, at: datetime
) -> None:
    """Take the feedback behind a ticket along, except what was settled on its own before."""
    behind = queries.feedback_ids(ticket.id)
    for feedback_id in feedback_pieces.movable(feedback_ids=behind, target=target):
        _MARKS[target](
            feedback_id=feedback_id,
            supplier_id=ticket.supplier_id,
            person_id=person_id,
            text=text,
            at=at,
        )


def _pieces(*, supplier_id: int, feedback_ids: Collection[int]) -> Sequence[Piece]:
    """Return the chosen feedback, smallest id first so that two clerks never wait in a circle."""
    wanted = set(feedback_ids)
    if not wanted:
        raise NothingChosen(feedback_ids)
    pieces = feedback_pieces.of_supplier(supplier_id=supplier_id, feedback_ids=wanted)
    if len(pieces) != len(wanted):
        raise feedback_actions.NoSuchFeedback(wanted - {piece.id for piece in pieces})
    return pieces


def _take_in(
    ticket: Ticket, pieces: Sequence[Piece], *, person_id: int | None, at: datetime
) -> None:
    with db.session.begin_nested():  # all of the feedback or none
        for piece in pieces:
            _ask(ticket, piece)
            try:
                feedback_actions.mark_linked(
                    feedback_id=piece.id,
                    supplier_id=ticket.supplier_id,
                    person_id=person_id,
                    text=ticket.title,
                    at=at,
                )
            except IllegalFeedbackMove as error:
                raise NotLinkable(piece.id) from error


def _ask(ticket: Ticket, piece: Piece) -> None:
    """Put the dealer behind the ticket; whether the feedback is free, the database decides."""
    try:
        with refuse_conflicts():
            db.session.add(
                Ask(
                    ticket_id=ticket.id,
                    feedback_id=piece.id,
                    dealer_id=piece.dealer_id,
                    supplier_id=ticket.supplier_id,
                    asked_at=piece.submitted_at,
                )
            )
    except Conflict as conflict:
        raise AlreadyLinked(piece.id) from conflict


def _locked(*, supplier_id: int, ticket_id: int) -> Ticket:
    """Return the ticket as it is now; on PostgreSQL nobody else moves it meanwhile."""
    ticket = db.session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id, Ticket.supplier_id == supplier_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        raise NoSuchTicket(ticket_id)
    return ticket


def _record(
    ticket: Ticket,
    kind: EventKind,
    *,
    text: str = "",
    pieces: int = 0,
    person_id: int | None,
    at: datetime,
) -> None:
    db.session.add(
        TicketEvent(
            ticket_id=ticket.id,
            kind=kind.value,
            text=text,
            pieces=pieces,
            at=at,
            actor_person_id=person_id,
        )
    )
    db.session.flush()

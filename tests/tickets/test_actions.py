"""Tickets and releases: one ticket per feedback, everybody who asked is told, and told once."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from conftest import NOW
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError

from portal.db import db, unit_of_work
from portal.feedback import actions as feedback_actions
from portal.feedback.models import Feedback, FeedbackEvent
from portal.notices import queries as notices
from portal.paging import Page
from portal.tickets import actions, queries, rules
from portal.tickets.actions import ReleaseDraft, TicketDraft
from portal.tickets.models import Ask, Release, Ticket, TicketEvent
from portal.tickets.rules import State

LATER = NOW + timedelta(days=1)
TODAY = date(2026, 11, 22)


def told(actor):
    return [row.text for row in notices.of_member(member=actor.member, page=Page()).rows]


def feedback_state(given):
    return db.session.scalar(select(Feedback.state).where(Feedback.id == given.id))


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def draft(key="key"):
    return TicketDraft(title="到账慢", description="", submission_key=key)


def release(supplier, *ticket_ids, key="once", on=TODAY):
    return actions.announce(
        supplier_id=supplier.organisation_id,
        person_id=supplier.person_id,
        draft=ReleaseDraft(
            title="加了一条充值通道", notes="晚上也快了", released_on=on, submission_key=key
        ),
        ticket_ids=ticket_ids,
        at=LATER,
        today=TODAY,
    )


def move(supplier, ticket, target, words="写给渠道商的话"):
    actions.move(
        supplier_id=supplier.organisation_id,
        person_id=supplier.person_id,
        ticket_id=ticket.id,
        target=target,
        text=words,
        at=LATER,
    )


def link(supplier, ticket, *given):
    actions.link(
        supplier_id=supplier.organisation_id,
        person_id=supplier.person_id,
        ticket_id=ticket.id,
        feedback_ids=[each.id for each in given],
        at=LATER,
    )


def test_a_ticket_links_its_feedback_and_tells_each_dealer(cast, goods, give, open_ticket, context):
    first, second = give(cast.dealer_a, goods.coins), give(cast.dealer_b, goods.coins)

    ticket = open_ticket(cast.supplier_a, first, second)

    assert ticket.dealers == 2
    assert [feedback_state(each) for each in (first, second)] == ["linked", "linked"]
    assert len(told(cast.dealer_a)) == len(told(cast.dealer_b)) == 1


def test_demand_counts_a_dealer_once_however_often_they_ask(
    cast, goods, give, open_ticket, context
):
    given = [give(cast.dealer_a, goods.coins) for _ in range(3)]

    assert open_ticket(cast.supplier_a, *given).dealers == 1


def test_the_same_key_opens_the_same_ticket(cast, goods, give, context):
    given = give(cast.dealer_a, goods.coins)
    who = {"supplier_id": cast.supplier_a.organisation_id, "person_id": None, "at": LATER}

    with unit_of_work():
        first = actions.open_for(draft=draft(), feedback_ids=[given.id], **who).id
    with unit_of_work():
        second = actions.open_for(draft=draft(), feedback_ids=[given.id], **who).id

    assert first == second
    assert count(Ask) == 1


@pytest.mark.parametrize(
    ("products", "refusal"),
    [
        ([], actions.NothingChosen),
        (["coins", "coins_large"], actions.MixedProducts),
        (["films"], feedback_actions.NoSuchFeedback),  # supplier B's
        (["coins", "films"], feedback_actions.NoSuchFeedback),
    ],
)
def test_a_ticket_is_not_opened_on(products, refusal, cast, goods, give, context):
    given = [give(cast.dealer_a, getattr(goods, name)) for name in products]

    with pytest.raises(refusal):
        actions.open_for(
            supplier_id=cast.supplier_a.organisation_id,
            person_id=None,
            draft=draft(),
            feedback_ids=[each.id for each in given],
            at=LATER,
        )


def test_the_database_refuses_an_ask_across_suppliers(cast, goods, give, open_ticket, context):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    foreign = give(cast.dealer_a, goods.films)

    for supplier in (cast.supplier_a, cast.supplier_b):
        db.session.add(
            Ask(
                ticket_id=ticket.id,
                feedback_id=foreign.id,
                dealer_id=cast.dealer_a.organisation_id,
                supplier_id=supplier.organisation_id,
                asked_at=NOW,
            )
        )
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


def test_feedback_on_another_product_of_the_supplier_may_be_added_later(
    cast, goods, give, open_ticket, context
):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    large = give(cast.dealer_b, goods.coins_large)

    with unit_of_work():
        link(cast.supplier_a, ticket, large)

    assert feedback_state(large) == "linked"
    assert queries.counts_of_supplier(cast.supplier_a.organisation_id)[State.OPEN] == 1


def test_feedback_in_one_ticket_is_refused_by_another_and_nothing_half_done_stays(
    cast, goods, give, open_ticket, context
):
    taken, free = give(cast.dealer_a, goods.coins), give(cast.dealer_b, goods.coins)
    open_ticket(cast.supplier_a, taken)
    other = open_ticket(cast.supplier_a, give(cast.dealer_b, goods.coins))

    with pytest.raises(actions.AlreadyLinked):
        link(cast.supplier_a, other, free, taken)

    assert feedback_state(free) == "new"
    assert count(Ask) == 2


def test_a_closed_ticket_takes_in_nothing(cast, goods, give, open_ticket, context):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    with unit_of_work():
        move(cast.supplier_a, ticket, State.DECLINED)

    with pytest.raises(actions.TicketClosed):
        link(cast.supplier_a, ticket, give(cast.dealer_b, goods.coins))


def test_what_was_declined_on_its_own_cannot_be_linked(cast, goods, give, open_ticket, context):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    declined = give(cast.dealer_b, goods.coins)
    with unit_of_work():
        feedback_actions.decline(
            feedback_id=declined.id,
            supplier_id=cast.supplier_a.organisation_id,
            person_id=None,
            text="不在我们这边",
            at=LATER,
        )

    with pytest.raises(actions.NotLinkable):
        link(cast.supplier_a, ticket, declined)


@pytest.mark.parametrize("target", [State.ACCEPTED, State.DECLINED])
def test_yes_and_no_reach_every_dealer_who_asked(target, cast, goods, give, open_ticket, context):
    given = give(cast.dealer_a, goods.coins), give(cast.dealer_b, goods.coins)
    ticket = open_ticket(cast.supplier_a, *given)

    with unit_of_work():
        move(cast.supplier_a, ticket, target)

    assert [feedback_state(each) for each in given] == [target.value, target.value]
    assert len(told(cast.dealer_a)) == len(told(cast.dealer_b)) == 2


def test_declining_without_a_reason_is_refused(cast, goods, give, open_ticket, context):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))

    with pytest.raises(rules.NeedsWords):
        move(cast.supplier_a, ticket, State.DECLINED, words=" ")


def test_feedback_settled_on_its_own_is_left_alone_by_its_tickets_steps(
    cast, goods, give, open_ticket, accept, context
):
    given = give(cast.dealer_a, goods.coins)
    ticket = open_ticket(cast.supplier_a, given)
    with unit_of_work():
        feedback_actions.decline(
            feedback_id=given.id,
            supplier_id=cast.supplier_a.organisation_id,
            person_id=None,
            text="和这个工单无关",
            at=LATER,
        )

    accept(cast.supplier_a, ticket)

    assert feedback_state(given) == "declined"


def test_a_release_ships_every_ask_once_even_when_posted_twice(
    cast, goods, give, open_ticket, accept, context
):
    given = give(cast.dealer_a, goods.coins), give(cast.dealer_b, goods.coins)
    ticket = open_ticket(cast.supplier_a, *given)
    accept(cast.supplier_a, ticket)

    with unit_of_work():
        first = release(cast.supplier_a, ticket.id).id
    with unit_of_work():
        second = release(cast.supplier_a, ticket.id).id

    shipped = select(func.count()).where(FeedbackEvent.kind == "shipped")
    assert first == second
    assert count(Release) == 1
    assert [feedback_state(each) for each in given] == ["shipped", "shipped"]
    assert db.session.scalar(shipped) == 2
    assert sum("改好上线" in text for text in told(cast.dealer_a)) == 1


def test_another_release_does_not_settle_a_ticket_again(
    cast, goods, give, open_ticket, accept, context
):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    accept(cast.supplier_a, ticket)
    with unit_of_work():
        release(cast.supplier_a, ticket.id)

    with pytest.raises(actions.NotReleasable):
        release(cast.supplier_a, ticket.id, key="another")


@pytest.mark.asvs("V2.3.1")
def test_a_ticket_that_nobody_accepted_is_not_released(cast, goods, give, open_ticket, context):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))

    with pytest.raises(actions.NotReleasable):
        release(cast.supplier_a, ticket.id)


def test_a_release_of_tomorrow_waits_for_tomorrow(cast, goods, give, open_ticket, accept, context):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    accept(cast.supplier_a, ticket)

    with pytest.raises(rules.NotYetReleased):
        release(cast.supplier_a, ticket.id, on=TODAY + timedelta(days=1))


def test_a_supplier_cannot_move_link_or_release_anothers_ticket(
    cast, goods, give, open_ticket, accept, context
):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    own = give(cast.dealer_a, goods.films)
    accept(cast.supplier_a, ticket)

    with pytest.raises(actions.NoSuchTicket):
        move(cast.supplier_b, ticket, State.DECLINED)
    with pytest.raises(actions.NoSuchTicket):
        link(cast.supplier_b, ticket, own)
    with pytest.raises(actions.NoSuchTicket):
        release(cast.supplier_b, ticket.id)


def test_a_tickets_history_is_never_rewritten(cast, goods, give, open_ticket, context):
    open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))

    with pytest.raises(IntegrityError, match="ticket_event_is_fixed"):
        db.session.execute(text("UPDATE ticket_event SET text = 'rewritten'"))
    db.session.rollback()
    assert count(TicketEvent) == 1


# ---- two clerks at once ----


def race(app, supplier, tickets, given):
    """Let one clerk per ticket link the same feedback at the same moment; return what each got."""
    start, outcomes = Barrier(len(tickets)), []

    def clerk(ticket):
        with app.app_context():
            start.wait()
            try:
                with unit_of_work():
                    link(supplier, ticket, given)
                outcomes.append("linked")
            except actions.CannotTakeIn as error:
                outcomes.append(type(error).__name__)
            finally:
                db.session.remove()

    threads = [Thread(target=clerk, args=(ticket,)) for ticket in tickets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.fixture
def two_tickets(cast, goods, give, open_ticket):
    return [open_ticket(cast.supplier_a, give(cast.dealer_b, goods.coins)) for _ in range(2)]


def test_two_clerks_link_the_same_feedback_and_one_ticket_gets_it(
    app, cast, goods, give, two_tickets
):
    given = give(cast.dealer_a, goods.coins)

    outcomes = race(app, cast.supplier_a, two_tickets, given)

    with app.app_context():
        asks = db.session.scalar(select(func.count()).where(Ask.feedback_id == given.id))
    assert outcomes == ["AlreadyLinked", "linked"]
    assert asks == 1


def alter(statement):
    """Run a statement that changes the schema.

    On a connection of its own: SQLite answers from what a pooled connection has read of the
    schema before ("already exists").
    """
    db.engine.dispose()
    with db.engine.begin() as connection:
        connection.execute(text(statement))


def test_control_without_the_unique_index_two_tickets_hold_the_same_feedback(
    context, cast, goods, give, two_tickets
):
    given = give(cast.dealer_a, goods.coins)
    alter("DROP INDEX uq_ask_feedback")
    try:
        with unit_of_work():
            for ticket in two_tickets:
                db.session.add(
                    Ask(
                        ticket_id=ticket.id,
                        feedback_id=given.id,
                        dealer_id=cast.dealer_a.organisation_id,
                        supplier_id=cast.supplier_a.organisation_id,
                        asked_at=NOW,
                    )
                )
        asks = db.session.scalar(select(func.count()).where(Ask.feedback_id == given.id))
        db.session.rollback()
    finally:
        with unit_of_work():
            db.session.execute(delete(Ask))
        alter("CREATE UNIQUE INDEX uq_ask_feedback ON ask (feedback_id)")

    assert asks == 2


def test_two_taps_on_announce_at_once_release_once(app, cast, goods, give, open_ticket, accept):
    ticket = open_ticket(cast.supplier_a, give(cast.dealer_a, goods.coins))
    accept(cast.supplier_a, ticket)
    start, ids = Barrier(2), []

    def tap():
        with app.app_context():
            start.wait()
            with unit_of_work():
                ids.append(release(cast.supplier_a, ticket.id).id)
            db.session.remove()

    threads = [Thread(target=tap) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with app.app_context():
        shipped = db.session.scalar(select(func.count()).where(FeedbackEvent.kind == "shipped"))
        state = db.session.scalar(select(Ticket.state).where(Ticket.id == ticket.id))
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert shipped == 1
    assert state == "released"

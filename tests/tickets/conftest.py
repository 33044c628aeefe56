"""The feedback room's small catalogue, and a way to open a ticket on feedback."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from conftest import NOW, Actor
from feedback.conftest import Given, Goods, give, goods  # noqa: F401 – fixtures of that room
from flask import Flask

from portal.db import unit_of_work
from portal.tickets import actions, queries
from portal.tickets.actions import TicketDraft
from portal.tickets.queries import TicketPage
from portal.tickets.rules import State

LATER = NOW + timedelta(days=1)


@pytest.fixture
def open_ticket(app: Flask) -> Callable[..., TicketPage]:
    """Return a function by which a supplier opens a ticket, by default the day after NOW."""

    def open_for(supplier: Actor, *given: Given, title: str = "晚高峰到账慢") -> TicketPage:
        with app.app_context(), unit_of_work():
            ticket = actions.open_for(
                supplier_id=supplier.organisation_id,
                person_id=supplier.person_id,
                draft=TicketDraft(title=title, description="", submission_key=f"t-{given[0].id}"),
                feedback_ids=[each.id for each in given],
                at=LATER,
            )
            public_id = ticket.public_id
        with app.app_context():
            page = queries.of_supplier(public_id=public_id, supplier_id=supplier.organisation_id)
            assert page is not None
            return page

    return open_for


@pytest.fixture
def accept(app: Flask) -> Callable[[Actor, TicketPage], None]:
    """Return a function by which a supplier accepts a ticket."""

    def take_on(supplier: Actor, ticket: TicketPage) -> None:
        with app.app_context(), unit_of_work():
            actions.move(
                supplier_id=supplier.organisation_id,
                person_id=supplier.person_id,
                ticket_id=ticket.id,
                target=State.ACCEPTED,
                text="下个月加一条通道",
                at=LATER,
            )

    return take_on

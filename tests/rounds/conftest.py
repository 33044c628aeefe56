"""A week in which one consultant has four hours, and shops that ask for them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from conftest import NOW, Cast
from flask import Flask

from portal import tenancy
from portal.booking.actions import hours
from portal.booking.rules.slots import Window
from portal.db import unit_of_work
from portal.rounds import actions, queries
from portal.rounds.actions import Declared

MONDAY = date(2026, 11, 30)
CLOSES = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
AFTER = CLOSES + timedelta(minutes=1)


def declared(**changes) -> Declared:
    values = {
        "first_day": MONDAY,
        "last_day": MONDAY + timedelta(days=6),
        "closes_at": CLOSES,
        "cap": 1,
        "small_bps": 0,
        "lottery_bps": 0,
    }
    return Declared(**(values | changes))


@pytest.fixture
def in_work(app: Flask):
    """Return what does something as a job would: for everybody, committed at its end."""

    def run(work: Callable):
        with app.app_context(), tenancy.for_everyone(reason="a test arranges"), unit_of_work():
            return work()

    return run


@pytest.fixture
def consultant(in_work, cast: Cast) -> int:
    """A consultant with two hours on Monday and two on Tuesday."""

    def add():
        found = hours.add_consultant(
            person_id=cast.consultant.member.person_id,
            organisation_id=cast.consultant.member.organisation_id,
            specialty_zh="复购",
            specialty_en="Repurchase",
            timezone="Asia/Shanghai",
        )
        hours.set_hours(consultant_id=found.id, windows=[Window(0, 600, 705), Window(1, 600, 705)])
        return found.id

    return in_work(add)


@pytest.fixture
def opened(in_work, cast, consultant):
    """Return what opens a round and gives its id."""

    def make(**changes) -> int:
        return in_work(
            lambda: (
                actions.open_round(declared=declared(**changes), by=cast.operator.member, at=NOW).id
            )
        )

    return make


@pytest.fixture
def hour_ids(in_work):
    """Return what gives the ids of a round's hours in order of time."""
    return lambda round_id: in_work(lambda: [each.id for each in queries.hours_of(round_id)])


@pytest.fixture
def ask(in_work):
    """Return what asks for an actor's shop."""

    def send(actor, round_id, hours, *, at=NOW):
        in_work(
            lambda: actions.ask(
                member=actor.member, round_id=round_id, hour_ids=hours, topic="聊复购", at=at
            )
        )

    return send

"""Everybody at once: an item is closed exactly once, and taken on once; each with its control."""

import contextlib
from collections import Counter

import pytest
from booking.test_rush import released_together
from conftest import empty
from learning.conftest import work_in
from practice.conftest import NOW, TODAY
from rows import all_of
from sqlalchemy import text

from portal.db import db, unit_of_work
from portal.notices.models import Notice
from portal.practice import actions, measuring
from portal.practice.models import ActionItem
from portal.practice.rules import Target

THREADS = 20


def everybody_closes(app, cast, public_id):
    """Return how often each outcome came up: imports and the shop's people close at once."""

    def close(number):
        with app.app_context():
            if number % 2:
                return "facts" if measuring.close_reached(at=NOW, today=TODAY) else "late"
            with contextlib.suppress(actions.IllegalMove), unit_of_work():
                actions.close_by_shop(
                    member=cast.dealer_a.member,
                    public_id=public_id,
                    note=f"店员 {number} 做完了",
                    picture=b"picture",
                    at=NOW,
                )
                return "picture"
            return "late"

    return Counter(released_together(THREADS, close))


@pytest.fixture
def reached(take, orders):
    public_id = take(target=Target("orders", 3, None), ago=5)
    orders("2026-11-17", "2026-11-18", "2026-11-20")
    return public_id


def test_of_twenty_that_close_one_item_at_once_exactly_one_does(app, cast, reached):
    outcomes = everybody_closes(app, cast, reached)

    assert outcomes["late"] == THREADS - 1
    with app.app_context():
        (item,) = all_of(ActionItem)
        assert outcomes[item.closed_by] == 1
        assert len(all_of(Notice)) == outcomes["facts"]


def test_without_the_guard_the_same_twenty_close_it_again_and_again(
    app, cast, reached, monkeypatch
):
    monkeypatch.setattr(actions, "may_move_to", lambda _target: ())

    outcomes = everybody_closes(app, cast, reached)

    assert outcomes["late"] < THREADS - 1
    assert outcomes["facts"] + outcomes["picture"] > 1


def everybody_takes_on(app, cast, course):
    def take(_number):
        with app.app_context():
            try:
                with unit_of_work():
                    actions.take_on_lesson(
                        member=cast.dealer_a.member, slug=course, name="one", at=NOW
                    )
            except actions.AlreadyOpen:
                return "already"
            return "taken"

    return Counter(released_together(THREADS, take))


INDEX = "uq_action_item_open"


def test_of_twenty_taps_at_once_one_takes_the_action_on(app, cast, course):
    assert everybody_takes_on(app, cast, course) == {"taken": 1, "already": THREADS - 1}


def test_without_the_index_the_shop_has_the_same_thing_to_do_many_times(app, cast, course):
    with work_in(app):
        db.session.execute(text(f"DROP INDEX {INDEX}"))
    try:
        assert everybody_takes_on(app, cast, course)["taken"] > 1
    finally:
        empty(app)
        with app.app_context():
            index = next(each for each in ActionItem.__table__.indexes if each.name == INDEX)
            index.create(db.engine)

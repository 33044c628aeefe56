"""Order facts close what is reached, once; late ones too; corrections open nothing again."""

from datetime import date, timedelta

import pytest
from practice.conftest import NOW, TODAY
from rows import all_of

from portal import jobs
from portal.db import unit_of_work
from portal.notices.models import Notice
from portal.outbox import actions as outbox
from portal.outbox.models import Job
from portal.practice import actions, measuring
from portal.practice.models import ActionItem
from portal.practice.rules import Target
from portal.sales.actions import deciding

THREE_ORDERS = Target("orders", 3, None)


@pytest.fixture
def items(app):
    """Return a function that gives the items as they are committed, oldest first."""

    def stored() -> list[ActionItem]:
        with app.app_context():
            return sorted(all_of(ActionItem), key=lambda each: each.id)

    return stored


@pytest.fixture
def told(app):
    def notices() -> list[Notice]:
        with app.app_context():
            return sorted(all_of(Notice), key=lambda each: each.id)

    return notices


def test_what_the_orders_show_is_closed_with_its_figure_and_told_once(
    take, orders, look, items, told
):
    public_id = take(target=THREE_ORDERS, ago=5)
    version = orders("2026-11-17", "2026-11-18", "2026-11-20", "2026-11-21")

    assert look() == 1
    assert look() == 0

    (item,) = items()
    assert (item.state, item.closed_by, item.figure) == ("done", "facts", 4)
    assert (item.facts_version, item.facts_until) == (version, date(2026, 11, 21))
    (notice,) = told()
    assert (notice.kind, notice.path) == ("action.done", f"/actions/{public_id}")
    assert (notice.params["figure"], notice.params["target"]) == ("4", "3")
    assert notice.params["titles"]["en"] == "List three new products"


def test_what_is_not_reached_yet_shows_how_far_it_is(take, orders, look, items, told):
    take(target=THREE_ORDERS, ago=5)
    orders("2026-11-16", "2026-11-17", "2026-11-20")

    assert look() == 0

    (item,) = items()
    assert (item.state, item.figure, item.facts_until) == ("open", 2, date(2026, 11, 20))
    assert told() == []


def test_orders_of_another_shop_close_nothing(take, orders, look, items):
    take(target=THREE_ORDERS, ago=5)
    orders("2026-11-17", "2026-11-18", "2026-11-20", 分站="acheng")

    assert look() == 0
    assert items()[0].lacking == "no_orders"


def test_an_open_item_is_missed_after_its_due_day_and_late_orders_still_close_it(
    take, orders, look, items, told
):
    take(target=THREE_ORDERS, ago=7)
    take(target=THREE_ORDERS, ago=8, code="late")
    orders("2026-11-01")

    look()
    assert [each.state for each in items()] == ["open", "missed"]

    orders("2026-11-14", "2026-11-21")  # the first and the last day of the one that is missed
    look()

    assert [each.state for each in items()] == ["open", "missed"]
    orders("2026-11-15", "2026-11-16")
    assert look(NOW + timedelta(days=3)) == 2
    assert [each.state for each in items()] == ["done", "done"]
    assert len(told()) == 2


def test_a_correction_takes_nothing_back(take, orders, look, items, told):
    take(target=THREE_ORDERS, ago=5)
    orders("2026-11-17", "2026-11-18", "2026-11-20")
    look()
    before = items()[0]

    corrected = orders("2026-11-17", "2026-11-18", "2026-11-20", first_number=1, 订单状态="未支付")
    assert corrected != before.facts_version
    look(NOW + timedelta(hours=1))

    after = items()[0]
    assert (after.state, after.figure, after.closed_at) == ("done", 3, before.closed_at)
    assert len(told()) == 1


def test_without_facts_nothing_changes(take, look, items):
    take(target=THREE_ORDERS, ago=5)

    assert look() == 0
    assert items()[0].facts_version is None


def test_taking_on_and_every_import_and_build_let_the_orders_be_looked_at(app, take, orders, items):
    orders("2026-11-17", "2026-11-18", "2026-11-20")
    take(target=THREE_ORDERS, ago=5)
    with app.app_context():
        assert [each.kind for each in all_of(Job)] == [actions.CLOSE]

    jobs.run_all(app)

    assert items()[0].state == "done"
    assert jobs.FOLLOWED_BY[deciding.IMPORT] == (actions.CLOSE,)


def test_the_end_of_an_import_posts_one_look_however_often_the_import_was_tried(app, as_deployed):
    kind = deciding.IMPORT
    with app.app_context(), unit_of_work():
        outbox.post(kind=kind, args={"import_id": 0}, at=NOW)

    assert jobs.run_next(app, owner="w", handlers={kind: lambda *_: None})

    with app.app_context():
        assert sorted(each.kind for each in all_of(Job)) == sorted([kind, actions.CLOSE])


def remind(app, days=0):
    at = NOW + timedelta(days=days)
    with app.app_context():
        return measuring.remind(at=at, today=TODAY + timedelta(days=days))


def test_a_person_is_reminded_of_all_that_is_due_once(app, take, told):
    take(target=None, ago=5)
    take(target=None, ago=6, code="sooner")
    take(target=None, ago=1, code="not yet")

    assert (remind(app), remind(app), remind(app, days=1)) == (1, 0, 0)

    (notice,) = told()
    assert (notice.kind, notice.path) == ("action.due", "/actions")
    assert (notice.params["count"], notice.params["due_on"]) == (2, "2026-11-23")


def test_nobody_is_reminded_twice_on_one_day(app, take, told):
    take(target=None, ago=5)
    remind(app)
    take(target=None, ago=6, code="came later")

    assert remind(app) == 0
    assert remind(app, days=1) == 1
    assert len(told()) == 2

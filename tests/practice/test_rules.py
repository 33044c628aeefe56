"""What closes an action item, when it is late, and what its life allows."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.practice import rules
from portal.practice.rules import ClosedBy, Lacking, Reading, State, Target
from reports.metrics.window import WindowSums

TAKEN, DUE = date(2026, 11, 10), date(2026, 11, 17)
SUMS = WindowSums(
    orders=20,
    gmv_minor=100_000,
    refund_minor=2_000,
    buyers=12,
    returning_buyers=4,
    new_products=3,
    categories=2,
    currency="CNY",
)


def at_least(measure, bound):
    return Target(measure, bound, None)


def at_most(measure, bound):
    return Target(measure, None, bound)


def read(target, sums=SUMS, until=DUE):
    return rules.read(target, sums=sums, taken_on=TAKEN, due_on=DUE, facts_until=until)


@pytest.mark.parametrize(
    ("measure", "figure"),
    [
        ("orders", 20),
        ("buyers", 12),
        ("returning_buyers", 4),
        ("new_products", 3),
        ("categories", 2),
        ("average_order", 5_000),
    ],
)
def test_a_figure_that_meets_its_target_closes_and_one_below_does_not(measure, figure):
    assert read(at_least(measure, figure)) == Reading(figure=figure, reached=True)
    assert read(at_least(measure, figure + 1)) == Reading(figure=figure)


def test_a_rate_closes_at_its_bound_and_not_above_it():
    assert read(at_most("refund_rate", 200)) == Reading(figure=200, reached=True)
    assert read(at_most("refund_rate", 199)) == Reading(figure=200)


def test_a_rate_that_only_rounds_to_its_bound_is_above_it():
    sums = replace(SUMS, refund_minor=2_004)  # 200.4 basis points

    assert read(at_most("refund_rate", 200), sums) == Reading(figure=200, reached=False)


def test_an_average_that_only_rounds_up_to_its_bound_is_below_it():
    sums = replace(SUMS, gmv_minor=99_999)  # 4999.95

    assert read(at_least("average_order", 5_000), sums) == Reading(figure=5_000, reached=False)


@pytest.mark.parametrize("target", [at_least("average_order", 1), at_most("refund_rate", 9_000)])
def test_what_may_still_turn_is_not_closed_before_its_last_day_is_in_the_facts(target):
    assert not read(target, until=DUE - timedelta(days=1)).reached
    assert read(target).reached


def test_a_count_closes_as_soon_as_it_is_reached():
    assert read(at_least("orders", 20), until=TAKEN).reached


@pytest.mark.parametrize("measure", ["average_order", "refund_rate"])
def test_fewer_than_ten_orders_say_nothing_of_an_average_or_a_rate(measure):
    target = at_least(measure, 1) if measure == "average_order" else at_most(measure, 9_000)

    assert read(target, replace(SUMS, orders=9)) == Reading(lacking=Lacking.FEW_ORDERS)
    assert read(target, replace(SUMS, orders=10)).lacking is None


@pytest.mark.parametrize(
    ("measure", "field", "why"),
    [
        ("buyers", "buyers", Lacking.NO_BUYERS),
        ("returning_buyers", "returning_buyers", Lacking.NO_BUYERS),
        ("new_products", "new_products", Lacking.SHORT_HISTORY),
        ("categories", "categories", Lacking.NO_CATEGORIES),
        ("refund_rate", "refund_minor", Lacking.NO_REFUNDS),
    ],
)
def test_what_the_source_does_not_tell_closes_nothing(measure, field, why):
    target = at_most(measure, 9_000) if measure == "refund_rate" else at_least(measure, 1)

    assert read(target, replace(SUMS, **{field: None})) == Reading(lacking=why)


def test_facts_that_end_before_the_first_day_say_nothing_yet():
    before = TAKEN - timedelta(days=1)

    assert read(at_least("orders", 1), until=before) == Reading(lacking=Lacking.NOT_YET)
    assert read(at_least("orders", 1), None) == Reading(lacking=Lacking.NO_ORDERS)


def test_the_due_day_is_so_many_days_after_taking_on_and_counts_itself():
    due = rules.due_on(taken_on=TAKEN, within_days=7)

    assert due == DUE
    assert not rules.is_overdue(due_on=due, today=DUE)
    assert rules.is_overdue(due_on=due, today=DUE + timedelta(days=1))


@pytest.mark.parametrize(("ahead", "reminded"), [(-1, False), (0, True), (2, True), (3, False)])
def test_a_reminder_comes_in_the_last_days_only(ahead, reminded):
    today = DUE - timedelta(days=ahead)

    assert rules.is_to_be_reminded(taken_on=TAKEN, due_on=DUE, today=today) is reminded
    assert not rules.is_to_be_reminded(taken_on=today, due_on=DUE, today=today)


@pytest.mark.parametrize(
    ("by", "hours", "may"),
    [
        (ClosedBy.WORDS, 23, True),
        (ClosedBy.PICTURE, 24, False),
        (ClosedBy.FACTS, 1, False),
        (None, 1, False),
    ],
)
def test_a_shop_takes_back_its_own_closing_for_a_day_and_never_the_facts(by, hours, may):
    closed_at = datetime(2026, 11, 20, tzinfo=UTC)
    at = closed_at + timedelta(hours=hours)

    assert rules.may_undo(closed_by=by, closed_at=closed_at, at=at) is may


def test_what_was_given_up_stays_given_up_and_what_is_done_is_not_done_twice():
    assert State.DROPPED not in {each for target in State for each in rules.sources_of(target)}
    assert rules.sources_of(State.DONE) == (State.OPEN, State.MISSED)

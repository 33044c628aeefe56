"""The life cycle of tickets, and what must be said with a step."""

from datetime import date

import pytest

from portal.tickets import rules
from portal.tickets.rules import MOVES, IllegalMove, NeedsWords, State


@pytest.mark.parametrize("current", State)
@pytest.mark.parametrize("target", State)
def test_a_step_is_allowed_exactly_when_the_table_lists_it(current, target):
    if target in MOVES[current]:
        assert rules.move(current=current, target=target, text="因为") is target
    else:
        with pytest.raises(IllegalMove):
            rules.move(current=current, target=target, text="因为")


@pytest.mark.parametrize("target", [State.ACCEPTED, State.DECLINED])
def test_yes_and_no_need_words_for_who_asked(target):
    with pytest.raises(NeedsWords):
        rules.move(current=State.OPEN, target=target, text=" \n")


def test_building_needs_no_words():
    assert rules.move(current=State.ACCEPTED, target=State.BUILDING, text="") is State.BUILDING


def test_releasing_is_no_step_by_hand():
    assert all(State.RELEASED not in rules.by_hand(state) for state in State)
    assert rules.by_hand(State.ACCEPTED) == (State.BUILDING, State.DECLINED)


def test_a_release_is_announced_on_its_day_at_the_earliest():
    rules.check_release_date(released_on=date(2026, 11, 22), today=date(2026, 11, 22))

    with pytest.raises(rules.NotYetReleased):
        rules.check_release_date(released_on=date(2026, 11, 23), today=date(2026, 11, 22))

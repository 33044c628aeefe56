"""A round from its opening to the booked sessions: nobody books past it, everybody reads why."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from conftest import NOW
from rounds.conftest import AFTER, CLOSES, MONDAY
from rows import all_of

from portal import jobs
from portal.booking.actions import bookings
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Booking
from portal.booking.queries import consultants
from portal.notices.models import Notice
from portal.rounds import actions, queries
from portal.rounds.models import AllocationRound, RoundRequest
from portal.rounds.rules import lottery, states
from portal.rounds.rules.states import Outcome, RoundState

MONDAY_10 = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)


def free(in_work, consultant, at=NOW):
    found = in_work(
        lambda: consultants.free_starts(consultant_ids=[consultant], dealer_id=0, at=at)
    )
    return [each for each in found[consultant] if each.date() >= MONDAY]


def decided(in_work, round_id):
    in_work(lambda: actions.decide(round_id=round_id, at=AFTER))


def published(app, in_work, cast, round_id):
    """Publish and let the worker do it, as it does in earnest."""
    in_work(lambda: actions.publish(round_id=round_id, by=cast.operator.member, at=AFTER))
    with time_machine.travel(AFTER, tick=False):
        jobs.run_all(app)


def test_a_round_takes_the_free_hours_and_nobody_books_past_it(in_work, consultant, opened, cast):
    before = free(in_work, consultant)
    round_id = opened()

    found = in_work(lambda: queries.hours_of(round_id))
    assert [each.starts_at for each in found] == before[:4]
    assert not [each for each in free(in_work, consultant) if each.date() < MONDAY + timedelta(7)]
    with pytest.raises(bookings.NotOffered):
        in_work(
            lambda: bookings.book(
                dealer_id=cast.dealer_a.member.organisation_id,
                person_id=cast.dealer_a.member.person_id,
                consultant_id=consultant,
                starts_at=MONDAY_10,
                topic="想插队",
                submission_key="past-the-round",
                at=NOW,
            )
        )


def test_a_consultant_is_in_one_round_at_a_time(opened):
    opened()
    with pytest.raises(actions.UnderWay):
        opened(first_day=MONDAY + timedelta(7), last_day=MONDAY + timedelta(8))


def test_days_without_a_free_hour_make_no_round(opened):
    with pytest.raises(actions.NoHours):
        opened(first_day=MONDAY + timedelta(5), last_day=MONDAY + timedelta(6))


def test_what_is_given_is_booked_told_and_the_rest_can_be_booked_again(
    app, in_work, cast, consultant, opened, hour_ids, ask
):
    round_id = opened()
    hours = hour_ids(round_id)
    ask(cast.dealer_a, round_id, hours[:1])
    ask(cast.dealer_b, round_id, hours[:2], at=NOW + timedelta(minutes=1))
    decided(in_work, round_id)
    published(app, in_work, cast, round_id)

    with app.app_context():
        booked = {each.dealer_id: each.starts_at for each in all_of(Booking)}
        assert booked == {
            cast.dealer_a.member.organisation_id: MONDAY_10,
            cast.dealer_b.member.organisation_id: MONDAY_10 + timedelta(hours=1),
        }
        kinds = [each.kind for each in all_of(Notice)]
        assert kinds.count("round.opened") == kinds.count("round.decided") == 2
        assert all_of(AllocationRound)[0].state == RoundState.PUBLISHED
        assert all_of(Consultant)[0].withheld_from is None
    left = [each for each in free(in_work, consultant, at=AFTER) if each.date() <= MONDAY]
    assert MONDAY_10 not in left


def test_the_round_is_decided_by_itself_when_it_closes(app, in_work, cast, opened, hour_ids, ask):
    round_id = opened()
    ask(cast.dealer_a, round_id, hour_ids(round_id))
    with time_machine.travel(CLOSES - timedelta(minutes=1), tick=False):
        jobs.run_all(app)
        assert in_work(lambda: queries.round_of(round_id)).state is RoundState.OPEN
    with time_machine.travel(AFTER, tick=False):
        jobs.run_all(app)

    found = in_work(lambda: queries.round_of(round_id))
    assert (found.state, found.given, found.seed) == (RoundState.DECIDED, 1, "")


def test_who_gets_nothing_is_better_off_in_the_next_round(
    app, in_work, cast, opened, hour_ids, ask
):
    round_id = opened()
    first = hour_ids(round_id)[:1]
    ask(cast.dealer_a, round_id, first)
    ask(cast.dealer_b, round_id, first)
    decided(in_work, round_id)
    published(app, in_work, cast, round_id)

    with app.app_context():
        outcomes = {each.dealer_id: each.outcome for each in all_of(RoundRequest)}
    assert sorted(outcomes.values()) == [Outcome.GIVEN, Outcome.NOTHING]
    loser = next(key for key, each in outcomes.items() if each == Outcome.NOTHING)
    again = opened(first_day=MONDAY + timedelta(7), last_day=MONDAY + timedelta(9))
    for actor in (cast.dealer_a, cast.dealer_b):
        ask(actor, again, hour_ids(again)[:1])
    decided(in_work, again)
    with app.app_context():
        second = {each.dealer_id: each for each in all_of(RoundRequest) if each.round_id == again}
    waited = {key: each.parts[-1]["points"] for key, each in second.items()}
    assert waited[loser] == 5
    assert second[loser].outcome == Outcome.GIVEN


def test_an_hour_that_is_gone_when_it_is_booked_is_said_to_be_gone(
    app, in_work, cast, consultant, opened, hour_ids, ask
):
    round_id = opened()
    ask(cast.dealer_a, round_id, hour_ids(round_id)[:1])
    decided(in_work, round_id)
    in_work(
        lambda: bookings.enter(
            dealer_id=cast.dealer_b.member.organisation_id,
            person_id=cast.dealer_b.member.person_id,
            consultant_id=consultant,
            starts_at=MONDAY_10,
            ends_at=MONDAY_10 + timedelta(minutes=45),
            topic="早就约好的",
            submission_key="agreed-elsewhere",
            at=NOW,
        )
    )
    published(app, in_work, cast, round_id)

    with app.app_context():
        assert [each.outcome for each in all_of(RoundRequest)] == [Outcome.GONE]
        assert len(all_of(Booking)) == 1


def test_publishing_that_broke_off_goes_on_and_books_nothing_twice(
    app, in_work, cast, opened, hour_ids, ask
):
    round_id = opened()
    hours = hour_ids(round_id)
    ask(cast.dealer_a, round_id, hours[:1])
    ask(cast.dealer_b, round_id, hours[1:2])
    decided(in_work, round_id)
    in_work(lambda: actions.publish(round_id=round_id, by=cast.operator.member, at=AFTER))
    first = in_work(lambda: actions.request_ids(round_id))[0]
    in_work(lambda: actions.book_given(request_id=first, at=AFTER))  # and the worker dies here
    with time_machine.travel(AFTER, tick=False):
        jobs.run_all(app)

    with app.app_context():
        assert len(all_of(Booking)) == 2
        assert [each.kind for each in all_of(Notice)].count("booking.made") == 4


def test_a_cancelled_round_books_nothing_tells_who_asked_and_frees_the_hours(
    app, in_work, cast, consultant, opened, hour_ids, ask
):
    before = free(in_work, consultant)
    round_id = opened()
    ask(cast.dealer_a, round_id, hour_ids(round_id))
    in_work(lambda: actions.cancel(round_id=round_id, at=NOW))
    with time_machine.travel(AFTER, tick=False):
        jobs.run_all(app)

    with app.app_context():
        assert all_of(Booking) == []
        assert "round.cancelled" in [each.kind for each in all_of(Notice)]
    assert free(in_work, consultant) == before
    with pytest.raises(states.IllegalMove):
        in_work(lambda: actions.cancel(round_id=round_id, at=NOW))


def test_nobody_asks_after_the_end(in_work, opened, hour_ids, ask, cast):
    round_id = opened()
    with pytest.raises(actions.Closed):
        ask(cast.dealer_a, round_id, hour_ids(round_id), at=CLOSES)


def test_two_of_a_shop_who_ask_at_once_make_one_request(app, in_work, cast, opened, hour_ids, ask):
    round_id = opened()
    hours = hour_ids(round_id)
    together = threading.Barrier(2)

    def send(actor, wanted):
        together.wait()
        ask(actor, round_id, wanted)

    threads = [
        threading.Thread(target=send, args=each)
        for each in ((cast.dealer_a, hours[:1]), (cast.dealer_clerk, hours[1:2]))
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    with app.app_context():
        assert len(all_of(RoundRequest)) == 1


def test_the_result_can_be_recomputed_from_what_is_kept(app, in_work, cast, opened, hour_ids, ask):
    round_id = opened(lottery_bps=5000)
    for actor in (cast.dealer_a, cast.dealer_b):
        ask(actor, round_id, hour_ids(round_id))
    decided(in_work, round_id)
    published(app, in_work, cast, round_id)

    found = in_work(lambda: queries.round_of(round_id))
    with app.app_context():
        requests = {each.dealer_id: each for each in all_of(RoundRequest)}
    assert lottery.digest(found.seed) == found.digest
    assert [requests[each].place for each in lottery.order(requests, seed=found.seed)] == [1, 2]
    assert all(each.drawn for each in requests.values())
    assert all(sum(p["points"] for p in each.parts) == each.benefit for each in requests.values())

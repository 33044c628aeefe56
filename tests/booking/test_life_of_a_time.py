"""Whatever happens in whatever order, no two live allocations overlap: a state machine."""

import secrets
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, func, select

from benchmarks import bookings as benchmark
from portal.booking.actions import bookings, changes
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Allocation, Booking
from portal.booking.rules.sessions import Blocked, State
from portal.booking.rules.slots import to_minute
from portal.db import db, unit_of_work

NOON = benchmark.AT.replace(hour=12) + timedelta(days=1)
DEALERS = st.integers(0, 2)
CONSULTANTS = st.integers(0, 1)
# A quarter of an hour apart, so that sessions of 45 minutes overlap in part; few, so that they do.
STARTS = st.integers(0, 11).map(lambda number: NOON + timedelta(minutes=15 * number))


def live():
    return Allocation.live.is_(True)


class LifeOfATime(RuleBasedStateMachine):
    """Three shops and two consultants, one of whom says yes first, over three hours of a day."""

    world: benchmark.World

    sessions = Bundle("sessions")

    @initialize()
    def begin(self):
        self.at = benchmark.AT
        with unit_of_work():
            db.session.execute(delete(Allocation))
            db.session.execute(delete(Booking))

    def attempt(self, act):
        """Do it or be refused; anything else than a refusal fails the test."""
        try:
            with unit_of_work():
                return act()
        except (*benchmark.REFUSED, bookings.NoSuchSession):
            return None

    @rule(dealer=DEALERS, consultant=CONSULTANTS, starts_at=STARTS)
    def hold(self, dealer, consultant, starts_at):
        shop, _ = self.world.dealers[dealer]
        self.attempt(
            lambda: changes.hold(
                dealer_id=shop,
                consultant_id=self.world.consultants[consultant],
                starts_at=starts_at,
                at=self.at,
            )
        )

    @rule(dealer=DEALERS, consultant=CONSULTANTS, starts_at=STARTS)
    def offer(self, dealer, consultant, starts_at):
        shop, _ = self.world.dealers[dealer]
        self.attempt(
            lambda: changes.offer(
                dealer_id=shop,
                consultant_id=self.world.consultants[consultant],
                starts_at=starts_at,
                until=self.at + timedelta(minutes=30),
                at=self.at,
            )
        )

    @rule(target=sessions, dealer=DEALERS, consultant=CONSULTANTS, starts_at=STARTS)
    def book(self, dealer, consultant, starts_at):
        shop, person_id = self.world.dealers[dealer]
        booking = self.attempt(
            lambda: bookings.book(
                dealer_id=shop,
                person_id=person_id,
                consultant_id=self.world.consultants[consultant],
                starts_at=starts_at,
                topic="复购率一直在掉",
                submission_key=secrets.token_hex(8),
                at=self.at,
            )
        )
        return multiple() if booking is None else (booking.public_id, dealer, consultant)

    @rule(which=sessions, starts_at=STARTS)
    def move(self, which, starts_at):
        public_id, dealer, _ = which
        shop, _ = self.world.dealers[dealer]
        self.attempt(
            lambda: changes.move_as_dealer(
                public_id=public_id, dealer_id=shop, starts_at=starts_at, at=self.at
            )
        )

    @rule(one=sessions, other=sessions)
    def exchange(self, one, other):
        if one[0] != other[0]:
            self.attempt(
                lambda: changes.exchange(
                    public_id=one[0],
                    other_public_id=other[0],
                    person_id=self.world.advisers[one[2]],
                    at=self.at,
                )
            )

    @rule(which=sessions)
    def approve(self, which):
        adviser = self.world.advisers[which[2]]
        self.attempt(lambda: changes.approve(public_id=which[0], person_id=adviser, at=self.at))

    @rule(which=consumes(sessions))
    def cancel(self, which):
        shop, person_id = self.world.dealers[which[1]]
        self.attempt(
            lambda: bookings.cancel(
                public_id=which[0], dealer_id=shop, person_id=person_id, reason="", at=self.at
            )
        )

    @rule(minutes=st.sampled_from([2, 6, 31, 24 * 60]))
    def time_passes(self, minutes):
        self.at = min(self.at + timedelta(minutes=minutes), NOON - timedelta(hours=3))

    @rule()
    def end_unanswered(self):
        self.attempt(lambda: changes.end_unanswered(at=self.at))

    @invariant()
    def no_two_live_allocations_overlap(self):
        assert benchmark.overlaps() == 0
        db.session.rollback()

    @invariant()
    def every_agreed_session_blocks_exactly_its_own_time(self):
        agreed = (Booking.state == State.BOOKED.value, Booking.answer_by.is_(None))
        found = db.session.execute(
            select(Booking.starts_at, func.min(Allocation.starts_minute), func.count(Allocation.id))
            .outerjoin(Allocation, (Allocation.booking_id == Booking.id) & live())
            .where(*agreed)
            .group_by(Booking.id, Booking.starts_at)
        ).all()
        assert [(to_minute(starts_at), 1) for starts_at, _, _ in found] == [
            (minute, count) for _, minute, count in found
        ]
        ended = select(func.count(Allocation.id)).join(Booking, Booking.id == Allocation.booking_id)
        assert db.session.scalar(ended.where(Booking.state == "cancelled", live())) == 0
        unbooked = Allocation.kind == Blocked.CONFIRMED.value, Allocation.booking_id.is_(None)
        assert db.session.scalar(select(func.count(Allocation.id)).where(*unbooked)) == 0
        db.session.rollback()


@pytest.fixture
def life(throwaway_app):
    with throwaway_app.app_context():
        LifeOfATime.world = benchmark.settle(consultants=2, dealers=3)
        with unit_of_work():
            second = db.session.get_one(Consultant, LifeOfATime.world.consultants[1])
            second.confirms_requests = True
        yield LifeOfATime
        db.session.remove()


BOUNDED = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_no_two_live_allocations_ever_overlap(life):
    run_state_machine_as_test(life, settings=BOUNDED)


def test_without_the_guard_the_machine_finds_an_overlap(life, throwaway_app):
    benchmark.without_guard(throwaway_app)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(life, settings=settings(BOUNDED, phases=[Phase.generate]))

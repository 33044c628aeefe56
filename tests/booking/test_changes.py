"""Holding, moving, exchanging, asking: what each does to the time and to the session's identity."""

from datetime import timedelta

import pytest
from booking.conftest import HOUR, MONDAY_10, NOW
from sqlalchemy import select

from portal.booking.actions import bookings, changes, claims
from portal.booking.models.hours import Consultant
from portal.booking.models.sessions import Allocation, Booking
from portal.booking.queries import consultants, sessions
from portal.booking.rules import sessions as rules
from portal.booking.rules.slots import to_minute
from portal.db import db, unit_of_work
from portal.notices.models import Notice

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def held(cast, open_doors):
    """Return a function that holds Monday at ten for dealer A, unless told else."""

    def hold(**changed):
        facts = {
            "dealer_id": cast.dealer_a.organisation_id,
            "consultant_id": open_doors.consultant_id,
            "starts_at": MONDAY_10,
            "at": NOW,
        }
        with unit_of_work():
            return changes.hold(**(facts | changed))

    return hold


def as_dealer_b(cast):
    return {"dealer_id": cast.dealer_b.organisation_id, "person_id": cast.dealer_b.person_id}


def live():
    """Return what blocks a time, as plain rows; the read ends with it, as SQLite has one writer."""
    wanted = select(
        Allocation.id,
        Allocation.kind,
        Allocation.booking_id,
        Allocation.starts_minute,
        Allocation.expires_minute,
    )
    found = db.session.execute(
        wanted.where(Allocation.live).order_by(Allocation.starts_minute)
    ).all()
    db.session.rollback()
    return found


def stored(public_id):
    db.session.expire_all()
    return db.session.scalars(select(Booking).where(Booking.public_id == public_id)).one()


def told():
    found = select(Notice.kind, Notice.organisation_id).order_by(Notice.id)
    return [tuple(row) for row in db.session.execute(found)]


def free_for(dealer, consultant_id, *, at=NOW, moving=None):
    found = consultants.free_starts(
        consultant_ids=[consultant_id], dealer_id=dealer.organisation_id, at=at, moving=moving
    )[consultant_id]
    db.session.rollback()
    return found


def test_a_held_time_is_nobody_elses_until_it_runs_out(held, book, cast, open_doors):
    until = held(at=NOW + timedelta(seconds=20))

    assert until == NOW + 6 * MINUTE  # holds end with a whole minute, and last five at least
    assert MONDAY_10 in free_for(cast.dealer_a, open_doors.consultant_id)
    assert MONDAY_10 not in free_for(cast.dealer_b, open_doors.consultant_id)
    with pytest.raises(claims.SlotTaken):
        book(**as_dealer_b(cast))
    assert MONDAY_10 in free_for(cast.dealer_b, open_doors.consultant_id, at=until)
    book(**as_dealer_b(cast), at=until)
    assert [each.kind for each in live()] == ["confirmed"]


def test_booking_what_one_holds_turns_the_hold_into_the_session(held, book):
    held()
    (hold,) = live()

    public_id = book()

    db.session.expire_all()
    (confirmed,) = live()
    assert (confirmed.id, confirmed.kind, confirmed.expires_minute) == (hold.id, "confirmed", None)
    assert confirmed.booking_id == stored(public_id).id


def test_a_shop_holds_one_time_at_once(held):
    held()
    held(starts_at=MONDAY_10 + 2 * HOUR)

    assert [each.starts_minute for each in live()] == [to_minute(MONDAY_10 + 2 * HOUR)]


def test_an_offered_time_can_be_booked_by_whom_it_was_offered_to_only(book, cast, open_doors):
    with unit_of_work():
        changes.offer(
            dealer_id=cast.dealer_b.organisation_id,
            consultant_id=open_doors.consultant_id,
            starts_at=MONDAY_10,
            until=NOW + HOUR,
            at=NOW,
        )

    with pytest.raises(claims.SlotTaken):
        book()
    book(**as_dealer_b(cast), at=NOW + 30 * MINUTE)
    assert [each.kind for each in live()] == ["confirmed"]


def test_a_moved_session_keeps_its_identity_and_frees_its_old_time(book, cast, open_doors):
    public_id = book()
    before = stored(public_id)
    identity, length = (before.uid, before.id), before.ends_at - before.starts_at

    with unit_of_work():
        changes.move_as_dealer(
            public_id=public_id,
            dealer_id=cast.dealer_a.organisation_id,
            starts_at=MONDAY_10 + 2 * HOUR,
            at=NOW,
        )

    moved = stored(public_id)
    assert ((moved.uid, moved.id), moved.sequence) == (identity, 1)
    assert (moved.starts_at, moved.ends_at - moved.starts_at) == (MONDAY_10 + 2 * HOUR, length)
    assert MONDAY_10 in free_for(cast.dealer_b, open_doors.consultant_id)
    assert told()[-2:] == [
        ("booking.moved", cast.dealer_a.organisation_id),
        ("booking.moved", cast.consultant.organisation_id),
    ]


def test_a_time_that_overlaps_only_ones_own_old_one_can_be_moved_to(book, cast, open_doors):
    with unit_of_work():
        db.session.get_one(Consultant, open_doors.consultant_id).interval_minutes = 15
    public_id = book()
    wanted = MONDAY_10 + 15 * MINUTE

    assert wanted not in free_for(cast.dealer_a, open_doors.consultant_id)
    moving = stored(public_id).id
    assert wanted in free_for(cast.dealer_a, open_doors.consultant_id, moving=moving)
    with unit_of_work():
        changes.move_as_consultant(
            public_id=public_id, person_id=cast.consultant.person_id, starts_at=wanted, at=NOW
        )
    assert [each.starts_minute for each in live()] == [to_minute(wanted)]


def test_a_move_that_fails_leaves_the_old_time(book, cast):
    public_id = book()
    book(**as_dealer_b(cast), starts_at=MONDAY_10 + 2 * HOUR)

    with pytest.raises(claims.SlotTaken), unit_of_work():
        changes.move_as_dealer(
            public_id=public_id,
            dealer_id=cast.dealer_a.organisation_id,
            starts_at=MONDAY_10 + 2 * HOUR,
            at=NOW,
        )

    kept = stored(public_id)
    assert (kept.starts_at, kept.sequence) == (MONDAY_10, 0)
    assert live()[0].starts_minute == to_minute(MONDAY_10)


def test_a_dealer_moves_until_two_hours_before_and_a_consultant_until_the_beginning(book, cast):
    public_id = book()
    wanted, late = MONDAY_10 + 4 * HOUR, MONDAY_10 - 1 * HOUR

    with pytest.raises(rules.TooLate), unit_of_work():
        changes.move_as_dealer(
            public_id=public_id,
            dealer_id=cast.dealer_a.organisation_id,
            starts_at=wanted,
            at=late,
        )
    with unit_of_work():
        changes.move_as_consultant(
            public_id=public_id, person_id=cast.consultant.person_id, starts_at=wanted, at=late
        )
    with pytest.raises(rules.TooLate), unit_of_work():
        changes.move_as_consultant(
            public_id=public_id, person_id=cast.consultant.person_id, starts_at=MONDAY_10, at=wanted
        )


def test_two_sessions_trade_their_times_and_everybody_is_told(book, cast):
    first, second = book(), book(**as_dealer_b(cast), starts_at=MONDAY_10 + 2 * HOUR)

    with unit_of_work():
        changes.exchange(
            public_id=first,
            other_public_id=second,
            person_id=cast.consultant.person_id,
            at=NOW,
        )

    assert stored(first).starts_at == MONDAY_10 + 2 * HOUR
    assert stored(second).starts_at == MONDAY_10
    assert {stored(each).sequence for each in (first, second)} == {1}
    assert [kind for kind, _ in told()].count("booking.moved") == 4


def test_an_exchange_that_one_shop_cannot_keep_changes_nothing(book, cast, open_doors):
    first, second = book(), book(**as_dealer_b(cast), starts_at=MONDAY_10 + 2 * HOUR)
    book(consultant_id=open_doors.consultant_b_id, starts_at=MONDAY_10 + 2 * HOUR)

    with pytest.raises(claims.DealerBusy), unit_of_work():
        changes.exchange(
            public_id=first, other_public_id=second, person_id=cast.consultant.person_id, at=NOW
        )

    assert (stored(first).starts_at, stored(second).starts_at) == (
        MONDAY_10,
        MONDAY_10 + 2 * HOUR,
    )


def test_another_consultants_sessions_cannot_be_exchanged(book, cast):
    first, second = book(), book(**as_dealer_b(cast), starts_at=MONDAY_10 + 2 * HOUR)

    with pytest.raises(bookings.NoSuchSession):
        changes.exchange(
            public_id=first, other_public_id=second, person_id=cast.consultant_b.person_id, at=NOW
        )


@pytest.fixture
def asked(book, cast, open_doors):
    """A session that waits for the consultant's yes."""
    with unit_of_work():
        changes.let_ask(person_id=cast.consultant.person_id, wanted=True)
    return book()


def test_a_request_blocks_its_time_and_waits_in_the_inbox(asked, book, cast, open_doors):
    inbox = sessions.asked_of_consultant(person_id=cast.consultant.person_id, at=NOW)

    assert [(row.public_id, row.answer_by) for row in inbox] == [(asked, NOW + 24 * HOUR)]
    assert MONDAY_10 not in free_for(cast.dealer_b, open_doors.consultant_id)
    assert told()[0][0] == "booking.asked"
    with unit_of_work():
        changes.approve(public_id=asked, person_id=cast.consultant.person_id, at=NOW + HOUR)
    assert stored(asked).answer_by is None
    assert [(each.kind, each.expires_minute) for each in live()] == [("confirmed", None)]
    with pytest.raises(changes.NotAsked):
        changes.approve(public_id=asked, person_id=cast.consultant.person_id, at=NOW + HOUR)


def test_a_declined_request_gives_its_time_back_and_says_why(asked, cast, open_doors):
    with unit_of_work():
        changes.decline(
            public_id=asked, person_id=cast.consultant.person_id, reason="那天出差", at=NOW
        )

    assert (stored(asked).state, stored(asked).cancel_reason) == ("cancelled", "那天出差")
    assert MONDAY_10 in free_for(cast.dealer_b, open_doors.consultant_id)
    assert told()[-2][0] == "booking.declined"


def test_a_request_that_nobody_answered_ends_and_cannot_be_approved_any_more(asked, cast):
    ran_out = NOW + 24 * HOUR

    with pytest.raises(changes.NotAsked), unit_of_work():
        changes.approve(public_id=asked, person_id=cast.consultant.person_id, at=ran_out)
    with unit_of_work():
        assert changes.end_unanswered(at=ran_out - MINUTE) == 0
    with unit_of_work():
        assert changes.end_unanswered(at=ran_out) == 1
    assert (stored(asked).state, stored(asked).cancelled_by, live()) == ("cancelled", None, [])

"""Booking, cancelling, concluding and noting, and that an overlap is impossible: both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from portal.booking.actions import bookings, claims, hours, notes
from portal.booking.models import sessions as models
from portal.booking.models.hours import TimeOff, WeeklyHours
from portal.booking.models.sessions import Allocation, Booking, SessionNote
from portal.booking.queries import sessions as queries
from portal.booking.rules import sessions
from portal.booking.rules.hours import BadHours
from portal.booking.rules.sessions import State
from portal.booking.rules.slots import Window
from portal.db import db, unit_of_work
from portal.notices.models import Notice

pytestmark = pytest.mark.usefixtures("context")

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MONDAY_10 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


def as_dealer_b(cast):
    return {"dealer_id": cast.dealer_b.organisation_id, "person_id": cast.dealer_b.person_id}


def test_a_booking_stands_with_its_time_and_both_sides_are_told(book, cast):
    public_id = book()

    booking = db.session.scalar(select(Booking))
    allocation = db.session.scalar(select(Allocation))
    told = db.session.execute(
        select(Notice.organisation_id, Notice.person_id, Notice.path).order_by(Notice.id)
    ).all()
    assert (booking.starts_at, booking.ends_at) == (MONDAY_10, MONDAY_10 + timedelta(minutes=45))
    assert allocation.ends_minute - allocation.starts_minute == 60  # the buffer is in it
    assert told == [
        (cast.dealer_a.organisation_id, None, f"/booking/{public_id}"),
        (cast.consultant.organisation_id, cast.consultant.person_id, f"/booking/{public_id}"),
    ]


@pytest.mark.asvs("V2.3.3")
def test_a_taken_slot_is_refused_and_leaves_nothing_behind(book, cast):
    book()

    with pytest.raises(claims.SlotTaken):
        book(**as_dealer_b(cast))

    assert (count(Booking), count(Allocation), count(Notice)) == (1, 1, 2)


def test_a_dealer_cannot_be_with_two_consultants_at_once(book, open_doors):
    book()

    with pytest.raises(claims.DealerBusy):
        book(consultant_id=open_doors.consultant_b_id)

    assert count(Booking) == 1


def test_two_dealers_meet_two_consultants_at_the_same_time(book, cast, open_doors):
    book()
    book(consultant_id=open_doors.consultant_b_id, **as_dealer_b(cast))

    assert count(Allocation) == 2


def test_the_next_start_after_the_buffer_is_free_for_another(book, cast):
    book()
    book(starts_at=MONDAY_10 + HOUR, **as_dealer_b(cast))

    assert count(Allocation) == 2


@pytest.mark.asvs("V2.2.2")
@pytest.mark.parametrize(
    "starts_at",
    [
        MONDAY_10 + timedelta(minutes=30),  # not on the grid
        MONDAY_10 - HOUR,  # before the window
        MONDAY_10 + timedelta(days=1),  # no hours on Tuesdays
        MONDAY_10 + timedelta(days=21),  # beyond the horizon
        MONDAY_10 - timedelta(days=7),  # the past
    ],
)
def test_a_start_that_is_not_offered_is_refused(book, starts_at):
    with pytest.raises(bookings.NotOffered):
        book(starts_at=starts_at)


@pytest.mark.asvs("V2.3.2")
def test_a_start_within_the_notice_is_refused(book):
    with pytest.raises(bookings.NotOffered):
        book(at=MONDAY_10 - timedelta(minutes=119))


def test_the_same_key_gives_the_same_booking(book):
    first = book(submission_key="form-1")
    again = book(submission_key="form-1")

    assert again == first
    assert (count(Booking), count(Notice)) == (1, 2)


def test_the_same_key_with_another_time_is_refused_by_name(book):
    first = book(submission_key="form-1")

    with pytest.raises(bookings.KeyReused) as refused:
        book(submission_key="form-1", starts_at=MONDAY_10 + HOUR)

    assert refused.value.public_id == first


def test_another_shops_key_is_not_this_shops(book, cast):
    first = book(submission_key="form-1")
    other = book(submission_key="form-1", starts_at=MONDAY_10 + HOUR, **as_dealer_b(cast))

    assert other != first


def test_a_cancelled_time_can_be_booked_again_by_anybody(book, cast):
    public_id = book()

    with unit_of_work():
        bookings.cancel(
            public_id=public_id,
            dealer_id=cast.dealer_a.organisation_id,
            person_id=cast.dealer_a.person_id,
            reason="店里临时有事",
            at=NOW + HOUR,
        )
    book(**as_dealer_b(cast))

    cancelled = db.session.scalar(select(Booking).where(Booking.public_id == public_id))
    assert (cancelled.state, cancelled.sequence) == ("cancelled", 1)
    assert db.session.scalars(select(Allocation.live).order_by(Allocation.id)).all() == [
        False,
        True,
    ]


def test_a_released_time_cannot_come_back_over_a_new_booking(book, cast):
    public_id = book()
    with unit_of_work():
        bookings.cancel(
            public_id=public_id,
            dealer_id=cast.dealer_a.organisation_id,
            person_id=cast.dealer_a.person_id,
            reason="",
            at=NOW,
        )
    book(**as_dealer_b(cast))

    with pytest.raises(IntegrityError, match="ex_allocation_consultant"), unit_of_work():
        db.session.execute(text("UPDATE allocation SET live = true WHERE live = false"))


def test_another_dealer_cannot_cancel(book, cast):
    public_id = book()

    with pytest.raises(bookings.NoSuchSession), unit_of_work():
        bookings.cancel(public_id=public_id, reason="", at=NOW, **as_dealer_b(cast))


@pytest.mark.asvs("V2.3.2")
def test_a_dealer_cannot_cancel_twice_or_too_late(book, cast):
    public_id = book()
    who = {
        "public_id": public_id,
        "dealer_id": cast.dealer_a.organisation_id,
        "person_id": cast.dealer_a.person_id,
        "reason": "",
    }

    with pytest.raises(sessions.TooLate), unit_of_work():
        bookings.cancel(at=MONDAY_10 - timedelta(minutes=119), **who)
    with unit_of_work():
        bookings.cancel(at=MONDAY_10 - timedelta(minutes=120), **who)
    with pytest.raises(sessions.IllegalMove), unit_of_work():
        bookings.cancel(at=NOW, **who)


def test_only_its_consultant_calls_a_session_off_and_close_to_it_too(book, cast):
    public_id = book()
    late = MONDAY_10 - timedelta(minutes=5)

    with pytest.raises(bookings.NoSuchSession), unit_of_work():
        bookings.call_off(
            public_id=public_id, person_id=cast.consultant_b.person_id, reason="", at=late
        )
    with unit_of_work():
        bookings.call_off(
            public_id=public_id, person_id=cast.consultant.person_id, reason="病了", at=late
        )

    assert db.session.scalar(select(Allocation.live)) is False
    assert count(Notice) == 4


def test_a_session_agreed_elsewhere_is_entered_but_never_over_another(book, cast, open_doors):
    book()
    facts = {
        "consultant_id": open_doors.consultant_id,
        "topic": "补录",
        "at": NOW,
        **as_dealer_b(cast),
    }
    long_ago = MONDAY_10 - timedelta(days=30)

    with unit_of_work():
        bookings.enter(starts_at=long_ago, ends_at=long_ago + HOUR / 2, submission_key="1", **facts)
    with pytest.raises(claims.SlotTaken), unit_of_work():
        bookings.enter(
            starts_at=MONDAY_10 + HOUR / 2,
            ends_at=MONDAY_10 + HOUR,
            submission_key="2",
            **facts,
        )

    assert count(Booking) == 2


HICCUPS = """
CREATE SEQUENCE hiccup;
CREATE FUNCTION hiccup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('hiccup') <= {times} THEN
    RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '{sqlstate}';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hiccup BEFORE INSERT ON allocation FOR EACH ROW EXECUTE FUNCTION hiccup();
"""
NO_HICCUPS = """
DROP TRIGGER hiccup ON allocation;
DROP FUNCTION hiccup;
DROP SEQUENCE hiccup;
"""


@pytest.fixture
def hiccups(context):
    """Let PostgreSQL give up the next writes of a time (a sequence counts on through rollbacks)."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time and so no deadlocks")

    def begin(times, sqlstate):
        with db.engine.begin() as connection:
            connection.exec_driver_sql(HICCUPS.format(times=times, sqlstate=sqlstate))

    yield begin
    db.session.rollback()  # what the test read still holds the table
    with db.engine.begin() as connection:
        connection.exec_driver_sql(NO_HICCUPS)


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_write_that_the_database_gave_up_twice_succeeds(hiccups, book, sqlstate):
    hiccups(2, sqlstate)

    book()

    assert (count(Booking), count(Allocation)) == (1, 1)


def test_a_write_that_is_given_up_again_and_again_says_so_and_leaves_nothing(hiccups, book):
    hiccups(3, "40P01")

    with pytest.raises(claims.TooBusy):
        book()

    assert (count(Booking), count(Allocation)) == (0, 0)


@pytest.mark.parametrize("moment", ["insert", "update"])
def test_the_guard_holds_against_code_that_forgets_it(book, cast, open_doors, moment):
    book()
    book(starts_at=MONDAY_10 + 2 * HOUR, **as_dealer_b(cast))
    taken = db.session.scalar(select(Allocation.starts_minute).order_by(Allocation.id).limit(1))
    statement = {
        "insert": "INSERT INTO allocation "
        "(booking_id, consultant_id, dealer_id, starts_minute, ends_minute, live) "
        "SELECT booking_id, consultant_id, dealer_id, :taken + 30, :taken + 90, true "
        "FROM allocation WHERE starts_minute > :taken",
        "update": "UPDATE allocation SET starts_minute = :taken + 30, ends_minute = :taken + 90 "
        "WHERE starts_minute > :taken",
    }[moment]

    with pytest.raises(IntegrityError, match="ex_allocation_consultant"), unit_of_work():
        db.session.execute(text(statement), {"taken": taken})


def test_a_block_too_long_for_the_guard_to_see_cannot_be_stored(cast, open_doors, context):
    ends_at = MONDAY_10 + timedelta(minutes=models.LONGEST_BLOCK_MINUTES + 1)

    with pytest.raises(IntegrityError, match="block_length"), unit_of_work():
        bookings.enter(
            consultant_id=open_doors.consultant_id,
            starts_at=MONDAY_10,
            ends_at=ends_at,
            topic="一整天",
            submission_key="1",
            at=NOW,
            **as_dealer_b(cast),
        )


def test_the_guard_can_be_taken_down_and_put_up_again(throwaway_app):
    with throwaway_app.app_context(), db.engine.begin() as connection:
        for statements in (models.GUARD_REMOVAL, models.GUARD):
            for statement in statements[connection.dialect.name]:
                connection.exec_driver_sql(statement)


def test_held_and_missed_are_recorded_by_its_consultant_only_after_the_beginning(book, cast):
    public_id = book()
    mine = {"public_id": public_id, "person_id": cast.consultant.person_id}

    with pytest.raises(sessions.TooEarly), unit_of_work():
        notes.mark_done(at=MONDAY_10 - HOUR, **mine)
    with pytest.raises(bookings.NoSuchSession), unit_of_work():
        notes.mark_done(
            public_id=public_id, person_id=cast.consultant_b.person_id, at=MONDAY_10 + HOUR
        )
    with unit_of_work():
        notes.mark_no_show(at=MONDAY_10 + HOUR, **mine)
    with unit_of_work():
        notes.mark_done(at=MONDAY_10 + HOUR, **mine)  # a slip, put right
    with unit_of_work():
        notes.mark_done(at=MONDAY_10 + 2 * HOUR, **mine)  # a second tap changes nothing

    booking = db.session.scalar(select(Booking))
    assert (booking.state, booking.changed_at) == (State.DONE.value, MONDAY_10 + HOUR)


def write(cast, public_id, **changed):
    facts = {
        "public_id": public_id,
        "person_id": cast.consultant.person_id,
        "text": "先给老客发问候",
        "private_text": "店主很忙",
        "version": 0,
        "at": MONDAY_10 + HOUR,
    }
    with unit_of_work():
        return notes.write_note(**(facts | changed))


def test_a_note_is_saved_and_the_dealer_is_told_once(book, cast):
    public_id = book()

    write(cast, public_id, text="")  # private only: nothing to read yet
    before = count(Notice)
    write(cast, public_id, version=1)
    write(cast, public_id, version=2, text="改了一个字")

    note = db.session.scalar(select(SessionNote))
    assert (note.text, note.version) == ("改了一个字", 3)
    assert count(Notice) == before + 1


@pytest.mark.parametrize("seen", [0, 1, 3])
def test_a_note_saved_meanwhile_is_never_overwritten(book, cast, seen):
    public_id = book()
    write(cast, public_id)
    write(cast, public_id, version=1, text="别处先存的")

    with pytest.raises(notes.NoteChanged):
        write(cast, public_id, version=seen, text="旧页面存的")

    assert db.session.scalar(select(SessionNote.text)) == "别处先存的"


def test_another_consultant_cannot_write_the_note(book, cast):
    public_id = book()

    with pytest.raises(bookings.NoSuchSession):
        write(cast, public_id, person_id=cast.consultant_b.person_id)


def test_new_hours_replace_the_old_and_touch_no_session(book, cast, open_doors):
    public_id = book()

    with unit_of_work():
        hours.set_hours(consultant_id=open_doors.consultant_id, windows=[Window(4, 540, 720)])

    kept = queries.session_of_dealer(public_id=public_id, dealer_id=cast.dealer_a.organisation_id)
    of_first = WeeklyHours.consultant_id == open_doors.consultant_id
    assert kept.row.state is State.BOOKED
    assert db.session.scalars(select(WeeklyHours.weekday).where(of_first)).all() == [4]


@pytest.mark.asvs("V2.2.3")
def test_hours_that_overlap_change_nothing(context, open_doors):
    with pytest.raises(BadHours), unit_of_work():
        hours.set_hours(
            consultant_id=open_doors.consultant_id,
            windows=[Window(4, 540, 720), Window(4, 700, 800)],
        )

    assert db.session.scalars(select(WeeklyHours.weekday)).all() == [0, 0]


def test_a_day_off_closes_the_day_until_it_is_removed(book, context, open_doors):
    mine = {"consultant_id": open_doors.consultant_id}
    monday, today = date(2026, 11, 23), date(2026, 11, 22)
    with unit_of_work():
        hours.add_day_off(day=monday, reason="体检", today=today, **mine)

    with pytest.raises(bookings.NotOffered):
        book()
    with pytest.raises(hours.AlreadyOff), unit_of_work():
        hours.add_day_off(day=monday, reason="", today=today, **mine)
    with pytest.raises(hours.PastDay), unit_of_work():
        hours.add_day_off(day=date(2026, 11, 21), reason="", today=today, **mine)
    time_off_id = db.session.scalar(select(TimeOff.id))
    with unit_of_work():  # somebody else's day off stays
        hours.remove_day_off(consultant_id=open_doors.consultant_b_id, time_off_id=time_off_id)
    assert count(TimeOff) == 1
    with unit_of_work():
        hours.remove_day_off(time_off_id=time_off_id, **mine)
    book()

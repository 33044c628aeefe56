"""Caps a day and a week, kinds with a quota and for some levels: also when many ask at once."""

import secrets
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from portal.access import Role
from portal.accounts import actions as accounts
from portal.booking.actions import bookings, hours, kinds, limits
from portal.booking.models.hours import Consultant, ConsultantKind, SessionKind
from portal.booking.models.sessions import Allocation, Booking
from portal.booking.queries import consultants
from portal.booking.rules.offers import Kind, PlaceMode
from portal.booking.rules.slots import Window
from portal.db import db, unit_of_work

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 on a Sunday in Shanghai
MONDAY_10 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kind(*consultant_ids, **changed):
    """Return what an operator says of a kind of session."""
    said = {
        "name_zh": "报告解读",
        "name_en": "Reading the report",
        "minutes": 30,
        "place_mode": PlaceMode.CONSULTANT,
        "level_from": 1,
        "level_to": 4,
        "quota": None,
        "is_open": True,
        "consultant_ids": consultant_ids,
    }
    return Kind(**(said | changed))


def add_kind(app, *consultant_ids, **changed):
    with app.app_context(), unit_of_work():
        return kinds.save(kind_id=None, kind=kind(*consultant_ids, **changed))


def cap(app, **caps):
    with app.app_context(), unit_of_work():
        db.session.execute(update(Consultant).values(**caps))


def every_weekday(app, consultant_id):
    with app.app_context(), unit_of_work():
        windows = [Window(day, 600, 1080) for day in range(7)]
        hours.set_hours(consultant_id=consultant_id, windows=windows)


def test_a_capped_day_takes_no_more_and_the_next_day_does(app, book, open_doors):
    every_weekday(app, open_doors.consultant_id)
    cap(app, day_cap=2)
    book()
    book(starts_at=MONDAY_10 + HOUR)

    with pytest.raises(limits.DayFull):
        book(starts_at=MONDAY_10 + 2 * HOUR)
    assert book(starts_at=MONDAY_10 + DAY)


def test_a_capped_week_ends_with_sunday(app, book, open_doors):
    every_weekday(app, open_doors.consultant_id)
    cap(app, week_cap=2)
    book()
    book(starts_at=MONDAY_10 + DAY)

    with pytest.raises(limits.WeekFull):
        book(starts_at=MONDAY_10 + 6 * DAY)
    assert book(starts_at=MONDAY_10 + 7 * DAY)


def test_a_cancelled_session_counts_no_more(app, book, open_doors, cast):
    cap(app, day_cap=1)
    public_id = book()
    with app.app_context(), unit_of_work():
        bookings.cancel(
            public_id=public_id,
            dealer_id=cast.dealer_a.organisation_id,
            person_id=cast.dealer_a.person_id,
            reason="",
            at=NOW,
        )

    assert book(starts_at=MONDAY_10 + HOUR)


def test_a_kind_says_how_long_a_session_is_and_where_buffers_lie(app, book, open_doors):
    cap(app, buffer_before_minutes=10)
    kind_id = add_kind(app, open_doors.consultant_id)

    book()  # names no kind: the first that is offered

    with app.app_context():
        booking = db.session.scalars(select(Booking)).one()
        assert (booking.kind_id, booking.ends_at) == (kind_id, MONDAY_10 + timedelta(minutes=30))
        block = db.session.scalars(select(Allocation)).one()
        assert block.ends_minute - block.starts_minute == 10 + 30 + 15
        assert block.starts_minute == MONDAY_10.timestamp() // 60 - 10


def test_a_quota_is_a_dealers_and_a_kinds_and_ends_after_thirty_days(app, book, open_doors, cast):
    every_weekday(app, open_doors.consultant_id)
    cap(app, horizon_days=60)
    scarce = add_kind(app, open_doors.consultant_id, quota=1)
    other = add_kind(app, open_doors.consultant_id, name_zh="随便聊聊")
    book(kind_id=scarce)

    with pytest.raises(limits.QuotaUsed):
        book(kind_id=scarce, starts_at=MONDAY_10 + 29 * DAY)
    assert book(kind_id=scarce, starts_at=MONDAY_10 + 30 * DAY)
    assert book(kind_id=other, starts_at=MONDAY_10 + DAY)
    theirs = {
        "dealer_id": cast.dealer_b.organisation_id,
        "person_id": cast.dealer_b.person_id,
    }
    assert book(kind_id=scarce, starts_at=MONDAY_10 + 2 * DAY, **theirs)


def test_a_kind_is_refused_to_other_levels_and_where_nobody_offers_it(app, book, open_doors):
    for_large = add_kind(app, open_doors.consultant_id, level_from=3)

    with pytest.raises(limits.NotForDealer):
        book(kind_id=for_large)  # both shops are of level 2
    with pytest.raises(limits.NotForDealer):
        book()  # nor without naming it: the consultant offers nothing else
    with pytest.raises(limits.NotOffered):
        book(kind_id=for_large, consultant_id=open_doors.consultant_b_id)


def test_a_closed_kind_is_offered_no_more_and_stays_with_what_was_booked(app, book, open_doors):
    kind_id = add_kind(app, open_doors.consultant_id)
    book()
    with app.app_context(), unit_of_work():
        kinds.save(kind_id=kind_id, kind=kind(open_doors.consultant_id, is_open=False))

    with pytest.raises(limits.NotOffered):
        book(kind_id=kind_id, starts_at=MONDAY_10 + HOUR)
    book(starts_at=MONDAY_10 + 2 * HOUR)  # a plain session again
    with app.app_context():
        kept = db.session.scalars(select(Booking.kind_id).order_by(Booking.id)).all()
        assert kept == [kind_id, None]
        assert db.session.scalar(select(func.count(SessionKind.id))) == 1
        assert db.session.scalar(select(func.count(ConsultantKind.id))) == 1


def test_what_the_picker_hides_is_what_booking_refuses(app, book, open_doors, cast):
    every_weekday(app, open_doors.consultant_id)
    cap(app, day_cap=1)
    book()

    with app.app_context():
        free = consultants.free_starts(
            consultant_ids=[open_doors.consultant_id],
            dealer_id=cast.dealer_b.organisation_id,
            at=NOW,
        )[open_doors.consultant_id]
    assert MONDAY_10 + HOUR not in free
    assert MONDAY_10 + DAY in free


CAP, ASKERS = 3, 12


def settle(app):
    """Add ASKERS shops and a consultant who may hold CAP sessions a day; return their ids."""
    with app.app_context(), unit_of_work():
        person = accounts.add_person(
            name="顾问", mail="g@example.com", phone=None, password_hash="x", at=NOW
        )
        alliance = accounts.add_organisation(kind="alliance", name="联盟", at=NOW)
        accounts.join(person_id=person.id, organisation_id=alliance.id, role=Role.CONSULTANT)
        consultant = hours.add_consultant(
            person_id=person.id,
            organisation_id=alliance.id,
            specialty_zh="复购",
            specialty_en="Repurchase",
            timezone="Asia/Shanghai",
            session_minutes=15,
            buffer_minutes=0,
        )
        consultant.day_cap = CAP
        hours.set_hours(consultant_id=consultant.id, windows=[Window(0, 600, 1080)])
        shops = [
            accounts.add_organisation(kind="dealer", name=f"店 {number}", at=NOW)
            for number in range(ASKERS)
        ]
        return consultant.id, person.id, [each.id for each in shops]


def everybody_asks_for_a_time_of_their_own(app):
    """Return how each of ASKERS fared who ask at once for different times of one Monday."""
    consultant_id, person_id, shops = settle(app)
    barrier = threading.Barrier(ASKERS)

    def ask(number):
        with app.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    bookings.book(
                        dealer_id=shops[number],
                        person_id=person_id,
                        consultant_id=consultant_id,
                        starts_at=MONDAY_10 + number * timedelta(minutes=15),
                        topic="随便聊聊",
                        submission_key=secrets.token_hex(8),
                        at=NOW,
                    )
            except limits.DayFull:
                return "full"
            return "booked"

    with ThreadPoolExecutor(ASKERS) as askers:
        return Counter(askers.map(ask, range(ASKERS)))


def test_a_cap_holds_when_many_ask_at_once(throwaway_app):
    assert everybody_asks_for_a_time_of_their_own(throwaway_app) == {
        "booked": CAP,
        "full": ASKERS - CAP,
    }


def test_control_without_waiting_for_ones_turn_a_cap_does_not_hold(throwaway_app, monkeypatch):
    with throwaway_app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite lets one writer in at a time, whoever waits")
    monkeypatch.setattr(limits, "_wait_for_ones_turn", lambda *_, **__: None)

    assert everybody_asks_for_a_time_of_their_own(throwaway_app)["booked"] > CAP

"""A rush for one slot: exactly one booking with the guard, and more than one without it."""

import contextlib
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from portal.access import Role
from portal.accounts import actions as accounts
from portal.booking.actions import bookings, claims, hours
from portal.booking.models import sessions as models
from portal.booking.models.sessions import Allocation, Booking
from portal.booking.rules.slots import Window
from portal.db import db, unit_of_work

pytestmark = pytest.mark.usefixtures("at_now")

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MONDAY_10 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
PEOPLE = 60


def settle(app):
    """Add two shops with thirty people each and one consultant; return ids and phone numbers."""
    with app.app_context(), unit_of_work():
        secret = accounts.hash_of(PASSWORD)

        def person(name, number, organisation_id, role):
            phone = f"138{number:08d}"
            added = accounts.add_person(
                name=name, mail=None, phone=phone, password_hash=secret, at=NOW
            )
            accounts.join(person_id=added.id, organisation_id=organisation_id, role=role)
            return added.id, phone

        shops = [
            accounts.add_organisation(kind="dealer", name=f"店 {n}", shop_ref=f"s{n}", at=NOW).id
            for n in range(2)
        ]
        alliance = accounts.add_organisation(kind="alliance", name="联盟", at=NOW).id
        consultant = hours.add_consultant(
            person_id=person("顾问", 999, alliance, Role.CONSULTANT)[0],
            organisation_id=alliance,
            specialty_zh="复购",
            specialty_en="Repurchase",
            timezone="Asia/Shanghai",
        )
        hours.set_hours(consultant_id=consultant.id, windows=[Window(0, 600, 1080)])
        people = [
            (shops[n % 2], *person(f"店员 {n}", n, shops[n % 2], Role.DEALER))
            for n in range(PEOPLE)
        ]
        return consultant.id, people


def released_together(count, work):
    """Run work(0) … work(count - 1) in threads that start at one moment; return the results."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(number):
        barrier.wait()
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def everybody_asks_for_monday_at_ten(app):
    """Return how often each HTTP status was answered when all post the form at once."""
    consultant_id, people = settle(app)
    clients = []
    for _, _, phone in people:
        client = app.test_client()
        client.post("/sign-in", data={"identity": phone, "password": PASSWORD})
        clients.append(client)

    def ask(number):
        form = {
            "consultant": consultant_id,
            "starts": "20261123T0200Z",
            "topic": f"店员 {number} 想聊复购",
            "idempotency_key": f"form-of-{number}",
        }
        return clients[number].post("/booking/new", data=form).status_code

    return Counter(released_together(PEOPLE, ask))


def stored(app):
    """Return the number of bookings, and of pairs of live allocations that overlap."""
    with app.app_context():
        one, other = Allocation.__table__.alias(), Allocation.__table__.alias()
        pairs = (
            db.select(db.func.count())
            .select_from(one.join(other, one.c.consultant_id == other.c.consultant_id))
            .where(
                one.c.id < other.c.id,
                one.c.live,
                other.c.live,
                one.c.starts_minute < other.c.ends_minute,
                other.c.starts_minute < one.c.ends_minute,
            )
        )
        count = db.session.scalar(db.select(db.func.count()).select_from(Booking))
        return count, db.session.scalar(pairs)


def without_guard(app):
    with app.app_context(), db.engine.begin() as connection:
        for statement in models.GUARD_REMOVAL[connection.dialect.name]:
            connection.exec_driver_sql(statement)


def tell(capsys, text):
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


@pytest.mark.asvs("V2.3.4")
def test_of_sixty_people_who_ask_for_one_slot_exactly_one_gets_it(throwaway_app, capsys):
    answers = everybody_asks_for_monday_at_ten(throwaway_app)

    tell(capsys, f"with the guard: answers {dict(answers)}, stored {stored(throwaway_app)}")
    assert answers == {302: 1, 422: PEOPLE - 1}
    assert stored(throwaway_app) == (1, 0)


@pytest.mark.asvs("V2.3.4")
def test_without_the_guard_the_same_rush_books_the_slot_more_than_once(throwaway_app, capsys):
    without_guard(throwaway_app)

    answers = everybody_asks_for_monday_at_ten(throwaway_app)

    tell(capsys, f"without the guard: answers {dict(answers)}, stored {stored(throwaway_app)}")
    assert stored(throwaway_app)[0] > 1


def everybody_enters_an_overlapping_time(app):
    """Return how often each outcome came up when ranges that overlap are entered at once."""
    consultant_id, people = settle(app)

    def enter(number):
        shop, person_id, _ = people[number]
        starts_at = MONDAY_10 + timedelta(minutes=number % 3 * 20)
        with app.app_context():
            with contextlib.suppress(claims.SlotTaken, claims.DealerBusy), unit_of_work():
                bookings.enter(
                    dealer_id=shop,
                    person_id=person_id,
                    consultant_id=consultant_id,
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(minutes=45),
                    topic="重叠的时间",
                    submission_key=f"form-of-{number}",
                    at=NOW,
                )
                return "booked"
            return "refused"

    return Counter(released_together(PEOPLE, enter))


def test_of_sixty_ranges_that_overlap_exactly_one_is_stored(throwaway_app, capsys):
    outcomes = everybody_enters_an_overlapping_time(throwaway_app)

    tell(capsys, f"overlapping, with the guard: {dict(outcomes)}, stored {stored(throwaway_app)}")
    assert outcomes == {"booked": 1, "refused": PEOPLE - 1}
    assert stored(throwaway_app) == (1, 0)


def test_without_the_guard_overlapping_ranges_are_stored(throwaway_app, capsys):
    without_guard(throwaway_app)

    outcomes = everybody_enters_an_overlapping_time(throwaway_app)

    tell(capsys, f"overlapping, without: {dict(outcomes)}, stored {stored(throwaway_app)}")
    assert stored(throwaway_app)[1] > 0


def test_one_form_sent_by_twenty_clicks_at_once_books_once(throwaway_app):
    consultant_id, people = settle(throwaway_app)
    shop, person_id, _ = people[0]

    def click(_number):
        with throwaway_app.app_context(), unit_of_work():
            return bookings.book(
                dealer_id=shop,
                person_id=person_id,
                consultant_id=consultant_id,
                starts_at=MONDAY_10,
                topic="同一张表单",
                submission_key="one-form",
                at=NOW,
            ).public_id

    public_ids = released_together(20, click)

    assert len(set(public_ids)) == 1
    assert public_ids[0] is not None
    assert stored(throwaway_app) == (1, 0)

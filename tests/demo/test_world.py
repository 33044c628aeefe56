"""The demo alliance: complete, consistent, invented, and the same for the same seed and day."""

import re
from collections import Counter
from dataclasses import fields
from datetime import date, timedelta
from itertools import pairwise

import pytest

from portal.demo.calendar import DemoDateError
from portal.demo.world import build_world

FATES = {"new", "linked", "accepted", "answered", "declined", "shipped"}
DAYS = (date(2026, 11, 22), date(2026, 3, 1), date(2024, 2, 29), date(2027, 1, 31))


def test_the_same_seed_and_day_deal_the_same_world(world):
    again = build_world(seed=world.seed, today=world.today)

    assert again == world


def test_another_seed_deals_another_world(world):
    other = build_world(seed=world.seed + 1, today=world.today)

    assert other.batches != world.batches
    assert other.sessions != world.sessions


def test_the_cast_has_the_size_that_the_demo_promises(world):
    assert len(world.suppliers) == 3
    assert len(world.categories) == 4
    assert len(world.products) == 36
    assert len(world.dealers) == 60
    assert len(world.consultants) == 4
    assert len(world.operators) == 2
    assert len({one.owner.organisation for one in world.suppliers}) == 3
    assert 40 <= len(world.feedback) <= 60


@pytest.mark.parametrize(
    ("records", "key"),
    [
        ("products", "code"),
        ("products", "name_zh"),  # the order export knows products by name only
        ("dealers", "ref"),
        ("dealers", "shop_name"),
        ("dealers", "owner_name"),
        ("dealers", "phone"),
        ("tickets", "code"),
        ("releases", "code"),
    ],
)
def test_keys_are_unique(world, records, key):
    values = [getattr(one, key) for one in getattr(world, records)]

    assert len(set(values)) == len(values)


def test_every_product_earns_something_and_has_a_supplier_and_a_category(world):
    suppliers = {one.code for one in world.suppliers}
    categories = {one.code for one in world.categories}

    for product in world.products:
        assert product.cost_fen < product.price_fen, product.code
        assert 100 <= product.refund_bps <= 600, product.code
        assert product.supplier in suppliers
        assert product.category in categories


def test_no_phone_or_mail_of_the_cast_can_belong_to_somebody(world):
    people = [*world.consultants, *world.operators, world.author]
    people += [one.owner for one in world.suppliers]
    mails = [one.mail for one in people] + [one.mail for one in world.dealers if one.mail]

    assert all(re.fullmatch(r"[a-z_.]+@example\.com", mail) for mail in mails)
    assert all(re.fullmatch(r"1380000\d{4}", one.phone) for one in world.dealers)
    assert 10 < sum(one.mail is not None for one in world.dealers) < 50


def test_dealer_levels_and_consent_are_mixed(world):
    assert {one.level for one in world.dealers} == {1, 2, 3, 4}
    assert 10 < sum(one.share_name for one in world.dealers) < 50


@pytest.mark.parametrize("today", DAYS)
def test_four_batches_of_twelve_leave_twelve_dealers_undrawn(today):
    world = build_world(seed=3, today=today)
    drawn = [ref for batch in world.batches for ref in batch.dealers]
    joined = {one.ref: one.joined_on for one in world.dealers}

    assert [len(batch.dealers) for batch in world.batches] == [12, 12, 12, 12]
    assert len(set(drawn)) == 48
    assert all(joined[ref] < batch.starts_on for batch in world.batches for ref in batch.dealers)
    months = [
        today.year * 12 + today.month - b.starts_on.year * 12 - b.starts_on.month
        for b in world.batches
    ]
    assert months == [13, 10, 7, 4]


@pytest.mark.parametrize("today", DAYS)
def test_nothing_but_booked_sessions_lies_in_the_future(today):
    world = build_world(seed=5, today=today)

    for enrolment in world.enrolments:
        assert enrolment.enrolled_on <= today
        assert all(day <= today for day in enrolment.lesson_dates)
    assert all(one.submitted_on < today for one in world.feedback)
    assert all(one.released_on < today for one in world.releases)
    for session in world.sessions:
        assert (session.on >= today) == (session.outcome == "booked")


def test_lessons_are_done_in_order_and_six_finish_the_course(world):
    for enrolment in world.enrolments:
        days = (enrolment.enrolled_on, *enrolment.lesson_dates)
        assert all(a < b for a, b in pairwise(days))
        assert (enrolment.finished_on is not None) == (len(enrolment.lesson_dates) == 6)
    assert {one.course for one in world.enrolments} == {"repurchase-101", "after-sales-101"}


def test_no_consultant_and_no_dealer_is_in_two_sessions_at_once(world):
    by_consultant = Counter((one.consultant, one.on, one.starts_minute) for one in world.sessions)
    by_dealer = Counter((one.dealer, one.on) for one in world.sessions)

    assert max(by_consultant.values()) == 1
    assert max(by_dealer.values()) == 1


@pytest.mark.parametrize("seed", range(6))
def test_a_closed_shop_neither_learns_nor_meets_anybody_any_more(seed):
    world = build_world(seed=seed, today=date(2026, 11, 22))
    closed = {one.ref: one.closed_on for one in world.dealers if one.closed_on}

    assert len(closed) == 2
    for session in world.sessions:
        assert session.dealer not in closed or session.on < closed[session.dealer]
    for enrolment in world.enrolments:
        days = (enrolment.enrolled_on, *enrolment.lesson_dates)
        assert enrolment.dealer not in closed or max(days) <= closed[enrolment.dealer]


def test_only_a_session_that_took_place_has_a_note_and_a_step(world):
    assert {one.outcome for one in world.sessions} == {"done", "no_show", "booked"}
    for session in world.sessions:
        done = session.outcome == "done"
        assert bool(session.note) == bool(session.action) == done
        assert session.action_due_on == (session.on + timedelta(days=14) if done else None)


def test_a_first_meeting_does_not_speak_of_an_earlier_one(world):
    met: set[str] = set()
    for session in world.sessions:
        if session.outcome == "done" and session.dealer not in met:
            met.add(session.dealer)
            assert "上次" not in session.note
    assert any("上次" in one.note for one in world.sessions)


def test_tickets_and_feedback_point_at_each_other(world):
    for ticket in world.tickets:
        pieces = [world.feedback[number] for number in ticket.feedback]
        assert pieces, ticket.code
        assert all(one.ticket == ticket.code for one in pieces)
        assert len({one.dealer for one in pieces}) == len(pieces), "one dealer, one ask"
        assert min(one.submitted_on for one in pieces) <= ticket.opened_on
    linked = sum(one.ticket is not None for one in world.feedback)
    assert linked == sum(len(one.feedback) for one in world.tickets)


def test_every_fate_occurs_and_only_the_untouched_go_unanswered(world):
    assert {one.fate for one in world.feedback} == FATES
    for feedback in world.feedback:
        assert bool(feedback.answer) == (feedback.fate not in {"new", "linked"})


def test_a_release_ships_its_tickets_on_the_day_they_close(world):
    tickets = {one.code: one for one in world.tickets}
    shipped = {code for release in world.releases for code in release.tickets}

    assert shipped == {one.code for one in world.tickets if one.state == "shipped"}
    for release in world.releases:
        for code in release.tickets:
            assert tickets[code].closed_on == release.released_on


def test_the_product_with_the_worst_refunds_has_the_most_feedback(world):
    worst = max(world.products, key=lambda one: one.refund_bps)
    most = Counter(one.product for one in world.feedback).most_common(1)[0][0]

    assert most == worst.code == "VD-CW-YEAR"


def test_the_release_note_counts_the_shops_that_really_asked(world):
    release = next(one for one in world.releases if one.code == "R-YEAR-DIRECT")
    ticket = next(one for one in world.tickets if one.code == "T-YEAR-CODE")

    assert f"{len(ticket.feedback)} 家店" in release.notes


def test_every_reference_leads_somewhere(world):
    dealers = {one.ref for one in world.dealers}
    products = {one.code for one in world.products}

    assert {one.dealer for one in world.feedback} <= dealers
    assert {one.dealer for one in world.sessions} <= dealers
    assert {one.product for one in world.feedback} <= products
    assert {one.product for one in world.tickets} <= products
    assert {code for one in world.releases for code in one.cures} <= products
    assert {one.consultant for one in world.sessions} <= {c.code for c in world.consultants}


def test_a_day_without_known_festivals_is_refused():
    with pytest.raises(DemoDateError):
        build_world(seed=1, today=date(2041, 1, 1))


def test_records_cannot_be_changed(world):
    for record in (world, world.dealers[0], world.feedback[0]):
        with pytest.raises(AttributeError):
            setattr(record, fields(record)[0].name, None)

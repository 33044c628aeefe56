"""Private feeds: who may open one, what stands in it, and what it costs to ask again."""

import re
from datetime import timedelta

import pytest
from booking.conftest import HOUR, MONDAY_10, NOW
from icalendar import Calendar
from rows import all_of

from portal.accounts.models import Membership
from portal.booking.actions import bookings
from portal.calendars.models import CalendarFeed
from portal.db import db, unit_of_work

pytestmark = pytest.mark.usefixtures("at_now")


def new_feed(client, **typed) -> str:
    """Give the actor's feed a new address and return its path."""
    page = client.post("/calendars/feed", data=typed)
    assert page.status_code == 200, page.text
    return "/calendars/" + re.search(r"/calendars/([\w-]{43}\.ics)", page.text).group(1)


def feeds(app):
    with app.app_context():
        return all_of(CalendarFeed)


def events(answer):
    return Calendar.from_ical(answer.data).walk("VEVENT")


def test_a_feed_holds_the_sessions_of_the_shop_for_whoever_has_its_address(
    app, cast, book, sign_in, libical
):
    public_id = book()
    path = new_feed(sign_in(cast.dealer_clerk))

    answer = app.test_client().get(path)

    assert answer.content_type == "text/calendar; charset=utf-8"
    assert libical(answer.data)
    (event,) = events(answer)
    assert event["DTSTART"].dt == MONDAY_10
    assert "复购率一直在掉" in event["DESCRIPTION"]
    assert event["URL"].endswith(f"/booking/{public_id}")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in answer.data


def test_a_consultant_finds_their_own_sessions_and_nobody_elses(app, cast, book, sign_in):
    book()
    of_a, of_b = (new_feed(sign_in(each)) for each in (cast.consultant, cast.consultant_b))

    assert len(events(app.test_client().get(of_a))) == 1
    assert events(app.test_client().get(of_b)) == []


def test_another_shop_finds_nothing_in_its_feed(app, cast, book, sign_in):
    book()

    assert events(app.test_client().get(new_feed(sign_in(cast.dealer_b)))) == []


def test_a_cancelled_session_leaves_the_feed(app, cast, book, sign_in):
    public_id = book()
    path = new_feed(sign_in(cast.dealer_a))
    with app.app_context(), unit_of_work():
        bookings.call_off(
            public_id=public_id, person_id=cast.consultant.person_id, reason="", at=NOW + HOUR
        )

    assert events(app.test_client().get(path)) == []


def test_details_are_masked_on_request_and_shown_again(app, cast, book, sign_in):
    book()
    client = sign_in(cast.dealer_a)
    path = new_feed(client, hides_details="y")

    masked = app.test_client().get(path).data.decode()
    client.post("/calendars/feed/details", data={})
    shown = app.test_client().get(path).data.decode()

    for word in ("复购率", "顾思远", "小鹿", "腾讯会议"):
        assert word not in masked
        assert word in shown.replace("\r\n ", "")
    assert "SUMMARY:会谈" in masked


def test_only_a_hash_of_the_address_is_kept_and_it_is_shown_once(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    path = new_feed(client)
    token = path.removeprefix("/calendars/").removesuffix(".ics")

    (kept,) = feeds(app)

    assert token not in str(vars(kept))
    assert len(kept.token_hash) == 64
    assert token not in client.get("/calendars").text


def test_a_renewed_address_ends_the_one_before(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    before, after = new_feed(client), new_feed(client)

    assert app.test_client().get(before).status_code == 404
    assert app.test_client().get(after).status_code == 200


def test_a_removed_feed_leads_nowhere(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    path = new_feed(client)

    client.post("/calendars/feed/remove")

    assert app.test_client().get(path).status_code == 404
    assert feeds(app) == []


def test_who_has_left_the_shop_has_no_feed_of_it_any_more(app, cast, sign_in):
    path = new_feed(sign_in(cast.dealer_clerk))
    with app.app_context(), unit_of_work():
        left = db.session.query(Membership).filter_by(person_id=cast.dealer_clerk.person_id).one()
        db.session.delete(left)

    assert app.test_client().get(path).status_code == 404


def test_who_asks_again_learns_that_nothing_has_changed(app, cast, book, sign_in):
    book()
    path = new_feed(sign_in(cast.dealer_a))
    etag = app.test_client().get(path).headers["ETag"]

    again = app.test_client().get(path, headers={"If-None-Match": etag})
    book(starts_at=MONDAY_10 + timedelta(days=7))
    changed = app.test_client().get(path, headers={"If-None-Match": etag})

    assert (again.status_code, again.data) == (304, b"")
    assert changed.status_code == 200
    assert len(events(changed)) == 2


def test_the_page_says_when_the_feed_was_last_fetched(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    path = new_feed(client)
    before = client.get("/calendars").text

    app.test_client().get(path)

    assert "还没有" in before
    assert '<time datetime="2026-11-22T02:00' in client.get("/calendars").text
    (kept,) = feeds(app)
    assert kept.fetched_at is not None


def test_a_feed_is_not_asked_for_without_end(app, cast, sign_in):
    path = new_feed(sign_in(cast.dealer_a))
    rates = app.extensions["tongtu.rates"]
    rates.enabled = True
    try:
        codes = [app.test_client().get(path).status_code for _ in range(121)]
    finally:
        rates.enabled = False

    assert codes[:120] == [200] * 120
    assert codes[120] == 429


def test_accounts_lead_to_the_calendar_where_there_is_one(cast, sign_in):
    assert "/calendars" in sign_in(cast.dealer_a).get("/account").text
    assert "/calendars" not in sign_in(cast.supplier_a).get("/account").text

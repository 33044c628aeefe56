"""A session is a row: it ends when the server says so, wherever its cookie still lies about."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, func, select, update

from portal.accounts.sign_in import rules
from portal.accounts.sign_in.actions import sessions
from portal.accounts.sign_in.models import SignInSession
from portal.db import db, unit_of_work

PASSWORD = "correct horse battery"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; PGT-AN10) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Mobile Safari/537.36"
)


def cookie_of(client) -> str:
    return client.get_cookie("tongtu").value


def with_cookie(app, value: str):
    client = app.test_client()
    client.set_cookie("tongtu", value)
    return client


def is_signed_in(client) -> bool:
    return client.get("/notices").status_code == 200


def rows(app) -> list[SignInSession]:
    with app.app_context():
        return list(db.session.scalars(select(SignInSession).order_by(SignInSession.id)))


@pytest.mark.asvs("V7.4.1")
def test_a_cookie_kept_from_before_the_sign_out_opens_nothing(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    kept = cookie_of(client)
    assert is_signed_in(with_cookie(app, kept))  # the control: until then it does

    client.post("/sign-out")

    assert not is_signed_in(with_cookie(app, kept))


@pytest.mark.asvs("V7.2.3")
def test_the_cookie_names_neither_the_person_nor_anything_that_the_server_keeps(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    with client.session_transaction() as session:
        kept = dict(session)

    assert set(kept) <= {"_permanent", "csrf_token", "sign_in"}
    assert len(kept["sign_in"]) >= 43  # 256 bits in base64
    assert kept["sign_in"] not in [row.token_hash for row in rows(app)]


@pytest.mark.asvs("V7.2.2", "V7.2.4")
def test_signing_in_again_gives_another_token_and_ends_the_earlier_session(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    kept = cookie_of(client)

    client.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})

    assert cookie_of(client) != kept
    assert not is_signed_in(with_cookie(app, kept))
    assert is_signed_in(client)


@pytest.mark.asvs("V7.2.4")
def test_a_token_that_was_put_into_the_browser_beforehand_is_not_taken_over(app, cast):
    client = app.test_client()
    with client.session_transaction() as session:
        session["sign_in"] = "planted"

    client.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})

    with client.session_transaction() as session:
        assert session["sign_in"] != "planted"


@pytest.mark.asvs("V7.3.1")
def test_an_unused_session_ends_and_a_used_one_goes_on(app, cast):
    client = app.test_client()
    with time_machine.travel(0, tick=False) as clock:
        client.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})
        for _ in range(3):
            clock.shift(rules.ORDINARY.idle - timedelta(minutes=1))
            assert is_signed_in(client)
        clock.shift(rules.ORDINARY.idle)

        assert not is_signed_in(client)


@pytest.mark.asvs("V7.3.2")
def test_a_session_ends_however_much_it_is_used(app, cast):
    client = app.test_client()
    with time_machine.travel(0, tick=False) as clock:
        client.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})
        used = timedelta()
        while used < rules.ORDINARY.absolute - timedelta(hours=8):
            clock.shift(timedelta(hours=8))
            used += timedelta(hours=8)
            assert is_signed_in(client)
        clock.shift(timedelta(hours=8))

        assert not is_signed_in(client)


@pytest.mark.asvs("V7.3.1", "V7.3.2")
@pytest.mark.parametrize(
    ("who", "keep", "expected"),
    [
        ("dealer_a", False, rules.ORDINARY),
        ("dealer_a", True, rules.KEPT),
        ("operator", True, rules.GUARDED),
        ("supplier_a", True, rules.GUARDED),
    ],
)
def test_how_long_a_session_lasts_depends_on_who_one_is(app, cast, who, keep, expected):
    client = app.test_client()
    data = {"identity": getattr(cast, who).phone, "password": PASSWORD}

    answer = client.post("/sign-in", data=data | ({"remember": "y"} if keep else {}))

    (row,) = rows(app)
    assert row.ends_at - row.created_at == expected.absolute
    assert row.idle_until - row.created_at == expected.idle
    # Only a kept one outlives the browser.
    assert ("Expires=" in answer.headers["Set-Cookie"]) == (expected is rules.KEPT)


def test_that_a_session_is_used_is_written_down_every_few_minutes_and_not_by_every_page(
    app, cast, count_queries
):
    client = app.test_client()
    with time_machine.travel(0, tick=False) as clock:
        client.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})
        began = rows(app)[0].seen_at
        clock.shift(timedelta(minutes=4))
        client.get("/notices")
        assert rows(app)[0].seen_at == began
        clock.shift(timedelta(minutes=1))
        client.get("/notices")

        assert rows(app)[0].seen_at == began + timedelta(minutes=5)


def test_a_person_is_signed_in_on_twenty_devices_at_most_and_the_idlest_makes_room(
    app, cast, sign_in
):
    first = sign_in(cast.dealer_a)
    second = sign_in(cast.dealer_a)
    with app.app_context(), unit_of_work():
        oldest = db.session.scalar(select(func.min(SignInSession.id)))
        db.session.execute(
            update(SignInSession)
            .where(SignInSession.id == oldest)
            .values(seen_at=SignInSession.created_at)
        )
    others = [sign_in(cast.dealer_a) for _ in range(rules.MAX_SESSIONS - 1)]

    assert len(rows(app)) == rules.MAX_SESSIONS
    assert not is_signed_in(first)
    assert is_signed_in(second)
    assert all(is_signed_in(each) for each in others)


@pytest.mark.asvs("V7.5.2")
def test_the_devices_are_listed_with_what_they_are(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    phone = app.test_client()
    phone.post(
        "/sign-in",
        data={"identity": cast.dealer_a.phone, "password": PASSWORD},
        headers={"User-Agent": ANDROID},
    )

    page = client.get("/account/devices").text

    assert "Chrome Mobile · Android" in page
    assert "127.0.0.1" in page
    assert page.count("这台设备") == 1


@pytest.mark.asvs("V7.5.2")
def test_one_device_can_be_signed_out_from_another(app, cast, sign_in):
    client, phone = sign_in(cast.dealer_a), sign_in(cast.dealer_a)
    phones = rows(app)[-1].id
    assert is_signed_in(phone)  # the control

    answer = client.post(f"/account/devices/{phones}/end")

    assert answer.status_code == 303
    assert not is_signed_in(phone)
    assert is_signed_in(client)


def test_anothers_device_is_not_found_and_stays_signed_in(app, cast, sign_in):
    client, victim = sign_in(cast.dealer_a), sign_in(cast.dealer_b)

    answer = client.post(f"/account/devices/{rows(app)[-1].id}/end")

    assert answer.status_code == 404
    assert is_signed_in(victim)


@pytest.mark.asvs("V7.4.3")
def test_all_others_can_be_signed_out_at_once_and_nobody_elses(app, cast, sign_in):
    client, phone, tablet = (sign_in(cast.dealer_a) for _ in range(3))
    stranger = sign_in(cast.dealer_b)

    client.post("/account/devices/end-others")

    assert [is_signed_in(each) for each in (client, phone, tablet, stranger)] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.asvs("V7.5.2")
def test_ending_a_session_elsewhere_asks_for_the_password_when_that_was_shown_long_ago(app, cast):
    client = app.test_client()
    with time_machine.travel(0, tick=False) as clock:
        client.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})
        kept = cookie_of(client)
        clock.shift(timedelta(minutes=11))

        sent = client.post(
            "/account/devices/end-others",
            headers={"Referer": "http://localhost/account/devices"},
        )
        assert sent.headers["Location"] == "/verify?next=/account/devices"
        wrong = client.post(sent.headers["Location"], data={"password": "something else"})
        assert wrong.status_code == 422
        assert "密码不对" in wrong.text
        right = client.post(sent.headers["Location"], data={"password": PASSWORD})

        assert (right.status_code, right.headers["Location"]) == (303, "/account/devices")
        assert client.post("/account/devices/end-others").headers["Location"] == "/account/devices"
        assert not is_signed_in(with_cookie(app, kept))  # the token was renewed


def test_what_ran_out_is_swept_away(app, cast, sign_in):
    sign_in(cast.dealer_a), sign_in(cast.operator)
    later = rows(app)[0].created_at + rules.GUARDED.absolute

    with app.app_context(), unit_of_work():
        assert sessions.forget_old(at=later) == 2

    assert rows(app) == []


@pytest.mark.asvs("V7.2.1")
def test_the_row_is_what_signs_one_in(app, cast, sign_in):
    client = sign_in(cast.dealer_a)

    with app.app_context(), unit_of_work():
        db.session.execute(delete(SignInSession))

    assert not is_signed_in(client)

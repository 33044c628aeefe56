"""What slows a guesser down: pauses by account and by address, and rates; each with its control."""

import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from conftest import NOW
from sqlalchemy import select, update

from portal.accounts.sign_in import passwords, rules
from portal.accounts.sign_in.actions import attempts
from portal.accounts.sign_in.models import Attempts
from portal.accounts.sign_in.rates import RATES
from portal.db import commit_early, db, unit_of_work

PASSWORD = "correct horse battery"
UNKNOWN = "13899999999"


@pytest.fixture
def moment():
    with time_machine.travel(datetime(2026, 11, 22, 2, tzinfo=UTC), tick=False) as moving:
        yield moving


def attempt(app, identity, password, address="198.51.100.7"):
    return app.test_client().post(
        "/sign-in",
        data={"identity": identity, "password": password},
        environ_base={"REMOTE_ADDR": address},
    )


def fail(app, identity, times, **kwargs):
    for _ in range(times):
        answer = attempt(app, identity, "wrong", **kwargs)
    return answer


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, None), (4, None), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (500, 900)],
)
def test_pauses_double_up_to_a_quarter_of_an_hour(failures, seconds):
    expected = None if seconds is None else timedelta(seconds=seconds)

    assert rules.ACCOUNT.pause_after(failures) == expected


@pytest.mark.asvs("V6.3.1")
def test_after_five_failures_even_the_right_password_waits_and_is_told_how_long(app, cast, moment):
    fail(app, cast.dealer_a.phone, 5)

    answer = attempt(app, cast.dealer_a.phone, PASSWORD)

    assert answer.status_code == 422
    assert "请等 30 秒再试" in answer.text
    moment.shift(timedelta(seconds=31))
    assert attempt(app, cast.dealer_a.phone, PASSWORD).status_code == 302


def test_four_failures_are_free(app, cast, moment):
    """The control of the test above."""
    fail(app, cast.dealer_a.phone, 4)

    assert attempt(app, cast.dealer_a.phone, PASSWORD).status_code == 302


def test_an_unknown_account_is_paused_in_the_same_words(app, cast, moment):
    def said(answer) -> list[str]:
        return re.findall(r"<span>([^<]*)</span></p>", answer.text)[:1]  # the field's

    known = [said(fail(app, cast.dealer_a.phone, 1)) for _ in range(7)]
    unknown = [said(fail(app, UNKNOWN, 1, address="203.0.113.9")) for _ in range(7)]

    assert known == unknown
    assert known == [["账号或密码不对"]] * 5 + [["试错太多次，请等 30 秒再试。"]] * 2


def test_an_unknown_account_takes_as_long_as_a_wrong_password(app, cast):
    """At the real cost of a hash; the pauses are off, or they would be measured."""
    app.config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = passwords.COSTS["test"]

    def took(identity: str) -> float:
        began = time.perf_counter()
        attempt(app, identity, "wrong", address="192.0.2.1")
        return time.perf_counter() - began

    known, unknown = [], []
    for number in range(8):
        known.append(took(cast.dealer_a.phone) if number < 4 else took(cast.dealer_b.phone))
        unknown.append(took(f"1389999{number:04d}"))

    assert 0.5 < statistics.median(known) / statistics.median(unknown) < 2


@pytest.mark.parametrize("typed", ["13800000001", "138 0000 0001", "+86 138-0000-0001"])
def test_another_spelling_of_the_number_is_the_same_account(app, cast, moment, typed):
    fail(app, cast.dealer_a.phone, 5)

    assert "秒再试" in attempt(app, typed, PASSWORD).text


def test_another_account_is_not_paused(app, cast, moment):
    fail(app, cast.dealer_a.phone, 5)

    assert attempt(app, cast.dealer_b.phone, PASSWORD).status_code == 302


def test_trying_during_a_pause_does_not_make_it_longer(app, cast, moment):
    fail(app, cast.dealer_a.phone, 5)
    fail(app, cast.dealer_a.phone, 20)
    moment.shift(timedelta(seconds=31))

    assert attempt(app, cast.dealer_a.phone, PASSWORD).status_code == 302


def test_the_owners_own_sign_in_buys_a_guesser_no_new_tries(app, cast, moment):
    fail(app, cast.dealer_a.phone, 4)
    assert attempt(app, cast.dealer_a.phone, PASSWORD, "192.0.2.1").status_code == 302

    fail(app, cast.dealer_a.phone, 1)

    assert "秒再试" in attempt(app, cast.dealer_a.phone, PASSWORD).text


def test_failures_fade_after_a_day(app, cast, moment):
    fail(app, cast.dealer_a.phone, 4)
    moment.shift(timedelta(hours=24, seconds=1))
    fail(app, cast.dealer_a.phone, 4)

    assert attempt(app, cast.dealer_a.phone, PASSWORD).status_code == 302


@pytest.mark.asvs("V15.3.4")
def test_an_address_that_tries_many_accounts_is_paused(app, cast, moment):
    for number in range(rules.ADDRESS.free):
        fail(app, f"139{number:08d}", 1)

    assert "秒再试" in attempt(app, cast.dealer_a.phone, PASSWORD).text
    assert attempt(app, cast.dealer_a.phone, PASSWORD, "192.0.2.1").status_code == 302


def test_good_sign_ins_of_ones_own_do_not_clear_an_address(app, cast, moment):
    for number in range(rules.ADDRESS.free - 1):
        fail(app, f"139{number:08d}", 1)
        if number % 5 == 0:
            assert attempt(app, cast.dealer_b.phone, PASSWORD).status_code == 302
    fail(app, "13999999999", 1)

    assert "秒再试" in attempt(app, cast.dealer_b.phone, PASSWORD).text


def test_an_ipv6_network_is_one_address():
    assert rules.address_key("2001:db8:1:2::1") == rules.address_key("2001:db8:1:2:ffff::9")
    assert rules.address_key("2001:db8:1:2::1") != rules.address_key("2001:db8:1:3::1")


def reserve_at_once(app, count: int) -> int:
    """Return how many of `count` simultaneous attempts got as far as the password."""

    def one(_number: int) -> int:
        with app.app_context():
            try:
                with unit_of_work():
                    attempts.reserve(keys=["identity:x"], at=NOW)
            except attempts.Paused:
                return 0
            return 1

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(one, range(count)))


@pytest.mark.asvs("V6.3.1")
def test_a_rush_of_guesses_gets_no_further_than_one_by_one(app, cast):
    assert reserve_at_once(app, 40) == rules.ACCOUNT.free


@pytest.mark.asvs("V6.3.1")
def test_counting_only_afterwards_would_let_a_rush_through(app, cast, monkeypatch):
    """The control: count as one usually does, look first and write later."""

    def careless(*, keys, at):
        failures = db.session.scalar(select(Attempts.failures).where(Attempts.key == keys[0]))
        commit_early()
        if failures >= rules.ACCOUNT.free:
            raise attempts.Paused(at)
        time.sleep(0.05)  # the password is hashed
        db.session.execute(update(Attempts).values(failures=failures + 1))

    monkeypatch.setattr(attempts, "reserve", careless)
    with app.app_context(), unit_of_work():
        db.session.add(Attempts(key="identity:x", failures=0, last_at=NOW))

    assert reserve_at_once(app, 40) > rules.ACCOUNT.free


def test_old_failures_are_swept_away(app, cast):
    with app.app_context(), unit_of_work():
        attempts.reserve(keys=["identity:x", "address:y"], at=NOW)

    with app.app_context(), unit_of_work():
        assert attempts.forget_old(at=NOW + timedelta(hours=23)) == 0
        assert attempts.forget_old(at=NOW + timedelta(hours=25)) == 2


@pytest.fixture
def limited(app):
    """The application with its rates on, as in production."""
    rates = app.extensions["tongtu.rates"]
    rates.enabled = True
    yield app
    rates.enabled = False


def test_every_rate_is_on_a_route_that_exists(app):
    assert set(RATES) <= set(app.view_functions)


@pytest.mark.asvs("V2.4.1")
def test_more_requests_than_the_rate_are_refused_with_when_to_come_again(limited, cast, moment):
    client = limited.test_client()
    for _ in range(60):
        assert client.post("/language/zh_CN", data={"next": "/sign-in"}).status_code == 302

    refused = client.post("/language/zh_CN", data={"next": "/sign-in"})

    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert "请等 1 分钟再试" in refused.text
    assert client.get("/sign-in").status_code == 200  # looking is free
    moment.shift(timedelta(seconds=61))
    assert client.post("/language/zh_CN").status_code == 302


@pytest.mark.asvs("V2.4.1")
def test_without_the_rates_nothing_of_this_is_refused(app, cast):
    """The control of the test above."""
    client = app.test_client()

    assert {client.post("/language/en").status_code for _ in range(62)} == {302}


def test_a_rate_counts_for_each_address_and_for_each_sign_in(limited, cast, moment, sign_in):
    for _ in range(61):
        last = limited.test_client().post("/language/en")
    assert last.status_code == 429

    elsewhere = limited.test_client().post(
        "/language/en", environ_base={"REMOTE_ADDR": "192.0.2.77"}
    )
    assert elsewhere.status_code == 302
    # From the same address, but signed in: counted on its own.
    assert sign_in(cast.dealer_a).post("/language/en").status_code == 302


def test_a_limited_form_of_who_is_signed_in_waits_for_nobody(limited, cast, sign_in):
    """On SQLite a count that came after the request's own transaction would wait for itself."""
    client = sign_in(cast.dealer_a)
    began = time.perf_counter()

    answer = client.post("/account/factors/authenticator/start")

    assert answer.status_code == 303
    assert time.perf_counter() - began < 10


def test_the_count_is_in_the_database_so_that_processes_share_it(limited, cast, moment):
    storage = limited.extensions["tongtu.rates"].storage
    with limited.app_context():
        assert [storage.incr("k", 60) for _ in range(3)] == [1, 2, 3]
        with ThreadPoolExecutor(8) as pool:

            def one(_number):
                with limited.app_context():
                    return storage.incr("k", 60)

            assert sorted(pool.map(one, range(40))) == list(range(4, 44))
        assert storage.get("k") == 43
        moment.shift(timedelta(seconds=61))
        assert storage.get("k") == 0
        assert storage.incr("k", 60) == 1
        storage.clear("k")
        assert storage.get("k") == 0

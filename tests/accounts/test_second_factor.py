"""The second step: codes that are good once and for a short while, and who must have one."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from passlib.totp import TOTP
from sqlalchemy import select, update

from portal import clock, sealing
from portal.accounts.sign_in import authenticator
from portal.accounts.sign_in.models import Authenticator, PendingSignIn, RecoveryCode
from portal.db import db, unit_of_work

PASSWORD = "correct horse battery"
START = datetime(2026, 11, 22, 2, 0, 5, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def moment():
    with time_machine.travel(START, tick=False) as moving:
        yield moving


class Phone:
    """The authenticator app of somebody."""

    def __init__(self, key: str) -> None:
        self._totp = TOTP(key=key)

    def code(self, at: datetime | None = None) -> str:
        return self._totp.generate(time=at or clock.now()).token


def set_up(client) -> tuple[Phone, list[str]]:
    client.post("/account/factors/authenticator/start")
    page = client.get("/account/factors/authenticator").text
    phone = Phone(re.search(r'<p class="num"><strong>([A-Z0-9-]+)<', page).group(1))
    answer = client.post("/account/factors/authenticator", data={"code": phone.code()})
    assert answer.status_code == 200, answer.text
    return phone, re.findall(r"<li>([A-Z0-9]{5}-[A-Z0-9]{5})</li>", answer.text)


@pytest.fixture
def guarded(app, cast, sign_in, moment) -> tuple[Phone, list[str]]:
    """Dealer A has an authenticator and ten recovery codes; the next half minute has begun."""
    made = set_up(sign_in(cast.dealer_a))
    moment.shift(STEP)
    return made


def first_step(app, actor):
    client = app.test_client()
    answer = client.post("/sign-in", data={"identity": actor.phone, "password": PASSWORD})
    assert answer.headers["Location"].startswith("/sign-in/second-step"), answer.text
    return client


def second_step(client, code: str):
    return client.post("/sign-in/second-step", data={"code": code})


def is_signed_in(client) -> bool:
    return client.get("/notices").status_code == 200


@pytest.mark.asvs("V6.3.3")
def test_the_password_alone_opens_nothing_and_the_code_after_it_does(app, cast, guarded):
    client = first_step(app, cast.dealer_a)
    assert not is_signed_in(client)

    answer = second_step(client, guarded[0].code())

    assert answer.status_code == 302
    assert is_signed_in(client)


def test_full_width_digits_and_spaces_are_read_as_the_digits_that_they_are(app, cast, guarded):
    code = guarded[0].code().translate({ord("0") + n: 0xFF10 + n for n in range(10)})

    assert second_step(first_step(app, cast.dealer_a), f"{code[:3]} {code[3:]}").status_code == 302


def test_one_comes_to_where_one_wanted_to_go(app, cast, guarded):
    client = app.test_client()
    data = {"identity": cast.dealer_a.phone, "password": PASSWORD}
    step = client.post("/sign-in?next=/notices?page=2", data=data).headers["Location"]

    answer = client.post(step, data={"code": guarded[0].code()})

    assert answer.headers["Location"] == "/notices?page=2"


@pytest.mark.parametrize("code", ["000000", "", "12345", "abc", "x" * 200])
def test_a_wrong_code_is_refused_with_a_word(app, cast, guarded, code):
    client = first_step(app, cast.dealer_a)

    answer = second_step(client, code)

    assert answer.status_code == 422
    assert "form-error" in answer.text
    assert not is_signed_in(client)


@pytest.mark.asvs("V6.5.1")
def test_a_code_is_good_once(app, cast, guarded):
    code = guarded[0].code()
    assert second_step(first_step(app, cast.dealer_a), code).status_code == 302

    again = second_step(first_step(app, cast.dealer_a), code)

    assert again.status_code == 422


def test_the_code_that_proved_the_set_up_is_used_up_too(app, cast, sign_in, moment):
    phone, _ = set_up(sign_in(cast.dealer_a))

    assert second_step(first_step(app, cast.dealer_a), phone.code()).status_code == 422


def test_a_code_sent_by_many_at_once_lets_one_in(app, cast, guarded):
    code = guarded[0].code()
    clients = [first_step(app, cast.dealer_a) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda each: second_step(each, code).status_code, clients))

    assert sorted(statuses) == [302, 422, 422, 422]


@pytest.mark.asvs("V6.5.5")
@pytest.mark.parametrize(
    ("steps", "expected"), [(-2, 422), (-1, 302), (0, 302), (1, 302), (2, 422)]
)
def test_a_phones_clock_may_be_one_half_minute_off(app, cast, guarded, moment, steps, expected):
    moment.shift(4 * STEP)
    code = guarded[0].code(clock.now() + steps * STEP)

    assert second_step(first_step(app, cast.dealer_a), code).status_code == expected


@pytest.mark.asvs("V6.5.1")
def test_a_recovery_code_is_good_once_and_however_it_is_typed(app, cast, guarded):
    code = guarded[1][0]
    typed = f" {code.lower().replace('-', ' ')} "
    assert second_step(first_step(app, cast.dealer_a), typed).status_code == 302

    assert second_step(first_step(app, cast.dealer_a), code).status_code == 422
    with app.app_context():
        assert len(db.session.scalars(select(RecoveryCode)).all()) == 9


def test_a_recovery_code_sent_by_many_at_once_lets_one_in(app, cast, guarded):
    clients = [first_step(app, cast.dealer_a) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        statuses = list(
            pool.map(lambda each: second_step(each, guarded[1][3]).status_code, clients)
        )

    assert sorted(statuses) == [302, 422, 422, 422]


@pytest.mark.asvs("V6.5.2", "V6.5.4")
def test_ten_recovery_codes_are_shown_once_and_kept_as_hashes(app, cast, guarded):
    with app.app_context():
        kept = db.session.scalars(select(RecoveryCode)).all()

    assert len(guarded[1]) == len(set(guarded[1])) == len(kept) == 10
    assert all(len(each.code_hash) == 64 for each in kept)
    assert not {each.code_hash for each in kept} & set(guarded[1])


def test_new_recovery_codes_make_the_old_ones_worthless(app, cast, guarded, moment):
    client = first_step(app, cast.dealer_a)
    second_step(client, guarded[0].code())

    fresh = client.post("/account/factors/recovery-codes").text

    moment.shift(STEP)
    assert second_step(first_step(app, cast.dealer_a), guarded[1][0]).status_code == 422
    new = re.search(r"<li>([A-Z0-9]{5}-[A-Z0-9]{5})</li>", fresh).group(1)
    assert second_step(first_step(app, cast.dealer_a), new).status_code == 302


@pytest.mark.asvs("V2.3.1")
def test_the_second_step_belongs_to_its_browser_and_to_ten_minutes(app, cast, guarded, moment):
    assert second_step(app.test_client(), guarded[0].code()).headers["Location"] == "/sign-in"
    client = first_step(app, cast.dealer_a)
    moment.shift(timedelta(minutes=11))

    answer = second_step(client, guarded[0].code())

    assert answer.headers["Location"] == "/sign-in"
    assert not is_signed_in(client)


def test_the_second_step_is_taken_once(app, cast, guarded, moment):
    client = first_step(app, cast.dealer_a)
    kept = client.get_cookie("tongtu").value
    second_step(client, guarded[0].code())
    moment.shift(STEP)
    replayed = app.test_client()
    replayed.set_cookie("tongtu", kept)

    assert second_step(replayed, guarded[0].code()).headers["Location"] == "/sign-in"


def test_the_token_of_the_first_step_is_not_that_of_the_session(app, cast, guarded):
    client = first_step(app, cast.dealer_a)
    with client.session_transaction() as session:
        pending = session["second_step"]

    second_step(client, guarded[0].code())

    with client.session_transaction() as session:
        assert "second_step" not in session
        assert session["sign_in"] != pending


def test_a_changed_password_ends_a_second_step_that_waits(app, cast, guarded):
    client = first_step(app, cast.dealer_a)
    with app.app_context(), unit_of_work():
        assert db.session.scalar(select(PendingSignIn.id)) is not None

    other = first_step(app, cast.dealer_a)
    second_step(other, guarded[0].code())
    data = {"present": PASSWORD, "new": "sieben blaue heringe"}
    assert other.post("/account/password", data=data).status_code == 303

    assert client.get("/sign-in/second-step").status_code == 302


def test_the_secret_is_kept_encrypted(app, cast, sign_in, moment):
    client = sign_in(cast.dealer_a)
    client.post("/account/factors/authenticator/start")
    page = html.unescape(client.get("/account/factors/authenticator").text)
    key = re.search(r'<p class="num"><strong>([A-Z0-9-]+)<', page).group(1).replace("-", "")
    assert f"secret={key}" in page

    with app.app_context():
        kept = db.session.scalar(select(Authenticator.secret))

    assert sealing.is_current(kept)
    assert key not in kept


def kept_secret(app, cast) -> str:
    with app.app_context():
        wanted = select(Authenticator.secret).where(
            Authenticator.person_id == cast.dealer_a.person_id
        )
        return db.session.scalars(wanted).one()


def keep(app, cast, secret: str) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(
            update(Authenticator)
            .where(Authenticator.person_id == cast.dealer_a.person_id)
            .values(secret=secret)
        )


def without_seal(app, cast) -> str:
    """Return the secret as it was kept before there were seals."""
    person_id = cast.dealer_a.person_id
    with app.app_context():
        return authenticator.opened(kept_secret(app, cast), person_id=person_id)


@pytest.mark.asvs("V11.3.3")
def test_a_secret_from_before_the_seals_still_counts_and_is_sealed_at_its_next_use(
    app, cast, guarded, moment
):
    phone, _ = guarded
    keep(app, cast, without_seal(app, cast))

    client = first_step(app, cast.dealer_a)
    second_step(client, phone.code())

    assert is_signed_in(client)
    assert sealing.is_current(kept_secret(app, cast))
    moment.shift(timedelta(minutes=2))
    again = first_step(app, cast.dealer_a)
    second_step(again, phone.code())
    assert is_signed_in(again)


@pytest.mark.asvs("V11.3.3")
def test_a_secret_that_was_altered_or_is_another_persons_opens_nothing(app, cast, guarded):
    phone, _ = guarded
    kept = kept_secret(app, cast)
    with app.app_context():
        secret = authenticator.opened(kept, person_id=cast.dealer_a.person_id)
        anothers = authenticator.sealed(secret, person_id=cast.dealer_b.person_id)
    altered = kept[:-6] + ("A" if kept[-6] != "A" else "B") + kept[-5:]

    for bad in (altered, anothers):
        keep(app, cast, bad)
        client = first_step(app, cast.dealer_a)
        assert second_step(client, phone.code()).status_code == 422
        assert not is_signed_in(client)

    keep(app, cast, kept)
    client = first_step(app, cast.dealer_a)
    second_step(client, phone.code())
    assert is_signed_in(client)


def test_a_set_up_that_waits_under_an_earlier_key_begins_anew(app, cast, sign_in, moment):
    client = sign_in(cast.dealer_a)
    client.post("/account/factors/authenticator/start")
    keep(app, cast, "gcm.c2VhbGVkIHVuZGVyIGFub3RoZXIga2V5LCBsb25nIGFnbw==")

    answer = client.get("/account/factors/authenticator")

    assert answer.status_code in {200, 302, 303}
    assert client.post("/account/factors/authenticator/start").status_code == 303
    assert "secret=" in html.unescape(client.get("/account/factors/authenticator").text)


def test_an_authenticator_counts_from_its_first_code_on(app, cast, sign_in, moment):
    client = sign_in(cast.dealer_a)
    client.post("/account/factors/authenticator/start")
    wrong = client.post("/account/factors/authenticator", data={"code": "000000"})
    assert wrong.status_code == 422

    other = sign_in(cast.dealer_a)  # the password is still enough

    assert is_signed_in(other)


@pytest.mark.asvs("V7.5.1")
def test_setting_one_up_asks_for_the_password_when_that_was_shown_long_ago(
    app, cast, sign_in, moment
):
    client = sign_in(cast.dealer_a)
    moment.shift(timedelta(minutes=11))

    for path in ("/account/factors/authenticator/start", "/account/factors/recovery-codes"):
        assert client.post(path).headers["Location"].startswith("/verify")
    assert client.get("/account/factors/authenticator").headers["Location"].startswith("/verify")


@pytest.mark.asvs("V7.5.1")
def test_showing_the_password_again_is_not_enough_where_there_is_a_second_factor(
    app, cast, guarded, moment
):
    client = first_step(app, cast.dealer_a)
    second_step(client, guarded[0].code())
    moment.shift(timedelta(minutes=11))

    alone = client.post("/verify", data={"password": PASSWORD})
    both = client.post("/verify", data={"password": PASSWORD, "code": guarded[0].code()})

    assert (alone.status_code, both.status_code) == (422, 303)


def test_who_gives_the_authenticator_up_signs_in_by_password_again(app, cast, guarded):
    client = first_step(app, cast.dealer_a)
    second_step(client, guarded[0].code())

    client.post("/account/factors/authenticator/remove")

    plain = app.test_client()
    plain.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})
    assert is_signed_in(plain)
    with app.app_context():
        assert db.session.scalars(select(RecoveryCode)).all() == []


def test_a_first_step_in_the_same_browser_ends_who_was_signed_in_there(app, cast, guarded, sign_in):
    client = sign_in(cast.dealer_b)
    kept = client.get_cookie("tongtu").value

    client.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})

    replayed = app.test_client()
    replayed.set_cookie("tongtu", kept)
    assert not is_signed_in(replayed)


def test_anothers_code_is_worth_nothing(app, cast, sign_in, guarded, moment):
    other, _ = set_up(sign_in(cast.dealer_b))
    moment.shift(STEP)

    assert second_step(first_step(app, cast.dealer_a), other.code()).status_code == 422


def test_wrong_codes_lead_to_a_pause_that_the_right_one_waits_out_too(app, cast, guarded, moment):
    client = first_step(app, cast.dealer_a)
    for _ in range(5):
        assert "验证码不对" in second_step(client, "000000").text

    paused = second_step(client, guarded[0].code())

    assert paused.status_code == 422
    assert "请等 30 秒再试" in paused.text
    # Another browser, another first step: the pause is the person's.
    assert second_step(first_step(app, cast.dealer_a), guarded[0].code()).status_code == 422
    moment.shift(timedelta(seconds=31))
    assert second_step(client, guarded[0].code()).status_code == 302


@pytest.fixture
def required(app):
    """The policy of a real installation."""
    settings = app.extensions["tongtu.settings"]
    app.extensions["tongtu.settings"] = replace(settings, second_factor="required")


@pytest.mark.asvs("V6.3.3")
@pytest.mark.parametrize("who", ["operator", "supplier_a"])
def test_who_must_have_a_second_factor_is_led_to_set_it_up_first(
    app, cast, sign_in, required, moment, who
):
    client = sign_in(getattr(cast, who))
    assert client.get("/").headers["Location"] == "/account/factors"
    assert client.post("/notices/read").headers["Location"] == "/account/factors"
    assert "要先设好两步验证" in client.get("/account/factors").text
    assert client.post("/sign-out").status_code == 303
    client = sign_in(getattr(cast, who))

    set_up(client)

    assert client.get("/").status_code == 200


@pytest.mark.parametrize("who", ["dealer_a", "consultant", "author", "dealer_clerk"])
def test_everybody_else_may_do_without(cast, sign_in, required, who):
    assert sign_in(getattr(cast, who)).get("/").status_code == 200


def test_where_it_is_only_offered_nobody_is_led_anywhere(cast, sign_in):
    assert sign_in(cast.operator).get("/").status_code == 200


def test_who_must_have_one_cannot_give_the_last_one_up(app, cast, sign_in, required, moment):
    client = sign_in(cast.operator)
    set_up(client)

    client.post("/account/factors/authenticator/remove")

    with app.app_context():
        assert db.session.scalar(select(Authenticator.confirmed_at)) is not None


@pytest.mark.asvs("V14.2.3")
def test_the_picture_needs_nothing_from_outside(cast, sign_in, moment):
    client = sign_in(cast.dealer_a)
    client.post("/account/factors/authenticator/start")

    page = client.get("/account/factors/authenticator")

    assert 'src="data:image/svg+xml;base64,' in page.text
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]


@pytest.mark.asvs("V6.5.1")
def test_without_the_guard_of_the_half_minute_a_code_would_be_good_twice(app, cast, guarded):
    """The control of the tests above."""
    code = guarded[0].code()
    assert second_step(first_step(app, cast.dealer_a), code).status_code == 302
    with app.app_context(), unit_of_work():
        db.session.execute(update(Authenticator).values(last_counter=0))

    assert second_step(first_step(app, cast.dealer_a), code).status_code == 302


@pytest.mark.asvs("V6.4.3")
def test_a_new_password_by_link_does_not_skip_the_second_factor(app, cast, guarded, sign_in):
    app.test_client().post("/forgot", data={"identity": cast.dealer_a.phone})
    operator = sign_in(cast.operator)
    page = operator.get("/members/resets").text
    made = operator.post(re.search(r"/members/resets/\d+/link", page).group(0))
    shown = operator.get(made.headers["Location"]).text
    link = re.search(r"http://[^/]+(/link/[\w-]+)", shown).group(1)
    visitor = app.test_client()

    visitor.post(f"{link}/password", data={"password": "a pony under seven stars"})

    assert not is_signed_in(visitor)
    answer = visitor.post(
        "/sign-in",
        data={"identity": cast.dealer_a.phone, "password": "a pony under seven stars"},
    )
    assert answer.headers["Location"].startswith("/sign-in/second-step")
    assert not is_signed_in(visitor)

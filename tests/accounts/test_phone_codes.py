"""A code to a phone: signed to the gateway, good once and for the newest only, few guesses."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import endpoint_servers
import pytest
import time_machine
from conftest import NOW
from endpoint_servers import EndpointServer

from portal import jobs
from portal.accounts.membership import codes
from portal.accounts.membership.actions import phones
from portal.accounts.membership.models import PhoneCode
from portal.accounts.models import Person
from portal.db import db, unit_of_work
from portal.outbox.models import Job

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
NEW = "139 0000 0004"


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def set_up(app, **values) -> None:
    app.extensions["tongtu.settings"] = replace(app.extensions["tongtu.settings"], **values)


@pytest.fixture
def gateway(app) -> Iterator[EndpointServer]:
    with endpoint_servers.running("webhook", secret=SECRET) as server:
        set_up(app, sms_url=server.url, sms_secret=SECRET, webhook_loopback=True)
        yield server


def ask(client, phone=NEW):
    return client.post("/account/phone", data={"phone": phone})


def type_in(client, code):
    return client.post("/account/phone/code", data={"code": code})


def number_of(app, actor) -> str:
    with app.app_context():
        return db.session.get(Person, actor.person_id).us_phone_number


def test_a_code_goes_out_signed_and_its_right_typing_changes_the_number(
    app, cast, sign_in, gateway
):
    client = sign_in(cast.dealer_a)

    asked = ask(client)
    jobs.run_all(app)
    told = gateway.taken[0].json
    before = number_of(app, cast.dealer_a)
    typed = type_in(client, told["code"])

    assert (asked.status_code, typed.status_code) == (303, 303)
    assert told["phone"] == "+8613900000004"
    assert told["code"] in told["text"]
    assert before == "+8613800000001"
    assert number_of(app, cast.dealer_a) == "+8613900000004"


def test_a_gateway_with_another_secret_takes_nothing_and_the_job_waits(app, cast, sign_in, gateway):
    """The control of the signature."""
    gateway.secret = "whsec_" + base64.b64encode(b"x" * 32).decode()

    ask(sign_in(cast.dealer_a))
    jobs.run_all(app)

    assert gateway.asked
    assert gateway.taken == []
    with app.app_context():
        job = db.session.scalars(db.select(Job).filter_by(kind=phones.SEND)).one()
        assert (job.state, job.attempt) == ("waiting", 1)


def test_neither_the_ledger_nor_the_table_holds_the_code(app, cast, sign_in, gateway):
    ask(sign_in(cast.dealer_a))
    jobs.run_all(app)
    code = gateway.taken[0].json["code"]

    with app.app_context():
        job = db.session.scalars(db.select(Job).filter_by(kind=phones.SEND)).one()
        row = db.session.scalars(db.select(PhoneCode)).one()
        kept = [str(getattr(row, each.key)) for each in PhoneCode.__table__.columns]
    assert code not in str(job.args)
    assert code not in kept


def test_a_second_try_of_the_job_sends_the_same_code(app, cast, sign_in, gateway):
    gateway.next_replies = [(503, b"busy")]
    ask(sign_in(cast.dealer_a))
    jobs.run_all(app)
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        jobs.run_all(app)

    first, second = (request.json["code"] for request in gateway.asked)
    assert first == second
    assert gateway.asked[0].headers["webhook-id"] == gateway.asked[1].headers["webhook-id"]


@pytest.mark.asvs("V6.6.2")
def test_a_code_counts_once_and_only_the_newest(app, cast, sign_in, gateway):
    client = sign_in(cast.dealer_a)
    for _ in range(2):
        ask(client)
    jobs.run_all(app)
    newest = gateway.taken[-1].json["code"]
    with app.app_context():
        first = db.session.scalars(db.select(PhoneCode).order_by(PhoneCode.id)).first()
        old = codes.code_of(code_id=first.id, phone=first.phone)

    assert type_in(client, old).status_code == 422
    assert type_in(client, newest).status_code == 303
    assert type_in(client, newest).headers["Location"] == "/account/phone"


@pytest.mark.asvs("V6.5.5")
def test_a_code_is_too_late_after_ten_minutes(app, cast, sign_in, gateway):
    client = sign_in(cast.dealer_a)
    ask(client)
    jobs.run_all(app)

    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        answer = type_in(client, gateway.taken[0].json["code"])

    assert answer.headers["Location"] == "/account/phone"
    assert number_of(app, cast.dealer_a) == "+8613800000001"


def test_what_is_no_code_at_all_is_a_wrong_one(app, cast, sign_in, gateway):
    client = sign_in(cast.dealer_a)
    ask(client)
    jobs.run_all(app)

    assert type_in(client, "\u202e验证码").status_code == 422


@pytest.mark.asvs("V6.6.3")
def test_guessing_ends_in_a_pause_that_the_right_code_does_not_end(app, cast, sign_in, gateway):
    client = sign_in(cast.dealer_a)
    ask(client)
    jobs.run_all(app)
    right = gateway.taken[0].json["code"]
    wrong = f"{(int(right) + 1) % 10**6:06d}"

    for _ in range(5):
        type_in(client, wrong)
    answer = type_in(client, right)

    assert answer.status_code == 422
    assert number_of(app, cast.dealer_a) == "+8613800000001"


@pytest.mark.parametrize("typed", ["\u202e654321", "验证码", "é" * 6])
def test_a_code_in_any_script_is_a_wrong_code(app, cast, sign_in, gateway, typed):
    client = sign_in(cast.dealer_a)
    ask(client)

    assert type_in(client, typed).status_code == 422


def test_anothers_number_is_refused_only_after_the_code_was_right(app, cast, sign_in, gateway):
    client = sign_in(cast.dealer_a)

    asked = ask(client, cast.dealer_b.phone)
    jobs.run_all(app)
    typed = type_in(client, gateway.taken[0].json["code"])

    assert asked.status_code == 303
    assert typed.status_code == 422
    assert number_of(app, cast.dealer_b) == "+8613800000002"


@pytest.mark.asvs("V2.3.2", "V6.6.3")
def test_five_codes_a_day_are_enough(app, cast, sign_in, gateway):
    client = sign_in(cast.dealer_a)

    answers = [ask(client).status_code for _ in range(6)]

    assert answers == [303] * 5 + [422]


def test_without_a_gateway_the_page_says_who_helps(app, cast, sign_in):
    client = sign_in(cast.dealer_a)

    assert "请联系联盟运营" in client.get("/account/phone").text
    assert ask(client).status_code == 422


@pytest.mark.asvs("V6.6.2", "V9.2.3")
def test_a_code_belongs_to_its_row_its_number_and_this_portal(app, monkeypatch):
    with app.app_context(), unit_of_work():
        first = codes.code_of(code_id=1, phone="+8613900000001")
        others = {
            codes.code_of(code_id=2, phone="+8613900000001"),
            codes.code_of(code_id=1, phone="+8613900000002"),
        }
        monkeypatch.setitem(app.config, "SECRET_KEY", "another key of at least thirty-two letters")
        others.add(codes.code_of(code_id=1, phone="+8613900000001"))

    assert first not in others
    assert len(first) == 6

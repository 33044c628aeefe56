"""What of signing in is told to its person and written into the record; what operators can do."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal import clock
from portal.accounts import tasks
from portal.accounts.sign_in.actions import factors
from portal.accounts.sign_in.models import Attempts, PasskeyChallenge, SignInSession
from portal.db import db, unit_of_work
from portal.evidence.models import EvidenceEntry
from portal.notices.models import Notice

PASSWORD = "correct horse battery"
START = datetime(2026, 11, 22, 2, 0, 5, tzinfo=UTC)


@pytest.fixture
def moment():
    with time_machine.travel(START, tick=False) as moving:
        yield moving


def attempt(app, actor, password=PASSWORD, address="127.0.0.1"):
    client = app.test_client()
    client.post(
        "/sign-in",
        data={"identity": actor.phone, "password": password},
        environ_base={"REMOTE_ADDR": address},
    )
    return client


def told(app) -> list[tuple[int, str]]:
    with app.app_context():
        found = db.session.scalars(select(Notice).order_by(Notice.id))
        return [(each.person_id, each.kind) for each in found]


def recorded(app) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(EvidenceEntry.action).order_by(EvidenceEntry.seq)))


def test_a_sign_in_from_elsewhere_is_told_to_who_is_signed_in_here(app, cast):
    attempt(app, cast.dealer_a)
    attempt(app, cast.dealer_a)
    assert told(app) == []  # the control: the same device at the same address

    attempt(app, cast.dealer_a, address="203.0.113.4")

    assert told(app) == [(cast.dealer_a.person_id, "sign_in.new")]


def test_the_first_pause_is_told_and_the_following_are_not(app, cast, moment):
    for _ in range(4):
        attempt(app, cast.dealer_a, "wrong")
    assert told(app) == []
    for _ in range(3):
        attempt(app, cast.dealer_a, "wrong")
        moment.shift(timedelta(minutes=20))

    assert told(app) == [(cast.dealer_a.person_id, "sign_in.paused")]
    assert recorded(app).count("sign_in.paused") == 3


def test_nobody_is_told_of_failures_at_an_account_that_does_not_exist(app, cast, moment):
    for _ in range(7):
        app.test_client().post("/sign-in", data={"identity": "13899999999", "password": "wrong"})

    assert told(app) == []
    assert recorded(app).count("sign_in.failed") == 5


def test_a_changed_password_is_told(app, cast, sign_in):
    data = {"present": PASSWORD, "new": "sieben blaue heringe"}
    sign_in(cast.dealer_a).post("/account/password", data=data)

    assert told(app) == [(cast.dealer_a.person_id, "sign_in.password")]


@pytest.mark.asvs("V16.3.1")
def test_coming_going_and_failing_are_on_record(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    attempt(app, cast.dealer_a, "wrong")
    client.post("/account/devices/end-others")
    client.post("/sign-out")

    assert recorded(app) == [
        "sign_in.succeeded",
        "sign_in.failed",
        "sign_in.device_ended",
        "sign_in.signed_out",
    ]


@pytest.mark.asvs("V16.2.5")
def test_the_record_never_holds_what_was_typed(app, cast):
    attempt(app, cast.dealer_a, "hunter2-hunter2")

    with app.app_context():
        rows = db.session.execute(select(EvidenceEntry.__table__)).all()
    assert "hunter2" not in repr(rows)


def give_factor(app, actor):
    with app.app_context(), unit_of_work():
        factors.start_authenticator(person_id=actor.person_id, at=clock.now())
        secret = db.session.get(factors.Authenticator, actor.person_id)
        secret.confirmed_at = clock.now()
        factors.renew_recovery_codes(person_id=actor.person_id)


@pytest.mark.asvs("V7.4.5")
def test_an_operator_signs_somebody_out_everywhere(app, cast, sign_in):
    victim, operator = sign_in(cast.dealer_a), sign_in(cast.operator)
    page = operator.get(f"/sign-ins/{cast.dealer_a.person_id}")
    assert page.status_code == 200

    operator.post(f"/sign-ins/{cast.dealer_a.person_id}/end")

    assert victim.get("/notices").status_code == 302
    assert operator.get("/notices").status_code == 200
    assert "sign_in.ended_by_operator" in recorded(app)


@pytest.mark.asvs("V6.4.4")
def test_an_operator_resets_the_second_factor_of_who_has_lost_it(app, cast, sign_in):
    give_factor(app, cast.dealer_a)
    assert attempt(app, cast.dealer_a).get("/notices").status_code == 302  # the control
    operator = sign_in(cast.operator)

    operator.post(f"/sign-ins/{cast.dealer_a.person_id}/reset-factors")

    assert attempt(app, cast.dealer_a).get("/notices").status_code == 200
    assert (cast.dealer_a.person_id, "sign_in.factor") in told(app)
    assert "sign_in.factors_reset" in recorded(app)


@pytest.mark.asvs("V6.4.4")
def test_nobody_vouches_for_themself(app, cast, sign_in):
    operator = sign_in(cast.operator)

    answer = operator.post(f"/sign-ins/{cast.operator.person_id}/reset-factors")

    assert answer.status_code == 403


@pytest.mark.parametrize("who", ["dealer_a", "supplier_a", "consultant", "author"])
@pytest.mark.parametrize("path", ["end", "reset-factors"])
def test_only_operators_do_that(app, cast, sign_in, who, path):
    client = sign_in(getattr(cast, who))

    assert client.post(f"/sign-ins/{cast.dealer_b.person_id}/{path}").status_code == 403
    assert client.get(f"/sign-ins/{cast.dealer_b.person_id}").status_code == 403


def test_somebody_who_does_not_exist_is_not_found(cast, sign_in):
    assert sign_in(cast.operator).get("/sign-ins/4711").status_code == 404


def test_what_has_run_out_is_swept_away_by_a_job(app, cast, moment):
    attempt(app, cast.dealer_a)
    attempt(app, cast.dealer_a, "wrong")
    app.test_client().post("/sign-in/passkey/options")
    moment.shift(timedelta(hours=25))

    with app.app_context():
        tasks.purge({}, lambda *_: None)

    with app.app_context():
        for table in (SignInSession, Attempts, PasskeyChallenge):
            assert db.session.scalars(select(table)).all() == []


def test_whoever_runs_the_server_helps_the_only_operator_back_in(app, cast):
    give_factor(app, cast.operator)
    assert attempt(app, cast.operator).get("/notices").status_code == 302  # the control

    answer = app.test_cli_runner().invoke(args=["reset-second-factor", "138 0000 0007"])

    assert answer.exit_code == 0, answer.output
    assert attempt(app, cast.operator).get("/notices").status_code == 200
    assert "sign_in.factors_reset" in recorded(app)


def test_the_command_says_when_there_is_no_such_account(app, cast):
    answer = app.test_cli_runner().invoke(args=["reset-second-factor", "13899999999"])

    assert answer.exit_code == 1
    assert "no such account" in answer.output

"""A forgotten password: by mail, through an operator, and never a word about who has an account."""

import re
from dataclasses import replace

import pytest

from portal.accounts.membership.models import OneTimeLink, ResetRequest
from portal.accounts.models import Person
from portal.db import db, unit_of_work
from portal.notices.models import Delivery

NEW = "a pony under seven stars"


@pytest.fixture
def mailed(app, cast):
    """Dealer A has a mail address, and there is a mail server."""
    kept = app.extensions["tongtu.settings"]
    app.extensions["tongtu.settings"] = replace(
        kept, smtp_host="127.0.0.1", mail_from="no-reply@tongtu.example"
    )
    with app.app_context(), unit_of_work():
        db.session.get(Person, cast.dealer_a.person_id).email = "lin@xiaolu.example"


def ask(app, identity):
    return app.test_client().post("/forgot", data={"identity": identity})


def link_in(text: str) -> str:
    found = re.search(r"http://[^/]+(/link/[\w-]+)", text)
    assert found, text
    return found.group(1)


def mailed_link(app) -> str:
    with app.app_context():
        content = (
            db.session.scalars(db.select(Delivery).order_by(Delivery.id.desc())).first().content
        )
    return link_in(content["button"][1])


@pytest.fixture
def handed_out(app, cast, sign_in) -> str:
    """The link that an operator made for dealer A, who has no mail address."""
    ask(app, cast.dealer_a.phone)
    operator = sign_in(cast.operator)
    page = operator.get("/members/resets").text
    answer = operator.post(re.search(r"/members/resets/\d+/link", page).group(0))
    return link_in(operator.get(answer.headers["Location"]).text)


def test_known_and_unknown_identities_get_the_same_answer(app, cast):
    answers = [ask(app, identity) for identity in (cast.dealer_a.phone, "13999999999")]

    assert answers[0].status_code == answers[1].status_code == 303
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert answers[0].data == answers[1].data


def test_who_has_mail_gets_a_link_there_and_no_operator_is_bothered(app, cast, mailed):
    ask(app, cast.dealer_a.phone)

    with app.app_context():
        delivery = db.session.scalars(db.select(Delivery)).one()
        assert delivery.address == "lin@xiaolu.example"
        assert db.session.query(ResetRequest).count() == 0


def test_only_the_newest_link_opens(app, cast, mailed):
    ask(app, cast.dealer_a.phone)
    first = mailed_link(app)
    ask(app, cast.dealer_a.phone)

    assert app.test_client().get(first).status_code == 410
    assert app.test_client().get(mailed_link(app)).status_code == 200


def test_asking_twice_without_mail_is_one_request(app, cast):
    for _ in range(2):
        ask(app, cast.dealer_a.phone)

    with app.app_context():
        assert db.session.query(ResetRequest).count() == 1


def test_the_operator_sees_the_link_once_and_it_sets_a_new_password(app, cast, handed_out, sign_in):
    still_in = sign_in(cast.dealer_a)
    visitor = app.test_client()

    shown = visitor.get(handed_out).text
    answer = visitor.post(f"{handed_out}/password", data={"password": NEW})
    old = app.test_client().post(
        "/sign-in", data={"identity": cast.dealer_a.phone, "password": "correct horse battery"}
    )
    new = app.test_client().post(
        "/sign-in", data={"identity": cast.dealer_a.phone, "password": NEW}
    )

    assert "138****0001" in shown
    assert cast.dealer_a.phone not in shown
    assert answer.status_code == 303
    assert (old.status_code, new.status_code) == (422, 302)
    assert still_in.get("/notices").status_code == 302  # every session has ended
    assert visitor.get(handed_out).status_code == 410


def test_a_handled_request_gives_no_second_link(app, cast, handed_out, sign_in):
    with app.app_context():
        request_id = db.session.scalars(db.select(ResetRequest.id)).one()

    answer = sign_in(cast.operator).post(f"/members/resets/{request_id}/link")

    assert answer.headers["Location"] == "/members/resets"
    with app.app_context():
        assert db.session.query(OneTimeLink).count() == 1


def test_a_weak_password_is_refused_and_the_link_still_opens(app, cast, handed_out):
    answer = app.test_client().post(f"{handed_out}/password", data={"password": "password"})

    assert answer.status_code == 422
    assert app.test_client().get(handed_out).status_code == 200


def test_a_request_can_be_taken_off_the_list(app, cast, sign_in):
    ask(app, cast.dealer_a.phone)
    operator = sign_in(cast.operator)
    page = operator.get("/members/resets").text

    operator.post(re.search(r"/members/resets/\d+/dismiss", page).group(0))

    assert "没有人在等" in operator.get("/members/resets").text


@pytest.mark.parametrize("who", ["dealer_a", "supplier_a", "consultant"])
def test_only_operators_hand_out_links(app, cast, sign_in, who):
    ask(app, cast.dealer_b.phone)
    client = sign_in(getattr(cast, who))

    assert client.get("/members/resets").status_code == 403
    assert client.post("/members/resets/1/link").status_code == 403


def test_a_new_mail_address_counts_once_its_link_is_used(app, cast, mailed, sign_in):
    client = sign_in(cast.dealer_a)

    client.post("/account/mail", data={"mail": "New@Xiaolu.example"})
    before = app.test_client().get("/forgot").status_code
    page = client.get("/account").text
    app.test_client().post(f"{mailed_link(app)}/confirm")

    assert before == 200
    assert "new@xiaolu.example" in page
    assert "lin@xiaolu.example" in page
    with app.app_context():
        person = db.session.get(Person, cast.dealer_a.person_id)
        assert person.email == "new@xiaolu.example"
        assert person.mail_confirmed_at is not None


def test_an_address_that_somebody_else_has_is_not_taken_over(app, cast, mailed, sign_in):
    client = sign_in(cast.dealer_b)
    client.post("/account/mail", data={"mail": "lin@xiaolu.example"})

    answer = app.test_client().post(f"{mailed_link(app)}/confirm")

    assert answer.status_code == 410
    with app.app_context():
        assert db.session.get(Person, cast.dealer_b.person_id).email is None


def test_without_a_mail_server_the_page_says_why_the_address_stays(app, cast, sign_in):
    answer = sign_in(cast.dealer_a).post("/account/mail", data={"mail": "a@b.example"})

    assert answer.status_code == 422
    assert "没有设置发信服务" in answer.text

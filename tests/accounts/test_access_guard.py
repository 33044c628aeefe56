"""The guard before every page: who is nobody, who is the wrong one, whose session has ended."""

import pytest
from sqlalchemy import update

from portal.accounts.models import Person
from portal.db import db, unit_of_work

PASSWORD = "correct horse battery"


@pytest.mark.parametrize("path", ["/", "/notices", "/memberships", "/courses"])
def test_nobody_is_sent_to_sign_in(app, cast, path):
    answer = app.test_client().get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.asvs("V8.3.1")
@pytest.mark.parametrize("path", ["/notices/read", "/notices/1/open", "/memberships/1"])
def test_a_form_of_nobody_is_refused_and_not_redirected(app, cast, path):
    assert app.test_client().post(path).status_code == 401


def test_a_fragment_for_nobody_is_refused_so_that_no_sign_in_page_lands_in_the_middle(app, cast):
    answer = app.test_client().get("/notices", headers={"HX-Request": "true"})

    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/sign-in", "/about/help", "/static/app.css"])
def test_what_is_public_opens_for_anybody(app, path):
    with app.test_client().get(path) as answer:
        assert answer.status_code == 200


def test_an_address_that_does_not_exist_is_not_found_for_anybody(app, cast, sign_in):
    assert app.test_client().get("/no-such-page").status_code == 404
    assert sign_in(cast.dealer_a).get("/no-such-page").status_code == 404


@pytest.mark.asvs("V7.4.2")
@pytest.mark.parametrize(
    "change", [{"active": False}, {"fs_uniquifier": "another"}], ids=["closed", "ended"]
)
def test_a_closed_account_or_an_ended_session_opens_nothing(app, cast, sign_in, change):
    client = sign_in(cast.dealer_a)
    assert client.get("/notices").status_code == 200  # the control

    with app.app_context(), unit_of_work():
        db.session.execute(
            update(Person).where(Person.id == cast.dealer_a.person_id).values(**change)
        )

    assert client.get("/notices").status_code == 302


def test_a_closed_account_cannot_sign_in(app, cast):
    with app.app_context(), unit_of_work():
        db.session.execute(
            update(Person).where(Person.id == cast.dealer_a.person_id).values(active=False)
        )
    client = app.test_client()

    client.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})

    assert client.get("/notices").status_code == 302


@pytest.mark.asvs("V14.2.2", "V14.3.2")
def test_pages_of_a_member_are_kept_by_no_cache(cast, sign_in):
    assert sign_in(cast.dealer_a).get("/notices").headers["Cache-Control"] == "private, no-store"

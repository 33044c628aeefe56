"""Signing in by phone or mail, and what a wrong attempt says."""

import pytest

PASSWORD = "correct horse battery"


@pytest.mark.parametrize("typed", ["13800000001", "138 0000 0001", "+86 138-0000-0001"])
def test_a_dealer_signs_in_by_phone_however_it_is_typed(app, cast, typed):
    client = app.test_client()

    answer = client.post("/sign-in", data={"identity": typed, "password": PASSWORD})

    assert answer.status_code == 302
    assert "林小鹿" in client.get("/").text


def test_a_wrong_password_and_an_unknown_account_get_the_same_message(app, cast):
    client = app.test_client()

    wrong = client.post("/sign-in", data={"identity": "13800000001", "password": "wrong"})
    unknown = client.post("/sign-in", data={"identity": "13899999999", "password": "wrong"})

    assert "账号或密码不对" in wrong.text
    assert "账号或密码不对" in unknown.text
    assert 'value="13800000001"' in wrong.text  # what was typed stays


def test_a_visitor_is_sent_to_sign_in_and_then_on_to_where_they_wanted(app, cast):
    client = app.test_client()

    sent = client.get("/notices?page=2")
    answer = client.post(
        sent.headers["Location"], data={"identity": "13800000001", "password": PASSWORD}
    )

    assert sent.headers["Location"].startswith("/sign-in?next=")
    assert answer.headers["Location"].endswith("/notices?page=2")


@pytest.mark.asvs("V3.7.2")
def test_signing_in_never_leads_to_another_site(app, cast):
    client = app.test_client()

    answer = client.post(
        "/sign-in?next=//evil.example/x", data={"identity": "13800000001", "password": PASSWORD}
    )

    assert "evil.example" not in answer.headers.get("Location", "")


def test_signing_out_ends_the_session(cast, sign_in):
    client = sign_in(cast.dealer_a)

    client.post("/sign-out")

    assert client.get("/notices").status_code == 302


@pytest.mark.parametrize("address", ["/feedback/%00", "/booking/a%00b"])
def test_a_zero_byte_in_an_address_is_refused_and_never_reaches_the_database(
    cast, sign_in, address
):
    assert sign_in(cast.dealer_a).get(address).status_code == 400

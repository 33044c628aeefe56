"""Forms that another site made up are refused: the guard is on, here as in production."""

import re

import pytest

PASSWORD = "correct horse battery"


@pytest.fixture
def guarded(app):
    """The application with the forms' guard on, which other tests leave out."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


def token(client, path: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found
    return found.group(1)


def signed_in(app, cast):
    client = app.test_client()
    answer = client.post(
        "/sign-in",
        data={
            "identity": cast.dealer_a.phone,
            "password": PASSWORD,
            "csrf_token": token(client, "/sign-in"),
        },
    )
    assert answer.status_code == 302, answer.text
    return client


def test_signing_in_needs_the_forms_own_token(guarded, cast):
    client = guarded.test_client()

    answer = client.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})

    assert answer.status_code == 400
    assert client.get("/notices").status_code == 302


@pytest.mark.asvs("V3.5.1", "V3.5.2")
@pytest.mark.parametrize("path", ["/notices/read", "/language/en", "/sign-out", "/memberships/1"])
def test_a_form_without_a_token_is_refused_with_what_to_do(guarded, cast, path):
    client = signed_in(guarded, cast)

    answer = client.post(path)

    assert answer.status_code == 400
    assert "页面放得太久，已经失效" in answer.text
    assert client.get("/notices").status_code == 200


@pytest.mark.asvs("V3.5.1")
def test_anothers_token_is_worth_nothing(guarded, cast):
    client, stranger = signed_in(guarded, cast), guarded.test_client()

    answer = client.post("/notices/read", data={"csrf_token": token(stranger, "/sign-in")})

    assert answer.status_code == 400


@pytest.mark.asvs("V3.5.1")
def test_with_the_token_of_its_own_page_a_form_works(guarded, cast):
    client = signed_in(guarded, cast)

    answer = client.post("/notices/read", data={"csrf_token": token(client, "/notices")})

    assert answer.status_code == 302


def test_a_script_may_carry_the_token_in_a_header(guarded, cast):
    client = signed_in(guarded, cast)

    answer = client.post("/notices/read", headers={"X-CSRFToken": token(client, "/notices")})

    assert answer.status_code == 302

"""What signing in leaves outside: cookies, foreign routes, foreign words."""

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import make_settings

from portal.accounts.sign_in.rates import RATES
from portal.app import create_app
from portal.db import db

PASSWORD = "correct horse battery"


@pytest.fixture
def secured(tmp_path: Path):
    """An application of its own behind TLS."""
    settings = make_settings(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}")
    app = create_app(replace(settings, https=True, base_url="https://tongtu.example"), TESTING=True)
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.mark.asvs("V3.3.4")
def test_behind_tls_the_cookie_is_of_this_host_alone_and_out_of_scripts_reach(secured):
    answer = secured.test_client().get("/sign-in", base_url="https://tongtu.example")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-tongtu=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain=" not in cookie


def test_behind_tls_a_passkey_belongs_to_the_site_of_the_settings(secured):
    secured.config["WTF_CSRF_ENABLED"] = False
    answer = secured.test_client().post(
        "/sign-in/passkey/options",
        base_url="https://evil.example",
        headers={"Host": "evil.example"},
    )

    assert answer.json["rpId"] == "tongtu.example"


@pytest.mark.asvs("V6.3.4")
def test_no_route_of_the_library_is_registered_so_none_of_its_words_come_out(app):
    foreign = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if view.__module__.startswith("flask_security")
    }

    assert foreign == set()


def test_there_is_no_second_cookie_for_staying_signed_in(app, cast):
    answer = app.test_client().post(
        "/sign-in",
        data={"identity": cast.dealer_a.phone, "password": PASSWORD, "remember": "y"},
    )

    assert [each.partition("=")[0] for each in answer.headers.getlist("Set-Cookie")] == ["tongtu"]


@pytest.mark.asvs("V6.3.4")
def test_what_can_be_guessed_at_is_rated(app):
    """A new public form of signing in must not be forgotten."""
    guessable = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("security.")
        and "POST" in rule.methods
        and rule.rule.startswith(("/sign-in/", "/verify", "/account/pass", "/account/factors"))
    }
    free = {"security.remove_authenticator", "security.remove_passkey"}

    assert guessable - free <= set(RATES)


@pytest.mark.parametrize("typed", ["13800000001", "138 0000 0001", "+86 138-0000-0001"])
def test_a_phone_number_signs_in_however_it_is_typed(app, cast, typed):
    answer = app.test_client().post("/sign-in", data={"identity": typed, "password": PASSWORD})

    assert answer.status_code == 302


@pytest.mark.asvs("V2.2.1")
@pytest.mark.parametrize("identity", ["a\x00b", "x" * 300, "　", "'; --", "%00"])
def test_a_strange_identity_is_refused_and_never_breaks_anything(app, cast, identity):
    answer = app.test_client().post(
        "/sign-in", data={"identity": identity, "password": "something"}
    )

    assert answer.status_code in {400, 422}

"""What every answer of the portal carries, walked over all routes; and what no answer does."""

from dataclasses import replace

import pytest
from conftest import PASSWORD, make_settings
from werkzeug.routing import Rule

from portal.app import create_app
from portal.db import db

# What verifiers of badges read from any site: keys and who we are, and nothing of anybody.
FOR_EVERYBODY = {"/.well-known/jwks.json", "/badges/issuer"}


def paths(app) -> list[str]:
    """Return one address of every route, with values that name nothing."""
    return sorted({_address(rule) for rule in app.url_map.iter_rules()})


def _address(rule: Rule) -> str:
    parts = []
    for is_dynamic, data in rule._trace:
        parts.append(_sample(rule, data) if is_dynamic else data)
    return "".join(parts).partition("|")[2]


def _sample(rule: Rule, argument: str) -> str:
    kind = type(rule._converters[argument]).__name__
    return {"IntegerConverter": "1", "AnyConverter": "accepted"}.get(kind, "none")


@pytest.fixture
def answers(app, cast, sign_in):
    """Every route's answer to a GET, to nobody and to an operator."""
    clients = (app.test_client(), sign_in(cast.operator))
    return {
        (path, who): client.get(path)
        for path in paths(app)
        for who, client in zip(("nobody", "operator"), clients, strict=True)
    }


def test_there_are_routes_to_walk(app):
    assert len(paths(app)) > 50


CARRIED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.asvs("V3.2.1", "V3.4.4", "V3.4.5", "V14.2.1")
def test_every_answer_carries_the_headers_that_hold_a_browser_back(answers):
    wrong = {
        (key, name)
        for key, answer in answers.items()
        for name, value in CARRIED.items()
        if answer.headers.get(name) != value
        and not (key[0] in FOR_EVERYBODY and name == "Cross-Origin-Resource-Policy")
    }

    assert wrong == set()


@pytest.mark.asvs("V3.4.3", "V3.4.6", "V14.2.3")
def test_every_answer_carries_a_policy_that_lets_run_only_our_own_files(answers):
    for key, answer in answers.items():
        policy = dict(
            part.strip().partition(" ")[::2]
            for part in answer.headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'none'", key
        assert policy["object-src"] == "'none'", key
        assert policy["base-uri"] == "'none'", key
        assert policy["frame-ancestors"] in {"'none'", "'self'"}, key
        assert policy["script-src"] == "'self'", key
        assert "unsafe" not in answer.headers["Content-Security-Policy"], key


@pytest.mark.asvs("V3.4.2", "V3.5.2")
def test_no_answer_opens_itself_to_other_sites(app, cast, sign_in):
    client = sign_in(cast.dealer_a)

    for path in paths(app):
        answer = client.get(path, headers={"Origin": "https://evil.example"})
        names = dict(answer.headers)
        assert "Access-Control-Allow-Credentials" not in names, path
        if path in FOR_EVERYBODY:
            assert names["Access-Control-Allow-Origin"] == "*"
            continue
        assert not [name for name in names if name.startswith("Access-Control")], path


@pytest.mark.asvs("V4.1.1")
def test_every_text_names_its_encoding_and_its_kind(answers):
    for key, answer in answers.items():
        if answer.data and answer.mimetype.startswith("text/"):
            assert answer.content_type.endswith("charset=utf-8"), (key, answer.content_type)


@pytest.mark.asvs("V14.2.2", "V14.3.2")
def test_no_page_of_a_member_may_be_kept_by_a_browser_or_a_proxy(app, cast, sign_in):
    client = sign_in(cast.dealer_a)

    for path in paths(app):
        answer = client.get(path)
        if "/static/" in path or "/fs-static/" in path or path in FOR_EVERYBODY:
            continue
        kept = answer.headers["Cache-Control"]
        assert "private" in kept, (path, kept)
        assert "public" not in kept, (path, kept)
        assert "=" not in kept.replace("max-age=", ""), (path, kept)


@pytest.mark.asvs("V13.4.4")
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_methods_that_nobody_needs_are_refused_everywhere(app, method):
    client = app.test_client()

    statuses = {client.open(path, method=method).status_code for path in paths(app)}

    assert statuses <= {400, 401, 403, 404, 405}


@pytest.mark.asvs("V5.3.1", "V13.4.1", "V13.4.3")
@pytest.mark.parametrize(
    "path", ["/static/", "/static/vendor/", "/.git/config", "/static/../app.py"]
)
def test_no_folder_is_listed_and_no_source_is_served(app, path):
    assert app.test_client().get(path).status_code == 404


@pytest.mark.asvs("V1.1.1")
def test_a_path_is_decoded_once(app):
    client = app.test_client()

    assert client.get("/about/%68elp").status_code == 200
    assert client.get("/about/%2568elp").status_code == 404


@pytest.mark.asvs("V1.4.2")
@pytest.mark.parametrize("number", [2**31, 2**63, 2**64, 10**40])
def test_a_number_that_no_database_holds_is_not_found(app, cast, sign_in, number):
    client = sign_in(cast.dealer_a)

    assert client.get(f"/booking/consultants/{number}").status_code == 404
    assert client.get(f"/notices?page={number}").status_code in {200, 404}


@pytest.fixture
def behind_tls(tmp_path):
    """A portal as it stands behind TLS."""
    values = make_settings(tmp_path, f"sqlite:///{tmp_path / 'tongtu.sqlite'}")
    app = create_app(
        replace(values, https=True, trusted_proxies=1), TESTING=True, WTF_CSRF_ENABLED=False
    )
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def over_tls(app, path: str, **more):
    return app.test_client().get(
        path,
        headers={"X-Forwarded-Proto": "https"},
        base_url="https://tongtu.example",
        buffered=True,
        **more,
    )


@pytest.mark.asvs("V3.4.1", "V12.2.1")
def test_behind_tls_every_answer_forbids_plain_http_for_a_year_with_all_subdomains(behind_tls):
    for path in ("/sign-in", "/healthz", "/no/such", "/static/app.css"):
        value = over_tls(behind_tls, path).headers["Strict-Transport-Security"]
        assert value == "max-age=31536000; includeSubDomains"


@pytest.mark.asvs("V3.3.1", "V3.3.2", "V3.3.3", "V3.3.4")
def test_behind_tls_every_cookie_is_bound_to_this_host_and_hidden_from_scripts(behind_tls):
    cookies = over_tls(behind_tls, "/sign-in").headers.getlist("Set-Cookie")

    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert "; Secure" in cookie
        assert "; HttpOnly" in cookie
        assert "; Path=/" in cookie
        assert "; SameSite=" in cookie
        assert "Domain=" not in cookie


@pytest.mark.asvs("V4.1.3")
def test_what_a_visitor_claims_about_the_way_here_is_not_believed_without_a_proxy(app):
    answer = app.test_client().get("/sign-in", headers={"X-Forwarded-Proto": "https"})

    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.asvs("V14.3.1")
def test_signing_out_empties_the_browser(app, cast, sign_in):
    answer = sign_in(cast.dealer_a).post("/sign-out")

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.asvs("V15.3.3")
def test_a_field_that_a_form_does_not_have_changes_nothing(app, cast, sign_in):
    """Mass assignment: what is posted beside the form's fields is not looked at."""
    client = sign_in(cast.dealer_a)

    client.post("/language/en", data={"next": "/", "role": "operator", "is_owner": "1"})

    assert client.get("/imports").status_code == 403


@pytest.mark.asvs("V15.3.7")
def test_a_field_that_is_sent_twice_counts_once(app, cast):
    client = app.test_client()

    answer = client.post(
        "/sign-in",
        data={"identity": [cast.dealer_a.phone, cast.operator.phone], "password": PASSWORD},
    )

    assert answer.status_code == 302
    assert client.get("/imports").status_code == 403


@pytest.mark.asvs("V13.4.2", "V16.5.1")
def test_debugging_is_off_and_a_crash_tells_nothing_of_the_inside(app, monkeypatch):
    def crash(**_: str) -> str:
        raise RuntimeError("a secret of the inside")

    crash.__access__ = app.view_functions["home.page"].__access__
    monkeypatch.setitem(app.view_functions, "home.page", crash)

    page = app.test_client().get("/about/help")

    assert app.debug is False
    assert page.status_code == 500
    assert "secret of the inside" not in page.text
    assert "Traceback" not in page.text

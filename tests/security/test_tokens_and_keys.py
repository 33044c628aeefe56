"""Signed and sealed texts: only with our key, only for their purpose, only unaltered."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from conftest import NOW, make_settings
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import request
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser
from itsdangerous import URLSafeSerializer

from portal import sealing as seals
from portal.accounts.sign_in import rules
from portal.app import create_app
from portal.notices import unsubscribing
from portal.notices.endpoints import sealing
from portal.notices.rules import NoticeKind

PASSWORD = "correct horse battery"


def a_link(app) -> str:
    kind = next(iter(NoticeKind))
    return unsubscribing.link_for(person_id=1, kind=kind).rpartition("/")[2]


@pytest.mark.asvs("V9.1.3", "V9.2.3")
def test_a_signed_link_of_another_portal_is_refused(app, context, monkeypatch):
    token = a_link(app)
    assert unsubscribing.read(token).person_id == 1

    monkeypatch.setitem(app.config, "SECRET_KEY", "another portal's key, of 32 characters")

    with pytest.raises(unsubscribing.BadLink):
        unsubscribing.read(token)


@pytest.mark.asvs("V9.2.2", "V9.2.4")
@pytest.mark.parametrize("salt", ["cookie-session", "notices.unsubscribe.v2", ""])
def test_what_was_signed_for_another_purpose_is_refused(app, context, salt):
    kind = next(iter(NoticeKind)).value
    other = URLSafeSerializer(app.config["SECRET_KEY"], salt=salt).dumps([1, kind])
    ours = URLSafeSerializer(app.config["SECRET_KEY"], salt="notices.unsubscribe").dumps([1, kind])

    assert unsubscribing.read(ours).person_id == 1
    with pytest.raises(unsubscribing.BadLink):
        unsubscribing.read(other)


@pytest.mark.asvs("V9.1.1", "V9.1.2")
@pytest.mark.parametrize("made", ["W10.", "W10", "eyJhbGciOiJub25lIn0.W10."])
def test_what_is_not_signed_is_refused_whatever_it_says_of_itself(context, made):
    with pytest.raises(unsubscribing.BadLink):
        unsubscribing.read(made)


@pytest.mark.asvs("V9.2.1")
def test_a_cookie_that_is_too_old_is_not_read(app):
    with time_machine.travel(NOW, tick=False) as moment:
        cookie = app.session_interface.get_signing_serializer(app).dumps({"language": "en"})
        client = app.test_client()
        client.set_cookie("tongtu", cookie)
        assert '<html lang="en"' in client.get("/sign-in").text

        moment.shift(rules.KEPT.absolute + timedelta(days=1))

        client = app.test_client()
        client.set_cookie("tongtu", cookie)
        assert '<html lang="en"' not in client.get("/sign-in").text


@pytest.mark.asvs("V11.3.3")
def test_what_is_sealed_cannot_be_altered_and_is_never_sealed_alike(context):
    sealed = sealing.seal("https://hook.example/x")
    altered = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]

    assert sealing.unseal(sealed) == "https://hook.example/x"
    assert sealing.seal("https://hook.example/x") != sealed
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(altered)


@pytest.mark.asvs("V11.3.2")
def test_what_is_sealed_is_sealed_by_aes_gcm_for_one_purpose(context):
    sealed = seals.seal("one", purpose="this")
    raw = base64.urlsafe_b64decode(sealed.removeprefix("gcm."))

    assert len(raw) == 12 + len("one") + 16  # nonce, text, tag
    assert seals.unseal(sealed, purpose="this") == "one"
    for wrong in (sealed + "A", "gcm.", "gcm.!", "", sealed.removeprefix("gcm.")):
        with pytest.raises(seals.Unreadable):
            seals.unseal(wrong, purpose="this")
    with pytest.raises(seals.Unreadable):
        seals.unseal(sealed, purpose="that")


def test_what_was_sealed_before_is_still_read(context):
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"this")
    secret = context.config["SECRET_KEY"].encode()
    before = Fernet(base64.urlsafe_b64encode(key.derive(secret))).encrypt(b"one").decode()

    assert not seals.is_current(before)
    assert seals.unseal(before, purpose="this") == "one"


def parsed(*lines: str) -> list[bytes]:
    """Return the bodies that our server reads from these bytes."""
    data = "\r\n".join(("POST / HTTP/1.1", "Host: tongtu.example", *lines)).encode()
    return [message.body.read() for message in RequestParser(Config(), iter([data]), ("::1", 1))]


@pytest.mark.asvs("V4.2.1")
@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 4", "Transfer-Encoding: chunked", "", "0\r\n\r\n"),
        ("Content-Length: 4", "Content-Length: 5", "", "abcd"),
        ("Transfer-Encoding: chunked, identity", "", "0\r\n\r\n"),
        ("Transfer-Encoding: xchunked", "", "abcd"),
    ],
)
def test_a_message_whose_end_could_be_read_in_two_ways_is_refused(lines):
    with pytest.raises(ParseException):
        parsed(*lines)


def test_a_message_with_one_length_is_read():
    assert parsed("Content-Length: 4", "", "abcd") == [b"abcd"]


@pytest.mark.asvs("V6.2.10")
def test_a_password_stays_good_for_years(app, cast):
    with time_machine.travel(NOW, tick=False) as moment:
        moment.shift(timedelta(days=3650))
        client = app.test_client()

        client.post("/sign-in", data={"identity": cast.dealer_a.phone, "password": PASSWORD})

        assert client.get("/notices").status_code == 200


@pytest.mark.asvs("V7.4.4")
def test_signing_out_is_one_button_on_every_page_of_a_member(cast, sign_in):
    client = sign_in(cast.dealer_a)

    for path in ("/", "/notices", "/feedback", "/booking", "/account", "/account/devices"):
        page = client.get(path, follow_redirects=True)
        assert page.status_code == 200, path
        assert 'action="/sign-out"' in page.text, path


@pytest.mark.asvs("V4.1.3", "V15.3.4")
@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_the_visitors_address_comes_from_the_proxy_and_from_nobody_else(tmp_path, proxies, seen):
    """Behind one proxy the last address counts: what a visitor wrote before it does not."""
    values = make_settings(tmp_path, f"sqlite:///{tmp_path / 'none.sqlite'}")
    portal = create_app(replace(values, trusted_proxies=proxies), TESTING=True)
    addresses = []
    portal.before_request_funcs[None].insert(0, lambda: addresses.append(request.remote_addr))

    portal.test_client().get("/healthz", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})

    assert addresses == [seen]

"""Passkeys with a real Chromium and its virtual authenticator, over loopback."""

import json
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select, update
from werkzeug.serving import make_server

from portal.accounts.models import Person
from portal.accounts.sign_in.models import Passkey, PasskeyChallenge, RecoveryCode
from portal.db import db, unit_of_work

PASSWORD = "correct horse battery"
pytestmark = [
    pytest.mark.journey,
    # Flask-Compress leaves a file that it has compressed to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def address(app) -> Iterator[str]:
    """The application on a free port, with its forms guarded as in production."""
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.config["WTF_CSRF_ENABLED"] = False


class Device:
    """A phone: a browser, and the authenticator in it."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.context = browser.new_context(
            base_url=address, viewport={"width": 390, "height": 844}, locale="zh-CN"
        )
        self.page: Page = self.context.new_page()
        self._cdp = self.context.new_cdp_session(self.page)
        self._cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.authenticator: str = made["authenticatorId"]

    def owner_shows_a_finger(self, *, right: bool) -> None:
        self._cdp.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.authenticator, "isUserVerified": right},
        )

    def sign_in(self, phone: str) -> None:
        self.page.goto("/sign-in")
        self.page.fill("#identity", phone)
        self.page.fill("#password", PASSWORD)
        self.page.click("button[type=submit]:has-text('登录')")
        self.page.wait_for_url(lambda url: not url.endswith("/sign-in"))

    def sign_out(self) -> None:
        self.context.clear_cookies()

    def add_passkey(self) -> None:
        self.page.goto("/account/factors")
        self.page.fill("#name", "店里的手机")
        self.page.click("text=添加通行密钥")
        self.page.wait_for_selector("text=恢复码")

    def is_signed_in(self) -> bool:
        answer = self.context.request.get("/notices", max_redirects=0)
        return answer.status == 200


@pytest.fixture
def device(browser: Browser, address: str, cast) -> Iterator[Device]:
    """Dealer A's phone, with a passkey on it and nobody signed in."""
    phone = Device(browser, address)
    phone.sign_in(cast.dealer_a.phone)
    phone.add_passkey()
    phone.sign_out()
    yield phone
    phone.context.close()


def count(app, table) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))


def test_a_passkey_signs_in_without_a_password(app, device):
    device.page.goto("/sign-in?next=/account/devices")
    device.page.click("text=用通行密钥登录")

    device.page.wait_for_url(lambda url: "/sign-in" not in url)
    assert "登录的设备" in device.page.text_content("h1")
    assert count(app, PasskeyChallenge) == 0


def test_the_first_passkey_comes_with_recovery_codes_and_a_second_one_without(app, device, cast):
    assert count(app, RecoveryCode) == 10
    assert count(app, Passkey) == 1


def test_after_the_password_the_passkey_is_asked_for_as_the_second_step(app, device, cast):
    device.sign_in(cast.dealer_a.phone)
    assert "/sign-in/second-step" in device.page.url
    assert not device.is_signed_in()

    device.page.click("text=用通行密钥确认")

    device.page.wait_for_url(lambda url: "/sign-in" not in url)
    assert device.is_signed_in()


def test_whoever_holds_the_phone_but_is_not_its_owner_does_not_get_in(device):
    device.owner_shows_a_finger(right=False)
    device.page.goto("/sign-in")

    device.page.click("text=用通行密钥登录")

    device.page.wait_for_selector("#passkey-problem:visible")
    assert not device.is_signed_in()


def test_another_phone_has_no_passkey_of_ours(browser, address, device):
    other = Device(browser, address)
    other.page.goto("/sign-in")

    other.page.click("text=用通行密钥登录")

    other.page.wait_for_selector("#passkey-problem:visible")
    other.context.close()


def test_a_closed_account_is_not_opened_by_its_passkey(app, device, cast):
    with app.app_context(), unit_of_work():
        db.session.execute(update(Person).values(active=False))
    device.page.goto("/sign-in")

    device.page.click("text=用通行密钥登录")

    device.page.wait_for_selector("text=没能用通行密钥确认")
    assert not device.is_signed_in()


def answer_of(device: Device, path: str) -> str:
    """Return what the browser sends, and keep it from being sent."""
    caught: list[str] = []

    def hold(route) -> None:
        caught.append(route.request.post_data)
        route.abort()

    device.page.route(f"**{path}", hold)
    device.page.click("button[data-passkey]")
    device.page.wait_for_timeout(100)
    while not caught:
        device.page.wait_for_timeout(50)
    device.page.unroute(f"**{path}")
    return caught[0]


def test_an_answer_that_somebody_listened_to_is_good_for_nothing(device):
    device.page.goto("/sign-in")
    body = answer_of(device, "/sign-in/passkey")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    first = device.context.request.post(
        "/sign-in/passkey", data=body, headers=headers, max_redirects=0
    )
    assert (first.status, first.headers["location"]) == (302, "/")  # the control: once it is good
    assert device.is_signed_in()
    kept = device.context.cookies()
    device.page.goto("/sign-in")
    device.sign_out()
    device.context.add_cookies([each for each in kept if each["name"] != "tongtu"])
    device.page.goto("/sign-in")
    token = device.page.input_value("input[name=csrf_token]")
    parts = [part for part in body.split("&") if not part.startswith("csrf_token")]
    again = device.context.request.post(
        "/sign-in/passkey",
        data="&".join([*parts, f"csrf_token={token}"]),
        headers=headers,
        max_redirects=0,
    )

    assert again.headers["location"] == "/sign-in"
    assert not device.is_signed_in()


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        json.dumps({"id": "x", "rawId": "x", "type": "public-key", "response": {}}),
        json.dumps(
            {
                "id": "AAAA",
                "rawId": "AAAA",
                "type": "public-key",
                "response": {
                    "clientDataJSON": "e30",
                    "authenticatorData": "AA",
                    "signature": "AA",
                    "userHandle": None,
                },
            }
        ),
        "x" * 10_000,
    ],
)
def test_nonsense_is_refused_and_never_breaks_anything(app, cast, credential):
    answer = app.test_client().post("/sign-in/passkey", data={"credential": credential})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_a_passkey_can_be_given_up_by_its_owner_alone(app, device, cast, sign_in):
    with app.app_context():
        passkey = db.session.scalar(select(Passkey.id))
    app.config["WTF_CSRF_ENABLED"] = False
    stranger = sign_in(cast.dealer_b)
    assert stranger.post(f"/account/passkeys/{passkey}/remove").status_code == 404
    app.config["WTF_CSRF_ENABLED"] = True
    device.page.goto("/sign-in?next=/account/factors")
    device.page.click("text=用通行密钥登录")
    device.page.wait_for_url(lambda url: "/sign-in" not in url)

    device.page.click("button[aria-label='移除通行密钥 店里的手机']")

    device.page.wait_for_selector("text=通行密钥已移除")
    assert count(app, Passkey) == 0
    assert count(app, RecoveryCode) == 0

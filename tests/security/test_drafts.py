"""Drafts in the browser are their writer's: seen in Chromium, over one application."""

import pytest
import time_machine
from conftest import NOW, PASSWORD, cast_of, make_app

from portal.db import db

HOME = "http://tongtu.test"
FORM = "/feedback/new"
TEXT = "晚上到账慢，写到一半网断了"


@pytest.fixture
def portal(tmp_path):
    """The portal with its cast, over SQLite: what is looked at is the page."""
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'drafts.sqlite'}")
    with app.app_context():
        db.create_all()
    with time_machine.travel(NOW, tick=True):
        yield app, cast_of(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


class Phone:
    """One browser, in which one person after the other is signed in."""

    def __init__(self, browser, app) -> None:
        self._app, self.client = app, app.test_client()
        self.context = browser.new_context(base_url=HOME)
        self.context.route("**/*", self._answer)
        self.page = self.context.new_page()

    def _answer(self, route) -> None:
        answer = self.client.get(route.request.url.removeprefix(HOME), follow_redirects=True)
        route.fulfill(status=answer.status_code, content_type=answer.content_type, body=answer.data)
        answer.close()

    def sign_in(self, actor) -> None:
        """Let a session that was there run out unseen, and sign somebody in."""
        self.client = self._app.test_client()
        data = {"identity": actor.phone, "password": PASSWORD}
        assert self.client.post("/sign-in", data=data).status_code == 302

    def let_the_session_run_out(self) -> None:
        self.client = self._app.test_client()
        self.page.goto("/sign-in")

    def text(self) -> str:
        self.page.goto(FORM)
        return self.page.locator("textarea[name=text]").input_value()


@pytest.fixture
def phone(browser, portal):
    phone = Phone(browser, portal[0])
    yield phone
    phone.context.close()


@pytest.mark.asvs("V14.3.3")
def test_a_draft_waits_for_its_writer_and_for_nobody_else(phone, portal):
    cast = portal[1]
    phone.sign_in(cast.dealer_a)
    assert phone.text() == ""
    phone.page.locator("textarea[name=text]").fill(TEXT)
    assert phone.text() == TEXT

    phone.let_the_session_run_out()
    phone.sign_in(cast.dealer_a)
    assert phone.text() == TEXT

    phone.let_the_session_run_out()
    phone.sign_in(cast.dealer_b)
    assert phone.text() == ""

    phone.sign_in(cast.dealer_a)
    assert phone.text() == ""  # it was dropped, not only hidden

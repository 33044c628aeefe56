"""Every writing route, sent twice under one key: one effect, one answer; else a refusal."""

from collections.abc import Callable

import pytest
import time_machine
from conftest import NOW, Actor, Cast
from flask import Flask
from flask.testing import FlaskClient
from sendings import SENDINGS, UNGUARDED, Scene, Sending
from sqlalchemy import select

from portal.db import SAFE_METHODS, Base, db
from portal.idempotency import guard

KEY = "one-key-for-one-sending"
# The record of who was seen when, and of what happened, goes on with every request.
NOT_COMPARED = frozenset({"sign_in_session"})
# Without the guard a second sending of these would leave more rows behind.
DOUBLE = ("feedback.answer", "sales.create")


@pytest.fixture(autouse=True)
def at_now():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def scene(app: Flask, cast: Cast) -> Scene:
    return Scene(app=app, cast=cast)


def client_of(scene: Scene, sign_in: Callable[[Actor], FlaskClient], who: str) -> FlaskClient:
    return sign_in(getattr(scene.cast, who)) if who else scene.app.test_client()


def post(client: FlaskClient, sending: Sending, **more: str):
    return client.post(sending.path, data=sending.form(idempotency_key=KEY, **more))


def everything(app: Flask) -> dict[str, list[tuple]]:
    """Return every row of every table."""
    with app.app_context():
        rows = {
            table.name: sorted(map(repr, db.session.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
            if table.name not in NOT_COMPARED
        }
        db.session.remove()
        return rows


def test_every_writing_route_has_a_sending_or_says_why_it_may_run_again(app):
    writing = {rule.endpoint for rule in app.url_map.iter_rules() if rule.methods - SAFE_METHODS}
    guarded = {each for each in writing if guard.why_repeatable(app, each) is None}

    assert guarded - set(SENDINGS) == set(), "add them to tests/sendings.py"
    assert set(SENDINGS) - guarded == set()
    assert set(UNGUARDED) <= writing - guarded


@pytest.mark.parametrize("endpoint", SENDINGS)
def test_what_is_sent_twice_is_done_once_and_answered_alike(endpoint, app, scene, sign_in):
    sending = SENDINGS[endpoint](scene)
    client = client_of(scene, sign_in, sending.who)

    first = post(client, sending)
    after_first = everything(app)
    second = post(client, sending)
    after_second = everything(app)
    other = post(client, sending, another_word="x")

    assert first.status_code < 400, first.text
    assert (second.status_code, second.location) == (first.status_code, first.location)
    assert second.data == first.data
    assert second.headers["Idempotent-Replayed"] == "true"
    assert {name for name in after_first if after_first[name] != after_second[name]} == set()
    assert other.status_code == 422
    assert everything(app) == after_second


@pytest.mark.parametrize("endpoint", DOUBLE)
def test_without_the_guard_it_is_done_twice(endpoint, app, scene, sign_in, monkeypatch):
    kept = [each for each in app.before_request_funcs[None] if each is not guard._take_key]
    monkeypatch.setitem(app.before_request_funcs, None, kept)
    sending = SENDINGS[endpoint](scene)
    client = client_of(scene, sign_in, sending.who)

    post(client, sending)
    once = sum(len(rows) for rows in everything(app).values())
    post(client, sending)

    assert sum(len(rows) for rows in everything(app).values()) > once

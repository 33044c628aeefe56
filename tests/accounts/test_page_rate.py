"""How many pages a sign-in may open: generous, counted without asking the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from conftest import NOW, PASSWORD, cast_of, make_settings
from sqlalchemy import event

from portal.app import create_app
from portal.db import db

MOST = 6


def made(folder, reads_per_minute):
    folder.mkdir()
    values = make_settings(folder, f"sqlite:///{folder / 'pages.sqlite'}")
    values = replace(values, reads_per_minute=reads_per_minute)
    app = create_app(values, TESTING=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        db.create_all()
    return app, cast_of(app)


@pytest.fixture(scope="module")
def portals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    found = {most: made(folder / str(most), most) for most in (MOST, 0)}
    yield found
    for app, _ in found.values():
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(autouse=True)
def moment():
    with time_machine.travel(NOW, tick=False) as moving:
        yield moving


def sign_in(portal, who):
    app, cast = portal
    client = app.test_client()
    data = {"identity": getattr(cast, who).phone, "password": PASSWORD}
    assert client.post("/sign-in", data=data).status_code == 302
    return client


@pytest.mark.asvs("V2.4.1")
def test_more_pages_than_the_rate_are_refused_with_when_to_come_again(portals, moment):
    client = sign_in(portals[MOST], "dealer_a")
    assert {client.get("/notices").status_code for _ in range(MOST)} == {200}

    refused = client.get("/feedback")

    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    with client.get("/static/app.css") as file:  # a page's files do not count
        assert file.status_code == 200
    assert client.post("/language/en").status_code == 302  # nor does what is sent
    assert sign_in(portals[MOST], "dealer_b").get("/notices").status_code == 200
    moment.shift(timedelta(seconds=61))
    assert client.get("/notices").status_code == 200


@pytest.mark.asvs("V2.4.1")
def test_without_the_rate_one_may_open_as_many_as_one_likes(portals):
    """The control of the test above."""
    client = sign_in(portals[0], "dealer_a")

    assert {client.get("/notices").status_code for _ in range(3 * MOST)} == {200}


@contextmanager
def asked(app) -> Iterator[list[str]]:
    statements: list[str] = []

    def remember(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", remember)
    yield statements
    event.remove(engine, "before_cursor_execute", remember)


def test_counting_a_page_asks_the_database_nothing(portals):
    counts = []
    for portal in portals.values():
        client = sign_in(portal, "consultant")
        client.get("/notices")
        with asked(portal[0]) as statements:
            assert client.get("/notices").status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1] > 0

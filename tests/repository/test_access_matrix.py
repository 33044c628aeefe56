"""Every route answers every role, about every record, as the reviewed table says.

The table is access_matrix.csv beside this file; how the walk goes is in tests/access_matrix.py.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import access_matrix as matrix
import pytest
import time_machine
from access_matrix import FOREIGN, MISSING, ROLES, Line, World
from conftest import NOW, make_app
from flask import Flask
from sqlalchemy import create_engine, make_url, select, text
from werkzeug.routing import Map, Rule

from portal import tenancy
from portal.access import Access, access_of
from portal.booking.models.sessions import Booking
from portal.booking.queries import sessions
from portal.db import db

TENANTS = ("dealer", "clerk", "supplier", "consultant")
# Where what is another's is answered otherwise than what does not exist, and why.
SEEN_BY_OTHERS = {
    "booking.consultant": "every dealer may book every consultant",
    "calendars.feed": "whoever has the secret address may subscribe",
    "certificates.achievement": "what a course's certificate attests is public",
    "certificates.card": "whoever has a certificate's number may check it",
    "certificates.verify": "whoever has a certificate's number may check it",
    "links.confirm": "whoever holds a link may open it",
    "links.join": "whoever holds a link may open it",
    "links.join_as_me": "whoever holds a link may open it",
    "links.set_password": "whoever holds a link may open it",
    "links.show": "whoever holds a link may open it",
    "rounds.ask": "every shop may ask in a round, and asks for itself",
    "rounds.show": "every shop may ask in a round",
    "rounds.withdraw": "every shop takes back what it asked for itself",
    "notices.stop_mails": "whoever holds a link may open it",
    "notices.unsubscribe": "whoever holds a link may open it",
}


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture(scope="module")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The seeded alliance, in a database of its own for this module."""
    folder = tmp_path_factory.mktemp("matrix")
    with time_machine.travel(NOW, tick=True):
        app = make_app(folder, _own_database(database_url, folder))
        with app.app_context():
            db.create_all()
        yield World(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _own_database(database_url: str, folder: Path) -> str:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{folder / 'matrix.sqlite'}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS matrix"))
        connection.execute(text("CREATE DATABASE matrix"))
    engine.dispose()
    return url.set(database="matrix").render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def reviewed() -> list[Line]:
    return matrix.read()


def lines_for(world: World, endpoint: str) -> list[Line]:
    rules = [each for each in matrix.rules_of(world.app) if each.endpoint == endpoint]
    return [line for rule in rules for line in matrix.lines_of(world, rule)]


def reviewed_for(reviewed: list[Line], endpoint: str) -> list[Line]:
    return [line for line in reviewed if line.endpoint == endpoint]


# ---- the routes ----


@contextmanager
def counted(world: World, capsys: pytest.CaptureFixture) -> Iterator[None]:
    before = world.asked
    yield
    with capsys.disabled():
        cases, routes = world.asked - before, len(matrix.rules_of(world.app))
        print(f"\naccess matrix: {cases} cases over {routes} routes")  # noqa: T201 – for who reads a run


@pytest.mark.asvs("V8.2.1", "V8.2.2", "V8.3.1")
def test_every_route_answers_as_the_table_says(world, reviewed, capsys):
    with counted(world, capsys):
        found = matrix.walk(world)

    assert matrix.compared(found, reviewed) == []


# Whether a route has a method is decided before a database is asked: one of them is enough.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.asvs("V8.2.1")
def test_what_a_route_does_not_have_nobody_gets(world, reviewed, capsys):
    own: dict[str, dict] = defaultdict(dict)
    for line in reviewed:
        if line.record not in (FOREIGN, MISSING):
            own[line.endpoint][line.method] = line.answers

    with counted(world, capsys):
        found = [
            problem
            for rule in matrix.rules_of(world.app)
            for problem in matrix.derived(world, rule, own[rule.endpoint])
        ]

    assert found == []


# ---- the table itself ----


@pytest.mark.asvs("V8.2.2")
def test_what_is_anothers_is_answered_like_what_does_not_exist(reviewed):
    answers = {(line.endpoint, line.method, line.record): line.answers for line in reviewed}
    told_apart = {
        f"{endpoint} {method}: {role} {answer}"
        for (endpoint, method, record), roles in answers.items()
        if record == FOREIGN and endpoint not in SEEN_BY_OTHERS
        for role, answer in roles.items()
        if role in TENANTS and answer != answers[endpoint, method, MISSING][role]
    }

    assert told_apart == set()


def test_who_is_not_signed_in_gets_public_routes_alone(world, reviewed):
    wrong = {
        line.endpoint
        for line in reviewed
        if line.answers["anonymous"] != "sign-in" and not _access(world.app, line.endpoint).public
    }

    assert wrong == set()


def test_a_role_gets_nothing_from_a_route_that_is_not_for_it(world, reviewed):
    roles = {"clerk": "dealer"}
    wrong = {
        f"{line.endpoint}: {role} {answer}"
        for line in reviewed
        if (declared := _access(world.app, line.endpoint).roles)
        for role, answer in line.answers.items()
        if role != "anonymous" and roles.get(role, role) not in declared and answer != "403"
    }

    assert wrong == set()


def _access(app: Flask, endpoint: str) -> Access:
    declared = access_of(app, endpoint)
    assert declared is not None
    return declared


# ---- controls: what the walk must find ----


def test_a_route_whose_check_is_taken_away_is_found(world, reviewed, monkeypatch):
    view = world.app.view_functions["feedback.inbox"]
    monkeypatch.setattr(view, "__access__", Access())

    words = matrix.compared(
        lines_for(world, "feedback.inbox"), reviewed_for(reviewed, "feedback.inbox")
    )

    assert any("dealer is answered ok, reviewed was 403" in each for each in words)


@pytest.fixture
def without_tenant(monkeypatch) -> None:
    """The query of a session's page forgets whose session it is."""

    def anybodys(*, public_id: str, dealer_id: int) -> object:
        found = db.session.scalar(select(Booking).where(Booking.public_id == public_id))
        if found is None:
            return None
        return sessions_of_dealer(public_id=public_id, dealer_id=found.dealer_id)

    sessions_of_dealer = sessions.session_of_dealer
    monkeypatch.setattr(sessions, "session_of_dealer", anybodys)


def test_a_query_without_its_tenant_is_caught_by_the_net_under_it(world, reviewed, without_tenant):
    lines = lines_for(world, "booking.ask_to_cancel")

    assert matrix.compared(lines, reviewed_for(reviewed, "booking.ask_to_cancel")) == []


@pytest.mark.asvs("V8.2.2")
def test_a_query_without_its_tenant_and_without_the_net_is_found(
    world, reviewed, without_tenant, monkeypatch
):
    forgetful = sessions.session_of_dealer

    def unheld(**about: object) -> object:
        with tenancy.for_everyone(reason="the net taken away"):
            return forgetful(**about)

    monkeypatch.setattr(sessions, "session_of_dealer", unheld)
    words = matrix.compared(
        lines_for(world, "booking.ask_to_cancel"),
        reviewed_for(reviewed, "booking.ask_to_cancel"),
    )

    assert "booking.ask_to_cancel GET foreign: dealer is answered ok, reviewed was 404" in words


def test_a_route_without_a_line_is_told_what_to_write(reviewed):
    answers = dict.fromkeys(ROLES, "ok")
    (words,) = matrix.compared([Line("planted.show", "GET", "-", answers)], [])

    assert words.endswith("add: planted.show,GET,-,ok,ok,ok,ok,ok,ok,ok")


def test_a_line_without_a_route_is_found(reviewed):
    (words, *_) = matrix.compared([], reviewed)

    assert "no such route" in words


def test_a_record_about_which_nobody_said_anything_is_asked_for():
    rule = Rule("/planted/<int:thing_id>", endpoint="planted.show")
    Map([rule])

    with pytest.raises(matrix.Unknown, match=r"planted\.show: say which record"):
        matrix.sending_of(rule, SimpleNamespace())

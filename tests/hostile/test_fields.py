"""Every naughty string into the fields of every form: no crash, and what was typed is kept.

Every string is typed once, into fields that take turns, on SQLite;
benchmarks/hostile_texts.py types every string into every field.
"""

from itertools import cycle

import pytest
import time_machine
from access_matrix import Side
from conftest import NOW, cast_of, make_app
from hostile import typing_in
from hostile.strings import naughty
from hostile.typing_in import Cookies, Door
from hostile.undoing import ONE_CONNECTION, undone
from sendings import SENDINGS, Scene
from sqlalchemy import select

from portal.db import Base, db
from portal.typed import Form

TEXTS = naughty()
ALIKE = 8
# Forms without a door of their own, and why.
ELSEWHERE = {
    "_Choices": "made anew for each page; notices.choose is a door",
    "Nothing": "a button alone",
    "NewAccount": "NewSource with a user name and a password more",
    "NewSignedEndpoint": "NewEndpoint with a secret more",
}


@pytest.fixture(autouse=True)
def at_now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """The alliance over a database of this module's own."""
    folder = tmp_path_factory.mktemp("doors")
    app = make_app(folder, f"sqlite:///{folder / 'doors.sqlite'}", **ONE_CONNECTION)
    with app.app_context():
        db.create_all()
    yield Side(app=app, cast=cast_of(app))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def doors(scene):
    """Every writing route of the portal, looked at once."""
    with time_machine.travel(NOW, tick=False):
        return list(typing_in.doors(scene))


def leaves(kind: type) -> set[type]:
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*map(leaves, below))


def test_every_form_of_the_portal_stands_behind_some_door(doors):
    forms = {each.__name__ for each in leaves(Form) if each.__module__.startswith("portal.")}
    behind = {form.__name__ for door in doors for form in door.forms}

    assert forms - behind - set(ELSEWHERE) <= {"Choices"}


@pytest.mark.asvs("V1.2.4", "V2.2.1")
@pytest.mark.timeout(600)
def test_every_naughty_string_is_kept_as_typed_or_refused_with_a_message(doors):
    # The weekly hours have 42 fields alike; the sweep types into all of them.
    places = [(door, name) for door in doors for name in list(door.fields)[:ALIKE]]
    wrong = [
        f"{door.endpoint}.{name} {text!r}: {problem}"
        for text, (door, name) in zip(TEXTS, cycle(places), strict=False)
        if (problem := door.type_in(name, text))
    ]

    assert len(places) > 110
    assert "\n".join(wrong) == ""


# ---- the eyes themselves ----


def everything(scene: Scene) -> dict[str, list[tuple]]:
    with scene.app.app_context():
        rows = {
            table.name: sorted(map(repr, db.session.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
        }
        db.session.remove()
        return rows


def test_what_is_typed_is_done_and_then_undone(scene):
    door = Door(
        "home.close_organisation", SENDINGS["home.close_organisation"], scene, Cookies(scene)
    )
    cookie = door.cookie
    before = everything(scene)

    with undone(scene.app):
        closed = door._post(door.sending.form(), cookie)
        during = everything(scene)

    assert closed.status_code == 303
    assert "closed" in "".join(during["organisation"])
    assert everything(scene) == before
    assert door._post(door.sending.form(), cookie).status_code == 303


def test_a_text_that_is_stored_otherwise_is_found(scene, monkeypatch):
    door = Door("feedback.answer", SENDINGS["feedback.answer"], scene, Cookies(scene))
    assert door.look() < 400
    assert door.type_in("text", "下周加一条通道") == ""

    monkeypatch.setattr(typing_in, "many_lines", str.upper)

    assert door.type_in("text", "next week") == "was not stored as it was typed"


def test_a_text_that_comes_back_otherwise_is_found(scene, monkeypatch):
    door = Door("feedback.answer", SENDINGS["feedback.answer"], scene, Cookies(scene))
    door.look()
    assert door.type_in("text", "x" * 9000) == ""

    monkeypatch.setattr(typing_in, "many_lines", str.upper)

    assert door.type_in("text", "x" * 9000).startswith("came back as")

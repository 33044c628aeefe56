"""Every naughty string into the fields of every form: no crash, and what was typed is kept.

Every string is typed once, into fields that take turns, on SQLite;
benchmarks/hostile_texts.py types every string into every field.
"""

from itertools import cycle

import pytest
import time_machine
from conftest import NOW, PASSWORD, cast_of, make_app
from hostile.strings import naughty
from hostile.typing_in import ROOMS_APART, Door
from sendings import SENDINGS, UNGUARDED, Scene

from portal.db import db
from portal.typed import Form

TEXTS = naughty()
# Forms without a sending of their own, and why.
ELSEWHERE = {
    "AuditSearch": "asked by address: tests/hostile/test_addresses.py",
    "_Choices": "made anew for each page; notices.choose is a door",
    "NewPasskey": "a browser's own signature stands in it: tests/accounts",
    "PasskeySignIn": "a browser's own signature stands in it: tests/accounts",
    "NewSignedEndpoint": "NewEndpoint with a secret more",
}


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    """Every writing route of the portal, looked at once, over a database of their own."""
    folder = tmp_path_factory.mktemp("doors")
    app = make_app(folder, f"sqlite:///{folder / 'doors.sqlite'}")
    with app.app_context():
        db.create_all()
    scene, clients = Scene(app=app, cast=cast_of(app)), {}

    def sign_in(actor):
        client = app.test_client()
        client.post("/sign-in", data={"identity": actor.phone, "password": PASSWORD})
        return client

    with time_machine.travel(NOW, tick=True):
        found = [
            Door(endpoint, make, scene, sign_in, clients)
            for endpoint, make in (SENDINGS | UNGUARDED).items()
            if not endpoint.startswith(ROOMS_APART)
        ]
        for door in found:
            door.look()
        yield found
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def leaves(kind: type) -> set[type]:
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*map(leaves, below))


def is_asked_here(form: type) -> bool:
    module = form.__module__
    return module.startswith("portal.") and not module.startswith("portal.accounts.membership.")


def test_every_form_of_the_portal_stands_behind_some_door(doors):
    forms = {each.__name__ for each in leaves(Form) if is_asked_here(each)}
    behind = {form.__name__ for door in doors for form in door.forms}

    assert forms - behind - set(ELSEWHERE) <= {"Choices"}


@pytest.mark.asvs("V1.2.4", "V2.2.1")
@pytest.mark.timeout(600)
def test_every_naughty_string_is_kept_as_typed_or_refused_with_a_message(doors):
    places = [(door, name) for door in doors for name in door.fields]
    wrong = [
        f"{door.endpoint}.{name} {text!r}: {problem}"
        for text, (door, name) in zip(TEXTS, cycle(places), strict=False)
        if (problem := door.type_in(name, text))
    ]

    assert len(places) > 40
    assert "\n".join(wrong) == ""

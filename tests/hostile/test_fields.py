"""Every naughty string into the fields of every form: no crash, and what was typed is kept.

Every string is typed once on each database, into fields that take turns;
benchmarks/hostile_texts.py types every string into every field.
"""

from itertools import cycle

import pytest
import time_machine
from conftest import NOW
from hostile.strings import naughty
from hostile.typing_in import Door
from sendings import SENDINGS, UNGUARDED, Scene

from portal.typed import Form

TEXTS = naughty()


@pytest.fixture
def doors(app, cast, sign_in):
    """Every writing route of the portal, looked at once."""
    scene, clients = Scene(app=app, cast=cast), {}
    with time_machine.travel(NOW, tick=True):
        found = [
            Door(endpoint, make, scene, sign_in, clients)
            for endpoint, make in (SENDINGS | UNGUARDED).items()
        ]
        for door in found:
            door.look()
        yield found


def leaves(kind: type) -> set[type]:
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*map(leaves, below))


def test_every_form_of_the_portal_stands_behind_some_door(doors):
    forms = {each for each in leaves(Form) if each.__module__.startswith("portal.")}

    assert forms - set().union(*(door.forms for door in doors)) == set()


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

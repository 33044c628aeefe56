"""Every route that writes has words for the record of what happened, so none is shown as code."""

import ast
from pathlib import Path

from flask import Flask

from portal.db import SAFE_METHODS
from portal.evidence import texts

PORTAL = Path(__file__).resolve().parents[2] / "portal"


def wordless(app: Flask) -> list[str]:
    """Return the writing endpoints without words in portal/evidence/texts.py."""
    writing = {
        rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE_METHODS
    }
    return sorted(writing - set(texts.DONE))


def said_in(source: str) -> set[str]:
    """Return the actions that a source file records by name: record(action="…")."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {
        keyword.value.value
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", "")) == "record"
        for keyword in call.keywords
        if keyword.arg == "action" and isinstance(keyword.value, ast.Constant)
    }


def test_every_action_that_is_recorded_by_name_has_words():
    said = set().union(*(said_in(path.read_text("utf-8")) for path in PORTAL.rglob("*.py")))

    assert sorted(said - set(texts.DONE)) == []
    assert said  # the search finds what there is


def test_an_action_that_is_recorded_by_name_is_found():
    assert said_in('evidence.record(action="planted.done", at=now)') == {"planted.done"}


def test_every_writing_route_has_words_for_the_record(app):
    assert wordless(app) == [], "say what was done in portal/evidence/texts.py (DONE)"


def test_a_writing_route_without_words_is_found():
    app = Flask("planted")
    app.add_url_rule("/do", "planted.do", lambda: "done", methods=["POST"])

    assert wordless(app) == ["planted.do"]

"""Rules about templates: they compile, escape everything, and hold nothing inline."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted([*ROOT.glob("portal/**/templates/**/*.html"), *ROOT.glob("reports/**/*.html")])
FORBIDDEN = {
    "|safe": re.compile(r"\|\s*safe\b"),
    "an inline style": re.compile(r"\sstyle\s*="),
    "an inline handler": re.compile(r"\son[a-z]+\s*=\s*[\"']"),
    "an inline script": re.compile(r"<script(?![^>]*(\ssrc=|application/json))[^>]*>"),
    "an address of another host": re.compile(r"(src|href)=[\"'](https?:)?//"),
}


def test_there_are_templates():
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    found = [
        str(path.relative_to(ROOT))
        for path in TEMPLATES
        if FORBIDDEN[what].search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_every_template_compiles(app):
    names = app.jinja_env.list_templates(extensions=["html"])

    for name in names:
        app.jinja_env.get_template(name)

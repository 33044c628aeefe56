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


@pytest.mark.asvs("V1.1.2")
@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what):
    found = [
        str(path.relative_to(ROOT))
        for path in TEMPLATES
        if FORBIDDEN[what].search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_every_form_that_posts_carries_a_key_of_its_own():
    """Signing in and out are Flask-Security's: never answered from memory."""
    form = re.compile(r'<form\b[^>]*method="post".*?</form>', re.DOTALL)
    found = [
        f"{path.relative_to(ROOT)}: {block[:80]}"
        for path in TEMPLATES
        for block in form.findall(path.read_text(encoding="utf-8"))
        if not re.search(r"\bcsrf\(\)|\bsending_key\(\)|url_for\('security\.", block)
    ]

    assert found == []


def test_every_template_compiles(app):
    names = app.jinja_env.list_templates(extensions=["html"])

    for name in names:
        app.jinja_env.get_template(name)

"""What our scripts in the browser may not do; each rule has a planted line that it must find."""

import re
from pathlib import Path

import pytest

PORTAL = Path(__file__).resolve().parents[2] / "portal"
SCRIPTS = sorted((PORTAL / "static").glob("*.js"))
PAGES = sorted(PORTAL.rglob("*.html"))

RULES = {
    "puts a text into the page as HTML": (
        re.compile(r"\.(innerHTML|outerHTML)\b|insertAdjacentHTML|document\.write|\$\{.*<"),
        "box.innerHTML = name;",
    ),
    "runs a text as code": (
        re.compile(r"\beval\(|new Function\(|set(Timeout|Interval)\(\s*[\"']"),
        "eval(text);",
    ),
    "keeps names that came in as an object's properties": (
        # An object from {} has a prototype that "__proto__" reaches; one from null has none.
        re.compile(r"=\s*\{\s*\}\s*;|Object\.assign\(\s*\{"),
        "var values = {};",
    ),
    "takes messages of other windows": (
        re.compile(r"postMessage|[\"']message[\"']"),
        'window.addEventListener("message", take);',
    ),
    "keeps something beside drafts in the browser": (
        re.compile(r"sessionStorage|indexedDB|document\.cookie|localStorage\.setItem\((?!key,)"),
        'window.localStorage.setItem("token", token);',
    ),
}
# Where a rule does not hold, and why.
OFFLINE = "answers given without a network wait in the browser, by person, until they are sent"
ALLOWED = {
    "takes messages of other windows": {
        "offline-queue.js": "tells this site's own tabs that something was sent: a channel",
        "learning.js": "listens to that channel, which no other site reaches; no texts in it",
    },
    "keeps something beside drafts in the browser": {
        "offline-queue.js": OFFLINE,
        "learning.js": "where a film was left, its speed, and how much waits to be sent",
    },
}
PLUGINS = re.compile(r"<(object|embed|applet|iframe)\b")
DRAFT = re.compile(r"<form[^>]*data-draft=.*?</form>", re.DOTALL)


@pytest.mark.parametrize("name", RULES)
def test_the_rule_finds_a_planted_line(name):
    pattern, planted = RULES[name]

    assert pattern.search(planted)


@pytest.mark.asvs("V3.2.2", "V14.3.3", "V15.3.6")
@pytest.mark.parametrize("name", RULES)
def test_no_script_of_ours(name):
    pattern, _ = RULES[name]
    found = [
        f"{path.name}:{number}"
        for path in SCRIPTS
        if path.name not in ALLOWED.get(name, {})
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]

    assert len(SCRIPTS) >= 5
    assert found == []


@pytest.mark.asvs("V3.7.1")
def test_no_page_needs_a_plugin():
    assert PLUGINS.search("<embed src='x.swf'>")
    assert [path.name for path in PAGES if PLUGINS.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.asvs("V14.3.3")
def test_no_draft_keeps_a_password_or_a_code():
    """A draft keeps textareas and plain text fields, and no form with a secret is one."""
    drafts = [
        (path.name, form)
        for path in PAGES
        for form in DRAFT.findall(path.read_text(encoding="utf-8"))
    ]

    assert len(drafts) >= 4
    assert [name for name, form in drafts if re.search("password|secret|token|code", form)] == []

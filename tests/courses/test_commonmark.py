"""How near the Markdown of lessons is to CommonMark, and that no known payload becomes live."""

from collections import Counter
from collections.abc import Callable

import pytest
from hostile.strings import markup
from hostile.watching import Watch
from playwright.sync_api import Browser

from benchmarks.commonmark import SPEC, Example, examples, tokens, verdict
from courses.render import render, to_unsafe_html

PER_PAGE = 700


@pytest.mark.real
def test_the_examples_of_commonmark_come_out_as_counted_in_the_decision() -> None:
    """docs/decisions/0036 has these figures; a change for better or worse is to be seen there."""
    if not SPEC.exists():
        pytest.skip(f"{SPEC} is absent: the specification is not part of the project")

    verdicts = Counter(verdict(example) for example in examples(SPEC.read_text("utf-8")))

    assert verdicts == {
        "as_specified": 400,
        "raw_html_off": 74,
        "not_let_through": 11,
        "extensions": 7,
        "dialect": 163,
    }


@pytest.mark.parametrize(
    ("markdown", "html", "said"),
    [
        ("**a**\n", "<p><strong>a</strong></p>\n", "as_specified"),
        ("**a**\n", "<p><em>a</em></p>\n", "dialect"),
        ("a\tb\n", "<p>a c</p>\n", "dialect"),
        ("<b>a</b>\n", "<p><b>a</b></p>\n", "raw_html_off"),
        ("[a](irc:b)\n", '<p><a href="irc:b">a</a></p>\n', "not_let_through"),
        ("~~a~~\n", "<p>~~a~~</p>\n", "extensions"),
    ],
)
def test_the_comparison_tells_what_differs(markdown: str, html: str, said: str) -> None:
    assert verdict(Example(1, "", markdown, html)) == said


def test_white_space_counts_inside_code_only() -> None:
    assert tokens("<p>a\n b</p>\n<p>c</p>") == tokens("<p>a b</p><p>c</p>")
    assert tokens("<pre><code>a\n b</code></pre>") != tokens("<pre><code>a b</code></pre>")


@pytest.mark.journey
@pytest.mark.parametrize(
    ("convert", "lives"), [(render, False), (to_unsafe_html, True)], ids=["guarded", "control"]
)
def test_no_payload_is_live_in_a_browser(
    browser: Browser, convert: Callable[[str], str], lives: bool
) -> None:
    payloads = markup()
    if lives:
        payloads = payloads[:PER_PAGE]
    bodies = [
        "".join(convert(f"{p}\n\n[看]({p}) <{p}>") for p in payloads[at : at + PER_PAGE])
        for at in range(0, len(payloads), PER_PAGE)
    ]

    def answer(path: str) -> tuple[int, str, bytes]:
        # A payload may name a picture beside the page: it is asked for, and is not there.
        at = path.removeprefix("/")
        known = at.isdigit() and int(at) < len(bodies)
        html = f"<!doctype html><meta charset=utf-8><body>{bodies[int(at)]}" if known else ""
        return (200 if known else 404), "text/html", html.encode()

    watch = Watch.over(browser, answer)
    live = Counter[str]()
    for at in range(len(bodies)):
        live += watch.live(f"/{at}")
    watch.close()

    assert bool(live) is lives, live

"""Markdown becomes HTML that is safe to show, whatever was typed."""

import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import nh3
import pytest

from courses.render import (
    is_elsewhere,
    rebase_assets,
    render,
    render_inline,
    sanitise,
    to_unsafe_html,
)

REAL = Path(__file__).parents[3] / "shared" / "data" / "attack" / "xss_payloadbox.txt"
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    " jaVaScript&#58;alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "<a href='javascript:alert(1)' style='position:fixed'>x</a>",
    "<form action=//e.com><button>x</button></form>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
]
SAFE_SCHEMES = ("http:", "https:", "mailto:", "tel:")
ACTIVE = {"script", "style", "iframe", "object", "embed", "svg", "math", "form", "base", "meta"}


class Dangers(HTMLParser):
    """Collects what a browser would run, load from elsewhere or style."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE:
            self.found.append(tag)
        for name, value in attrs:
            # As a browser reads an address: white space around it and line breaks in it vanish.
            address = re.sub(r"[\t\r\n]", "", (value or "").strip()).lower()
            if name.startswith("on") or name in {"style", "srcdoc", "srcset", "formaction"}:
                self.found.append(f"{tag}.{name}")
            elif name == "href" and is_elsewhere(address) and not address.startswith("//"):
                self.found.extend([] if address.startswith(SAFE_SCHEMES) else [address])
            elif name == "src" and is_elsewhere(address):
                self.found.append(address)


def dangers(html: str) -> list[str]:
    parser = Dangers()
    parser.feed(html)
    parser.close()
    return parser.found


def typed(payload: str) -> str:
    """A text that puts a payload into every place Markdown has."""
    return (
        f"{payload}\n\n[看]({payload}) ![图]({payload}) <{payload}>\n\n> {payload}\n\n"
        f"| {payload} |\n|---|\n| {payload} |\n\n# {payload}\n\n- [ ] {payload}\n\n"
        f'!!! tip "{payload}"\n    {payload}\n\n```{payload}\n{payload}\n```\n\n'
        f"[a][r] [^n]\n\n[r]: {payload}\n[^n]: {payload}\n"
    )


def raw_markdown(text: str) -> str:
    return to_unsafe_html(text)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_survives_anywhere_in_a_text(payload: str) -> None:
    assert dangers(render(typed(payload))) == []


@pytest.mark.asvs("V1.3.1", "V1.3.4")
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_survives_in_foreign_html(payload: str) -> None:
    assert dangers(sanitise(payload)) == []


@pytest.mark.asvs("V1.3.1")
def test_without_the_allow_list_payloads_do_survive() -> None:
    assert any(dangers(raw_markdown(typed(payload))) for payload in PAYLOADS)
    assert any(dangers(payload) for payload in PAYLOADS)


@pytest.mark.asvs("V1.2.2", "V1.3.5")
@pytest.mark.real
@pytest.mark.parametrize(
    ("convert", "survives"), [(render, False), (raw_markdown, True)], ids=["guarded", "control"]
)
def test_no_known_payload_survives(convert: Callable[[str], str], survives: bool) -> None:
    if not REAL.exists():
        pytest.skip(f"{REAL} is absent: the payload list is not part of the project")
    payloads = REAL.read_text(encoding="utf-8", errors="replace").splitlines()

    surviving = [
        payload for payload in payloads if dangers(convert(f"{payload}\n\n[看]({payload})"))
    ]

    assert len(payloads) > 6_000
    assert bool(surviving) is survives, surviving[:3]


def test_raw_html_appears_as_it_was_typed() -> None:
    assert render("价格 <b>10</b> 元") == "<p>价格 &lt;b&gt;10&lt;/b&gt; 元</p>"


def test_what_authors_use_is_kept() -> None:
    html = render(
        "## 复购 分层\n\n**加粗。**后面[^1]\n\n| 甲 | 乙 |\n|:--|--:|\n| 1 | 2 |\n\n"
        '!!! tip "窍门"\n    先看人。\n\n- [x] 已做\n\n```python\nx < 1\n```\n\n[^1]: 脚注\n'
    )

    assert '<h2 id="s-复购-分层">复购 分层</h2>' in html
    assert "<strong>加粗。</strong>后面" in html
    assert '<a class="footnote-ref" href="#fn:1">' in html
    assert '<td align="right">2</td>' in html
    assert '<div class="admonition tip">\n<p class="admonition-title">窍门</p>' in html
    assert 'type="checkbox"' in html
    assert '<code class="language-python">x &lt; 1</code>' in html
    assert "style=" not in html


def test_a_callout_without_a_title_is_named_in_the_language_of_the_text() -> None:
    assert '<p class="admonition-title">注意</p>' in render("!!! warning\n    当心")
    assert '<p class="admonition-title">Warning</p>' in render(
        "!!! warning\n    Careful", language="en"
    )


def test_only_links_to_elsewhere_are_marked() -> None:
    html = render("[站外](https://example.com/) [另一站](//example.com) [站内](/help) [节](#s-a)")

    assert html.count('rel="nofollow noopener noreferrer"') == 2
    assert '<a href="/help">站内</a>' in html


def test_a_heading_cannot_take_the_id_of_something_on_the_page() -> None:
    assert 'id="s-csrf_token"' in render("# csrf_token")


def test_a_picture_from_elsewhere_is_not_loaded() -> None:
    assert "src" not in render("![图](https://example.com/a.png)")
    assert 'src="assets/a.png"' in render("![图](assets/a.png)")


def test_an_inline_text_has_no_paragraph_around_it() -> None:
    assert render_inline("先**分层**") == "先<strong>分层</strong>"
    assert render_inline("一\n\n二") == "<p>一</p>\n<p>二</p>"


def test_relative_addresses_move_under_a_base_and_others_stay() -> None:
    html = render("![图](assets/a.png) [首页](/) [外](https://example.com) [节](#s-a)")

    moved = rebase_assets(html, base="/learn/c/")

    assert 'src="/learn/c/assets/a.png"' in moved
    assert 'href="/learn/c/assets/a.png"' in moved  # the picture opens in full
    assert moved.count("/learn/c/") == 2
    assert moved.replace("/learn/c/", "") == html


@pytest.mark.parametrize(
    "text",
    ["* " * 3_000 + "店", "[" * 20_000, "![](" * 5_000, "> " * 3_000, "长" * 200_001],
    ids=["nested lists", "brackets", "pictures", "quotes", "too long"],
)
def test_a_hostile_shape_gives_a_page_in_good_time(text: str) -> None:
    started = time.perf_counter()

    html = render(text)

    assert html
    assert time.perf_counter() - started < 5
    assert render("**好**") == "<p><strong>好</strong></p>"


def test_a_text_that_markdown_cannot_follow_is_shown_as_typed() -> None:
    assert render("[" * 20_000 + "<b>") == "<pre>" + "[" * 20_000 + "&lt;b&gt;</pre>"


def test_rendering_twice_and_cleaning_again_change_nothing() -> None:
    html = render(typed("店里 <b> & 复购"))

    assert render(typed("店里 <b> & 复购")) == html
    assert rebase_assets(html, base="") == html


def test_half_a_surrogate_pair_is_no_reason_to_fail() -> None:
    """JSON may carry one; the sanitiser alone would raise."""
    with pytest.raises(UnicodeEncodeError):
        nh3.clean("\ud83d")

    assert render("好 \ud83d") == "<p>好 ?</p>"
    assert render("[" * 20_000 + "\ud83d").endswith("?</pre>")

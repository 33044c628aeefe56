"""How many of CommonMark's examples our pipeline renders as specified, and why the others differ.

    python benchmarks/commonmark.py [--show SECTION]

Reads ../shared/data/markdown/commonmark_spec.txt. Compared are elements, texts and the
attributes that the specification knows; what our pages add (ids of headings, `rel`, classes of
code) and white space between blocks do not count. The last line is one JSON object.

* as_specified: the same document.
* raw_html_off: the example has raw HTML, which here appears as it was typed. Deliberate.
* not_let_through: the same but for an address or a picture that the allow-list drops. Deliberate.
* extensions: it uses signs that mean more here (callouts, task lists, ~~, ==, tables). Deliberate.
* dialect: Python-Markdown reads it in the older way (lists indent by four, no laziness, …).
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

from courses.render import render  # noqa: E402 – found by the path above

SPEC = HERE.parent / "shared" / "data" / "markdown" / "commonmark_spec.txt"
_EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$", re.DOTALL | re.MULTILINE)
_SECTION = re.compile(r"^#{1,6} +(.*)$", re.MULTILINE)
_KNOWN = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_BLOCKS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "hr"),
    *("div", "table", "thead", "tbody", "tr", "th", "td"),
}
_RAW = re.compile(
    r"<(?:/?[a-zA-Z][a-zA-Z0-9-]*(?:[\s/][^>]*)?>|!--|!\[CDATA|![A-Z]|\?|/?[a-z]+\s*$)",
    re.MULTILINE,
)
_EXTENSIONS = re.compile(r"~~|==|^\s*[-*+] \[[ xX]\]|^///|^!!!|^\[\^|^:\s", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One example: its number, section, Markdown and the HTML that is specified."""

    number: int
    section: str
    markdown: str
    html: str


def examples(text: str) -> Iterator[Example]:
    """The examples of the specification; → in them stands for a tab."""
    bare = _EXAMPLE.sub(lambda found: " " * len(found[0]), text)
    headings = [(found.start(), found[1]) for found in _SECTION.finditer(bare)]
    for number, found in enumerate(_EXAMPLE.finditer(text), 1):
        section = [name for at, name in headings if at < found.start()][-1]
        markdown, html = (part.replace("\u2192", "\t") for part in found.groups())
        yield Example(number, section, markdown, html)


class _Reader(HTMLParser):
    """A document as a list of tokens that compares what counts."""

    def __init__(self, *, addresses: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[tuple[str, ...]] = []
        self.addresses = addresses
        self.pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = _KNOWN.get(tag, set())
        kept = sorted((name, unescape(value or "")) for name, value in attrs if name in known)
        if not self.addresses:
            kept = [pair for pair in kept if pair[0] not in {"href", "src"}]
        self.pre += tag == "pre"
        self.tokens.append((f"<{tag}>", *(f"{name}={value}" for name, value in kept)))

    def handle_endtag(self, tag: str) -> None:
        self.pre -= tag == "pre"
        self.tokens.append((f"</{tag}>",))

    def handle_data(self, data: str) -> None:
        text = data if self.pre else re.sub(r"\s+", " ", data)
        if self.tokens and self.tokens[-1][0] == "text":
            text = self.tokens.pop()[1] + text
        self.tokens.append(("text", text))


def tokens(html: str, *, addresses: bool = True) -> list[tuple[str, ...]]:
    """Return what counts of an HTML text, white space at the edges of blocks left out."""
    reader = _Reader(addresses=addresses)
    reader.feed(html)
    reader.close()
    found = [token for token in reader.tokens if token[0] not in {"</br>", "</hr>", "</img>"}]
    kept: list[tuple[str, ...]] = []
    inside_pre = False
    for at, token in enumerate(found):
        inside_pre = (inside_pre or token[0] == "<pre>") and token[0] != "</pre>"
        if token[0] != "text":
            kept.append(token)
            continue
        text = token[1]
        if not inside_pre:
            text = text.lstrip() if at == 0 or _is_block(found[at - 1][0]) else text
            last = at + 1 == len(found) or _is_block(found[at + 1][0])
            text = text.rstrip() if last else text
        else:
            text = text.strip("\n")
        if text:
            kept.append(("text", text))
    return kept


def _is_block(mark: str) -> bool:
    return mark.strip("</>") in {*_BLOCKS, "br"}


def verdict(example: Example) -> str:
    """Say how our rendering of an example compares with the specified one."""
    ours = render(example.markdown, language="en")
    if tokens(ours) == tokens(example.html):
        return "as_specified"
    if _RAW.search(_without_code(example.markdown)):
        return "raw_html_off"
    if tokens(ours, addresses=False) == tokens(example.html, addresses=False):
        return "not_let_through"
    return "extensions" if _EXTENSIONS.search(example.markdown) else "dialect"


def _without_code(markdown: str) -> str:
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", markdown, flags=re.DOTALL)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", metavar="SECTION", help="print what differs there")
    arguments = parser.parse_args()
    if not SPEC.exists():
        sys.exit(f"{SPEC} is absent: the specification is not part of the project")
    started = time.process_time()
    found = list(examples(SPEC.read_text(encoding="utf-8")))
    verdicts = [verdict(example) for example in found]
    sections: Counter[tuple[str, str]] = Counter()
    for example, said in zip(found, verdicts, strict=True):
        sections[example.section, said] += 1
        if arguments.show == example.section and said != "as_specified":
            print(f"{example.number} {said}\n{example.markdown}---\n{example.html}---")
            print(render(example.markdown, language="en"), "\n======")
    for (section, said), count in sorted(sections.items()):
        if said != "as_specified":
            print(f"{section}: {said} {count}")
    totals = Counter(verdicts)
    cpu = round(time.process_time() - started, 2)
    print(json.dumps({"examples": len(found), **totals, "cpu_s": cpu}))


if __name__ == "__main__":
    main()

"""What of a large stylesheet our pages can use: the rest only costs a phone on a slow line.

A class counts as used when its name stands anywhere as a word in our templates, scripts, styles
or Python files: too much is kept rather than too little. tests/repository/test_vendored.py fails
when a page names a class that was left out.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import tinycss2
from tinycss2.ast import AtRule, Node, QualifiedRule

ROOT = Path(__file__).resolve().parent.parent
_CLASS = re.compile(r"\.((?:\\.|[\w-])+)")
_NOT = re.compile(r":not\((?:[^()]|\([^()]*\))*\)")
_VARIABLE = re.compile(r"(?<=[{;])(--[\w-]+):(?:[^;{}\"']|\"[^\"]*\"|'[^']*')*(;|(?=\}))")
_ATTRIBUTE = re.compile(r"\[\s*([\w-]+)")
_TYPED = frozenset({"type", "href", "open", "disabled", "checked", "hidden", "multiple", "size"})


def words_of_pages() -> frozenset[str]:
    """Return every word of the files that make our pages."""
    folders = [ROOT / "portal"]
    files = [
        path
        for folder in folders
        for suffix in ("html", "py", "js", "css")
        for path in folder.rglob(f"*.{suffix}")
        if "vendor" not in path.parts and "migrations" not in path.parts
    ]
    found: set[str] = set()
    for path in files:
        found.update(re.findall(r"[A-Za-z_][\w-]*", path.read_text(encoding="utf-8")))
    return frozenset(found)


def classes_of(css: str) -> frozenset[str]:
    """Return the classes that each selector of a stylesheet asks for together, space between."""
    return frozenset(
        _asked(selector)
        for prelude in _preludes(tinycss2.parse_stylesheet(css, True, True))
        for selector in _selectors(prelude)
    ) - {""}


def _asked(selector: str) -> str:
    found = _CLASS.findall(_NOT.sub("", selector))
    return " ".join(sorted({_plain(name) for name in found}))


def _plain(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)


def _preludes(rules: list[Node]) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            # What only sets variables is dropped with the last rule that reads them.
            set_here = tinycss2.parse_declaration_list(rule.content, True, True)
            if not all(getattr(each, "name", "").startswith("--") for each in set_here):
                yield tinycss2.serialize(rule.prelude)
        elif isinstance(rule, AtRule) and rule.at_keyword in {"media", "supports"}:
            yield from _preludes(tinycss2.parse_rule_list(rule.content, True, True))


def used(css: str, *, words: frozenset[str], others: str) -> str:
    """Return the rules whose every class is among `words`, and the variables that are read.

    `others` are the stylesheets beside it, which may read its variables too.
    """
    kept = "\n".join(_kept(tinycss2.parse_stylesheet(css, True, True), words))
    while (less := _read_only(kept, others)) != kept:
        kept = less
    return kept


def _read_only(css: str, others: str) -> str:
    """Return the stylesheet without variables that nobody reads, and rules that are empty then."""
    names = set(re.findall(r"var\(\s*(--[\w-]+)", css + others))

    def if_read(found: re.Match[str]) -> str:
        return found[0] if found[1] in names else ""

    return re.sub(r"[^{}]*\{\}\n?", "", _VARIABLE.sub(if_read, css))


def _kept(rules: list[Node], words: frozenset[str]) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            selectors = [
                each
                for each in _selectors(tinycss2.serialize(rule.prelude))
                if _is_used(each, words)
            ]
            if selectors:
                yield f"{','.join(selectors)}{{{tinycss2.serialize(rule.content).strip()}}}"
        elif isinstance(rule, AtRule):
            yield from _kept_at(rule, words)


def _kept_at(rule: AtRule, words: frozenset[str]) -> Iterator[str]:
    prelude = tinycss2.serialize(rule.prelude)
    if rule.content is None:
        yield f"@{rule.at_keyword}{prelude};"
    elif rule.at_keyword in {"media", "supports"}:
        inner = "".join(_kept(tinycss2.parse_rule_list(rule.content, True, True), words))
        if inner:
            yield f"@{rule.at_keyword}{prelude}{{{inner}}}"
    elif rule.at_keyword != "keyframes" or prelude.strip() in words:
        yield f"@{rule.at_keyword}{prelude}{{{tinycss2.serialize(rule.content)}}}"


def _selectors(prelude: str) -> Iterator[str]:
    """Yield the parts between the commas that stand in no parentheses."""
    depth, start = 0, 0
    for place, character in enumerate(prelude):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield prelude[start:place].strip()
            start = place + 1
    yield prelude[start:].strip()


def _is_used(selector: str, words: frozenset[str]) -> bool:
    needed = _NOT.sub("", selector)
    attributes = set(_ATTRIBUTE.findall(needed)) - _TYPED
    return all(_plain(name) in words for name in _CLASS.findall(needed)) and all(
        name in words for name in attributes if name.startswith("data-")
    )

"""The one Markdown pipeline of the project: text -> HTML that may be shown as it is.

For course files, quiz texts and whatever people type into the portal. Raw HTML is off, so it
appears as the characters that were typed; what Markdown makes then passes an allow-list. There
are two locks because either alone has been picked: Markdown lets `javascript:` links through,
and an allow-list alone would let authors depend on HTML. No inline styles, for the strict CSP.
"""

import re
import threading
from html import escape
from xml.etree.ElementTree import Element

import markdown
import nh3
from markdown.extensions import Extension
from markdown.extensions.toc import slugify_unicode
from markdown.treeprocessors import Treeprocessor

MAX_CHARS = 200_000
# Markdown scans the rest of the text at each "[": 20,000 of them took 39 s (see decision 0014).
MAX_BRACKET_STEPS = 10_000_000

_EXTENSIONS = (
    "markdown.extensions.admonition",
    "markdown.extensions.def_list",
    "markdown.extensions.footnotes",
    "markdown.extensions.sane_lists",
    "markdown.extensions.tables",
    "markdown.extensions.toc",
    "pymdownx.blocks.admonition",
    "pymdownx.blocks.details",
    "pymdownx.highlight",
    "pymdownx.mark",
    "pymdownx.superfences",
    "pymdownx.tasklist",
    "pymdownx.tilde",
)
_CALLOUTS = {
    "note": ("Note", "说明"),
    "tip": ("Tip", "提示"),
    "info": ("Info", "信息"),
    "example": ("Example", "例子"),
    "success": ("Success", "做得好"),
    "important": ("Important", "重要"),
    "warning": ("Warning", "注意"),
    "caution": ("Caution", "小心"),
    "danger": ("Danger", "危险"),
}
_TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "div", "blockquote", "pre", "code"),
    *("a", "em", "strong", "del", "mark", "sub", "sup", "img", "details", "summary", "input"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "*": {"id", "class"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "loading", "width", "height"},
    "div": {"tabindex"},
    "ol": {"start"},
    "input": {"type", "checked", "disabled"},
    "details": {"open"},
}
_ALIGNMENTS = {"align": {"left", "center", "right"}}
_REL = "nofollow noopener noreferrer"
_SCHEMES = {"http", "https", "mailto", "tel"}
_ID = re.compile(r"(?:s-[\w\-]+|fn(?:ref)?\d*:[\w\-]+)\Z")
_LANGUAGE_CLASS = re.compile(r"language-[\w+#.\-]{1,30}\Z")
_CLASSES = frozenset(
    {
        "admonition",
        "admonition-title",
        "footnote",
        "footnote-ref",
        "footnote-backref",
        "highlight",
        "picture",
        "table-scroll",
        "task-list",
        "task-list-item",
        *_CALLOUTS,
    }
)
# Attributes that may have one value only.
_FIXED = {"type": "checkbox", "loading": "lazy", "tabindex": "0"}
_PIXELS = re.compile(r"[1-9]\d{0,4}\Z", re.ASCII)
_SHAPES = {"id": _ID, "width": _PIXELS, "height": _PIXELS}
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.\-]*:|[/\\]{2})", re.IGNORECASE)
_ONE_PARAGRAPH = re.compile(r"<p>((?:(?!</?p>).)*)</p>\Z", re.DOTALL)
_instances = threading.local()


def render(text: str, *, language: str = "zh-CN") -> str:
    """Return `text`, Markdown, as sanitised HTML; `language` names callouts without a title.

    Any text gives a page: one that is too long, or that Markdown could not follow in good time,
    is shown as it was typed, since nobody's words may end in an error page.
    """
    if len(text) > MAX_CHARS or text.count("[") * len(text) > MAX_BRACKET_STEPS:
        return _as_typed(text)
    try:
        return _clean(to_unsafe_html(text, language=language))
    except RecursionError:
        # The converter stopped half-way and keeps that state: the next text gets a new one.
        _instances.__dict__.clear()
        return _as_typed(text)


def render_inline(text: str, *, language: str = "zh-CN") -> str:
    """Return `text` as `render` does, without the paragraph around it when there is only one.

    For answers and labels, which stand inside a line.
    """
    html = render(text, language=language).strip()
    single = _ONE_PARAGRAPH.match(html)
    return single.group(1) if single else html


def sanitise(html: str) -> str:
    """Return foreign `html` with everything dropped that the allow-list does not name.

    Here every link is taken for one that leads elsewhere.
    """
    return _clean(html, link_rel=_REL)


def rebase_assets(html: str, *, base: str) -> str:
    """Return sanitised `html` with relative image and link addresses put under `base`.

    `base` ends with a slash, as in "/learn/repurchase-101/". Addresses within the page, from
    the root or elsewhere stay as they are.
    """
    return _clean(html, base=base)


def to_unsafe_html(text: str, *, language: str = "zh-CN") -> str:
    """Return what Markdown makes of `text`, NOT sanitised: for `render` and for its tests."""
    instances = _instances.__dict__.setdefault("by_language", {})
    converter = instances.get(language)
    if converter is None:
        converter = instances[language] = _converter(language)
    converter.reset()
    html: str = converter.convert(text)
    return html


def is_elsewhere(address: str) -> bool:
    """Say whether an address names a scheme or another host."""
    return _ELSEWHERE.match(address.strip()) is not None


def _as_typed(text: str) -> str:
    return f"<pre>{escape(_characters(text), quote=False)}</pre>"


def _characters(text: str) -> str:
    """Return `text` with "?" for half of a surrogate pair, which JSON can carry."""
    return text.encode("utf-8", "replace").decode()


def _converter(language: str) -> markdown.Markdown:
    """Build a converter: a Markdown object keeps state, so each thread has its own."""
    converter = markdown.Markdown(
        extensions=[*_EXTENSIONS, _House(language)],
        extension_configs={
            "markdown.extensions.footnotes": {
                "BACKLINK_TITLE": "回到正文" if language.startswith("zh") else "Back to the text",
            },
            "markdown.extensions.toc": {"slugify": _slug, "permalink": False},
            "markdown.extensions.tables": {"use_align_attribute": True},
            "pymdownx.highlight": {"use_pygments": False},
            "pymdownx.tilde": {"subscript": False},
        },
        output_format="html",
    )
    converter.preprocessors.deregister("html_block")
    converter.inlinePatterns.deregister("html")
    return converter


def _slug(value: str, separator: str) -> str:
    # The prefix keeps a heading called "csrf_token" from taking the id of a form field.
    return "s-" + (slugify_unicode(value, separator) or "section")


class _House(Extension):
    """Our own two steps over the finished tree."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 – Markdown's own name
        """Register the steps after inline parsing (20), so that links exist already."""
        md.treeprocessors.register(_Callouts(self._language), "house-callouts", 12)
        md.treeprocessors.register(_LinksElsewhere(), "house-links", 11)
        md.treeprocessors.register(_WideThings(), "house-wide", 10)


class _Callouts(Treeprocessor):
    """Give a callout without a title its name in the language of the text."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def run(self, root: Element) -> None:
        """Replace titles that Markdown took from the class name."""
        if not self._language.startswith("zh"):
            return
        for element in root.iter():
            name = (element.get("class") or "").removeprefix("admonition ").strip()
            title = next(iter(element), None)
            if name in _CALLOUTS and title is not None and title.text == _CALLOUTS[name][0]:
                title.text = _CALLOUTS[name][1]


class _LinksElsewhere(Treeprocessor):
    """Mark links to other sites, which earn no credit from us and get no handle on our page."""

    def run(self, root: Element) -> None:
        """Add the relation to every link that names a scheme or a host."""
        for link in root.iter("a"):
            if is_elsewhere(link.get("href", "")):
                link.set("rel", _REL)


class _WideThings(Treeprocessor):
    """Let tables scroll inside themselves, and pictures come when needed and open in full."""

    def run(self, root: Element) -> None:
        """Put a box around every table, and a link around every picture that is in none."""
        parents = {child: parent for parent in root.iter() for child in parent}
        for element in list(root.iter()):
            if element.tag == "table":
                # Reached by keyboard, too, so that it can be scrolled without a pointer.
                self._wrap(element, parents, "div", {"class": "table-scroll", "tabindex": "0"})
            elif element.tag == "img" and element.get("src", "").startswith("assets/"):
                element.set("loading", "lazy")
                if not self._is_linked(element, parents):
                    link = {"class": "picture", "href": element.get("src", "")}
                    self._wrap(element, parents, "a", link)

    @staticmethod
    def _wrap(
        element: Element, parents: dict[Element, Element], tag: str, attributes: dict[str, str]
    ) -> None:
        parent = parents.get(element)
        if parent is None:
            return
        box = Element(tag, attributes)
        box.tail, element.tail = element.tail, None
        parent[list(parent).index(element)] = box
        box.append(element)
        parents[element] = box

    @staticmethod
    def _is_linked(element: Element, parents: dict[Element, Element]) -> bool:
        above = parents.get(element)
        while above is not None:
            if above.tag == "a":
                return True
            above = parents.get(above)
        return False


def _clean(html: str, *, base: str = "", link_rel: str | None = None) -> str:
    def keep(tag: str, attribute: str, value: str) -> str | None:
        return _keep(tag, attribute, value, base=base)

    return nh3.clean(
        _characters(html),
        # The only boxes are those of task lists, which Markdown makes unchangeable.
        tags=_TAGS - {"input"} if link_rel else _TAGS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        tag_attribute_values={
            "th": _ALIGNMENTS,
            "td": _ALIGNMENTS,
            **({} if link_rel else {"a": {"rel": {_REL}}}),
        },
        attribute_filter=keep,
        url_schemes=_SCHEMES,
        link_rel=link_rel,
        strip_comments=True,
    )


def _keep(tag: str, attribute: str, value: str, *, base: str) -> str | None:
    """Decide on one attribute: its value to keep, None to drop it."""
    if attribute == "class":
        kept = [name for name in value.split() if name in _CLASSES or _is_language(tag, name)]
        return " ".join(kept) or None
    if attribute in _SHAPES:
        return value if _SHAPES[attribute].match(value) else None
    if attribute in _FIXED:
        return _FIXED[attribute]
    if attribute == "src" and is_elsewhere(value):
        # A picture from elsewhere tells its host who reads, and the PDF may not fetch it.
        return None
    if attribute in {"src", "href"} and base and _is_relative(value):
        return base + value
    return value


def _is_language(tag: str, name: str) -> bool:
    return tag == "code" and _LANGUAGE_CLASS.match(name) is not None


def _is_relative(address: str) -> bool:
    return bool(address) and address[0] not in "/\\#?" and not is_elsewhere(address)

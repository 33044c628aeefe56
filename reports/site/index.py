"""The index of a build, for the operator: which dealers have a report. It shows no figures."""

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote

from reports.site.layout import DEALERS, page_name, pdf_name
from reports.site.manifest import DealerEntry

_TITLES = {"zh-CN": "增长报告", "en": "Growth reports"}
_COUNTS = {"zh-CN": "共 {} 家渠道商", "en": "{} dealers"}
_LANGUAGES = {"zh-CN": "中文", "en": "English"}

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="stylesheet" href="{stylesheet}">
</head>
<body>
<main>
<h1>{title}</h1>
<p>{count}</p>
<ul>
{rows}
</ul>
</main>
</body>
</html>
"""


def index_page(
    *, dealers: Mapping[str, DealerEntry], languages: Sequence[str], stylesheet: str
) -> bytes:
    """Return the index of `dealers` by slug, in the first of `languages`, ordered by reference.

    `stylesheet` is the link to the style sheet from the build's folder.
    """
    language = languages[0]
    ordered = sorted(dealers.items(), key=lambda item: item[1].dealer_ref)
    page = _PAGE.format(
        language=language,
        title=_TITLES[language],
        stylesheet=escape(stylesheet),
        count=_COUNTS[language].format(len(ordered)),
        rows="\n".join(_row(slug, entry, languages) for slug, entry in ordered),
    )
    # A name may hold anything an order file held; one that is no text must not stop the index.
    return page.encode("utf-8", "replace")


def _row(slug: str, entry: DealerEntry, languages: Sequence[str]) -> str:
    """Return one dealer's line with a link to each file meant for reading."""
    links = [
        f'<a href="{DEALERS}/{quote(slug)}/{quote(name)}">{escape(text)}</a>'
        for code in languages
        for name, text in (
            (page_name(code), _LANGUAGES[code]),
            (pdf_name(code), f"PDF {_LANGUAGES[code]}"),
        )
        if name in entry.files
    ]
    name = entry.dealer_name
    shown = name if name == entry.dealer_ref else f"{name}（{entry.dealer_ref}）"
    return f"<li>{escape(shown)} {' '.join(links)}</li>"

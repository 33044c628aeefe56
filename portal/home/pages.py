"""The static pages (help, privacy, about), written as Markdown in content/pages."""

from pathlib import Path

from markupsafe import Markup

from portal.markdown import to_html

NAMES = frozenset({"help", "privacy", "about"})


class NoSuchPage(LookupError):
    """There is no static page of this name."""


def read(*, folder: Path, name: str, language_tag: str) -> tuple[str, Markup]:
    """Return a page's title (its first heading) and its HTML; zh-CN where English is absent.

    Raises NoSuchPage.
    """
    if name not in NAMES:
        raise NoSuchPage(name)
    wanted = folder / f"{name}.{language_tag}.md"
    path = wanted if wanted.is_file() else folder / f"{name}.zh-CN.md"
    if not path.is_file():
        raise NoSuchPage(name)
    text = path.read_text(encoding="utf-8")
    headings = [line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#")]
    return (headings[0] if headings else name), to_html(text)

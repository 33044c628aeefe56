"""Bring portal/locale/en up to date with the messages in code and templates.

English is filled in by hand.

python requirements/catalogue.py            add new messages, drop those no longer used
python requirements/catalogue.py --missing  list what has no English text; 1 if any
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "portal" / "locale" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def extracted() -> Catalog:
    """Return every message of code and templates, with where it stands."""
    found = Catalog(charset="utf-8")
    portal = ROOT / "portal"
    for name, line, message, comments, context in extract_from_dir(
        portal, METHODS, {"**/templates/**.html": {"newstyle_gettext": "true"}}, KEYWORDS
    ):
        found.add(
            message, None, [(f"portal/{name}", line)], auto_comments=comments, context=context
        )
    return found


def current() -> Catalog:
    """Return the English catalogue as it stands in the repository."""
    if not CATALOGUE.exists():
        return Catalog(locale="en", charset="utf-8")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def missing(catalogue: Catalog) -> list[str]:
    """Return the messages without an English text."""
    return [str(message.id) for message in catalogue if message.id and not _translated(message)]


def _translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(texts)


def main() -> int:
    """Update or check the catalogue."""
    catalogue = current()
    if "--missing" not in sys.argv:
        made_on = catalogue.creation_date
        catalogue.update(extracted(), no_fuzzy_matching=True)
        catalogue.creation_date = made_on  # a run without news leaves no difference
        catalogue.obsolete.clear()
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        with CATALOGUE.open("wb") as file:
            write_po(
                file, catalogue, width=100, sort_output=True, no_location=True, omit_header=False
            )
    without = missing(catalogue)
    for message in without:
        print(message)
    print(f"{len(without)} messages without an English text", file=sys.stderr)
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main())

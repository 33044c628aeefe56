"""Two languages: zh-CN is the source of every text, English a complete catalogue.

Catalogues are read from their .po files at the first use, so nothing compiled can be out of date.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as babel_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, has_request_context, request, session
from flask_babel import (
    Babel,
    Domain,
    force_locale,
    get_locale,
    lazy_gettext,
    ngettext,
)
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

__all__ = ["gettext", "lazy_gettext", "ngettext"]  # what the other modules translate with

LANGUAGES = {"zh_CN": "简体中文", "en": "English"}
SOURCE = "zh_CN"
SOURCE_TAG = "zh-CN"
_IN_CONTEXT = "language_of_page"  # what every template knows: asking Flask each time costs more
_LOCALES = {code: Locale.parse(code) for code in LANGUAGES}
CATALOGUES = Path(__file__).parent / "locale"


def read_catalogue(language: str) -> NullTranslations:
    """Return the translations of `language`; the source language needs none."""
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if language == SOURCE or not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(fp=compiled)


class _Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel ships no types
    """Our texts, by language; one reading per process."""

    def __init__(self) -> None:
        super().__init__()
        self._by_language: dict[str, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        """Return the translations of the request's language."""
        return self.of(language())

    def of(self, code: str) -> NullTranslations:
        """Return the translations of a language."""
        if code not in self._by_language:
            self._by_language[code] = read_catalogue(code)
        return self._by_language[code]


class _Babel(Babel):  # type: ignore[misc]  # Flask-Babel ships no types
    domain_instance = _Catalogues()


def _preferred() -> str:
    if not has_request_context():
        return SOURCE
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    best = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans-CN", "en"], default="zh")
    return "en" if best == "en" else SOURCE


def language() -> str:
    """Return the language of this request: "zh_CN" or "en"."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else SOURCE


def language_tag() -> str:
    """Return the language as HTML, courses and reports name it: "zh-CN" or "en"."""
    return "en" if language() == "en" else SOURCE_TAG


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Let texts come out in `code`, e.g. for a mail to somebody who reads another language."""
    with force_locale(code if code in LANGUAGES else SOURCE):
        yield


def choose(code: str) -> bool:
    """Keep `code` as this visitor's language; return False when there is no such language."""
    if code not in LANGUAGES:
        return False
    session["language"] = code
    return True


def day(value: date) -> str:
    """Return a date, e.g. 2026年11月22日 or 22 Nov 2026."""
    if language() == "en":
        return babel_date(value, "d MMM y", locale="en")
    return f"{value.year}年{value.month}月{value.day}日"


def short_day(value: date) -> str:
    """Return a date with its weekday and without its year, e.g. 11月22日 周日 or Sun 22 Nov."""
    if language() == "en":
        return babel_date(value, "EEE d MMM", locale="en")
    return f"{value.month}月{value.day}日 {babel_date(value, 'EEE', locale='zh_CN')}"


def month_day(value: date) -> str:
    """Return a date in the smallest space, e.g. 11/22, or 22/11 in English as day before month."""
    return f"{value.day}/{value.month}" if language() == "en" else f"{value.month}/{value.day}"


def month(value: date) -> str:
    """Return a month, e.g. 2026年10月 or Oct 2026."""
    if language() == "en":
        return babel_date(value, "MMM y", locale="en")
    return f"{value.year}年{value.month}月"


def local(value: datetime, zone: str | None = None) -> datetime:
    """Return an instant as wall-clock time of `zone` (an IANA name), default the alliance's."""
    return value.astimezone(ZoneInfo(zone or current_app.config["TIMEZONE"]))


def moment(value: datetime, zone: str | None = None) -> str:
    """Return an instant as local date and time, e.g. 2026年11月22日 14:30."""
    at = local(value, zone)
    return f"{day(at.date())} {at:%H:%M}"


def time_of_day(value: datetime, zone: str | None = None) -> str:
    """Return an instant as local time, e.g. 14:30."""
    return f"{local(value, zone):%H:%M}"


def local_day(value: datetime) -> str:
    """Return the local date of an instant, e.g. 2026年11月22日."""
    return day(local(value).date())


def iso(value: datetime) -> str:
    """Return an instant for a time element's datetime attribute."""
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def pick(texts: dict[str, str]) -> str:
    """Return the text of the request's language out of {"zh-CN": …, "en": …}; zh-CN when absent."""
    return texts.get(language_tag()) or texts["zh-CN"]


def gettext(text: str, /, **values: Any) -> str:
    """Return a text of ours in the request's language, `values` put in."""
    translated = _plain(language(), text)
    return translated % values if values else translated


@lru_cache(maxsize=8192)
def _plain(code: str, text: str) -> str:
    """Return a text in a language; Flask-Babel looks for its catalogue anew for each text."""
    return str(_Babel.domain_instance.of(code).ugettext(text))


@lru_cache(maxsize=8192)
def _translated(code: str, text: str) -> Markup:
    return Markup(_plain(code, text))  # noqa: S704 – texts of our templates and catalogues


@lru_cache(maxsize=8192)
def _with_numbers(code: str, text: str, values: tuple[tuple[str, int], ...]) -> Markup:
    """Return what a list says in every row, e.g. 6 minutes; without values too."""
    return _translated(code, text) % dict(values)


@pass_context
def _in_template(context: Context, text: str, /, **values: Any) -> str:
    """Return what `_()` means in a template: a page has a hundred of them, mostly the same."""
    code = context.parent.get(_IN_CONTEXT) or language()
    if not context.eval_ctx.autoescape:
        return str(_translated(code, text)) % values
    if all(type(each) is int for each in values.values()):
        return _with_numbers(code, text, tuple(values.items()))
    return _translated(code, text) % values


def _context() -> dict[str, Any]:
    code = language()
    return {
        "language": code,
        "language_tag": "en" if code == "en" else SOURCE_TAG,
        "languages": LANGUAGES,
        _IN_CONTEXT: code,
    }


def init_app(app: Flask) -> None:
    """Let `app` speak both languages."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", SOURCE)
    _Babel().init_app(app, locale_selector=lambda: _LOCALES[_preferred()])
    app.jinja_env.globals.update(_=_in_template, gettext=_in_template)
    app.context_processor(_context)
    app.jinja_env.filters.update(
        day=day,
        local_day=local_day,
        short_day=short_day,
        month=month,
        month_day=month_day,
        moment=moment,
        time_of_day=time_of_day,
        iso=iso,
    )

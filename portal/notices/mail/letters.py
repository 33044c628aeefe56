"""A mail before it is a message: plain words, put into text and HTML by one template."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app

from portal import i18n
from portal.i18n import gettext as _
from portal.notices.mail.invitations import CalendarPart


class BadAddress(ValueError):
    """Not an address that a mail can be sent to."""


@dataclass(frozen=True, slots=True)
class Button:
    """The one thing to do."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list in a mail."""

    text: str
    url: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list in a mail."""

    title: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, in its receiver's language."""

    subject: str
    paragraphs: Sequence[str]
    button: Button | None = None
    sections: Sequence[Section] = ()
    settings_url: str = ""  # where the receiver chooses what is mailed; empty: not a choice
    unsubscribe_url: str = ""  # ends this kind of mail at once (RFC 8058)
    calendar: CalendarPart | None = None  # what it changes in the receiver's calendar


def absolute(path: str) -> str:
    """Return the whole address of a page of the portal, for mails and messages."""
    base: str = current_app.extensions["tongtu.settings"].base_url
    return base + path


def one_line(text: str) -> str:
    """Return a text fit for a header: one line, without control characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def html_of(letter: Letter) -> str:
    """Return the letter as an HTML page, in the current language."""
    # Not render_template: the frame's context belongs to pages, and jobs have no request.
    template = current_app.jinja_env.get_template("notices/mail/letter.html")
    return template.render(letter=letter, language_tag=i18n.language_tag())


def text_of(letter: Letter) -> str:
    """Return the letter as plain text, in the current language."""
    parts = list(letter.paragraphs)
    for section in letter.sections:
        lines = [f"{section.title}"]
        for item in section.items:
            lines.append(f"· {item.text}" + (f" ({item.when})" if item.when else ""))
            lines.append(f"  {item.url}")
        parts.append("\n".join(lines))
    if letter.button:
        parts.append(f"{letter.button.label}\n{letter.button.url}")
    parts.append(f"-- \n{_('同途')} · {_('这封信由系统发出，不用回复。')}")
    if letter.settings_url:
        parts.append(f"{_('选择哪些事发邮件')}\n{letter.settings_url}")
    if letter.unsubscribe_url:
        parts.append(f"{_('不再收这类邮件')}\n{letter.unsubscribe_url}")
    return "\n\n".join(parts) + "\n"

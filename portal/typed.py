"""What people type, and the base of every form: it is taken as typed, by three rules.

1. Line ends are plain, as browsers count characters; a one-line field holds one line.
2. Blanks around a text are not part of it, and a text without any visible character is none.
3. The character zero is refused at the door (portal/access.py): PostgreSQL stores no such text.

A password is taken exactly as it was typed.
"""

import unicodedata
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.routing import IntegerConverter
from wtforms import Field, IntegerField, PasswordField, StringField, TextAreaField

from portal import form_words

# Marks, letters, numbers, punctuation and symbols are seen; controls, formats and blanks are not.
_SEEN = frozenset("LNPSM")
LARGEST = 2**63 - 1
LARGEST_ROW = 2**31 - 1


def many_lines(text: str | None) -> str | None:
    """Return the text with plain line ends, trimmed; empty when nothing of it can be seen."""
    if text is None:
        return None
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return plain if is_visible(plain) else ""


def one_line(text: str | None) -> str | None:
    """Return the text in one line, trimmed; empty when nothing of it can be seen."""
    plain = many_lines(text)
    return plain if plain is None else " ".join(plain.splitlines()).strip()


def is_visible(text: str) -> bool:
    """Tell whether a reader would see anything of the text."""
    return any(unicodedata.category(each)[0] in _SEEN for each in text)


class RowNumber(IntegerConverter):
    """A number in an address (`<int:…>`): one that no row can have leads nowhere, as 404."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"max": LARGEST_ROW} | kwargs))


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The base of every form: its text fields follow the rules above."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF ships no types
        """Puts the rule of its kind before the filters that a field has itself."""

        def get_translations(self, form: Any) -> form_words.Words:  # noqa: ARG002 – WTForms' signature
            """Return the words of what WTForms says by itself."""
            return form_words.WORDS

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Return the field with its rule (WTForms asks for every field of a form)."""
            rule = _rule_for(unbound_field.field_class)
            if rule is not None:
                own = unbound_field.kwargs.get("filters", ())
                options = options | {"filters": [rule, *own]}
            bound: Field = super().bind_field(form, unbound_field, options)
            return bound


def storable(number: int | None) -> int | None:
    """Return the number, or None for one that no column could hold.

    WTForms' NumberRange crashes on a whole number of 400 digits.
    """
    return number if number is not None and abs(number) <= LARGEST else None


def _rule_for(kind: type[Field]) -> Any:
    if issubclass(kind, IntegerField):
        return storable
    if not issubclass(kind, StringField) or issubclass(kind, PasswordField):
        return None
    return many_lines if issubclass(kind, TextAreaField) else one_line

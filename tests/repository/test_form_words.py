"""No form speaks English on a Chinese page, whatever is sent to it."""

import re
from pathlib import Path

import wtforms
from babel.messages.pofile import read_po
from wtforms import IntegerField, SelectField

from portal import form_words
from portal.typed import Form

CATALOGUE = Path(wtforms.__file__).parent / "locale" / "zh" / "LC_MESSAGES" / "wtforms.po"


def messages() -> set[str]:
    """Every message of the library, singular and plural."""
    with CATALOGUE.open("rb") as file:
        found = [message.id for message in read_po(file) if message.id]
    return {text for each in found for text in ((each,) if isinstance(each, str) else each)}


def test_every_message_of_the_library_has_chinese_words():
    assert len(messages()) > 30
    assert sorted(messages() - set(form_words.CHINESE)) == []


def test_the_words_name_the_same_values():
    def names(text: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)[sd]|%s", text))

    assert [text for text, words in form_words.CHINESE.items() if names(text) != names(words)] == []


class Planted(Form):
    """A form without any message of its own."""

    number = IntegerField()
    choice = SelectField(choices=["a"])


def errors(app, language: str) -> dict[str, list[str]]:
    with app.test_request_context(
        "/",
        method="POST",
        data={"number": "x", "choice": "z"},
        headers={"Accept-Language": language},
    ):
        form = Planted()
        assert not form.validate()
        return form.errors


def test_what_the_library_says_by_itself_is_said_in_the_readers_language(app):
    assert errors(app, "zh-CN") == {"number": ["要填整数。"], "choice": ["没有这个选项。"]}
    assert errors(app, "en") == {
        "number": ["Not a valid integer value."],
        "choice": ["Not a valid choice."],
    }

"""Every form takes what is typed by the rules of portal/typed.py."""

import re
from pathlib import Path

import pytest
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, PasswordField, StringField, TextAreaField
from wtforms.validators import NumberRange

from portal.typed import Form, is_visible, many_lines, one_line

ROOT = Path(__file__).resolve().parents[2]


class Planted(Form):
    line = StringField()
    text = TextAreaField(filters=[lambda value: value and value + "!"])
    password = PasswordField()
    number = IntegerField(validators=[NumberRange(min=1, max=9, message="1 to 9")])


def taken(app, **typed):
    with app.test_request_context():
        return Planted(formdata=MultiDict(typed)).data


def test_every_form_is_built_on_ours():
    outside = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "portal").rglob("*.py")
        if re.search(r"import .*\b(FlaskForm|LoginForm|RegisterForm)\b", path.read_text("utf-8"))
    ]

    assert outside == ["portal/typed.py"]
    assert issubclass(Form, FlaskForm)


@pytest.mark.asvs("V1.3.3")
@pytest.mark.parametrize(
    ("typed", "line", "text"),
    [
        (" a \r\n b ", "a   b", "a \n b"),
        ("a\rb\u2028c", "a b c", "a\nb\u2028c"),
        ("\u3000\u200b\ufeff\x1b", "", ""),
        ("=1+1 <b>", "=1+1 <b>", "=1+1 <b>"),
        ("👩‍👩‍👧 é", "👩‍👩‍👧 é", "👩‍👩‍👧 é"),
    ],
)
def test_one_line_is_one_line_and_line_ends_are_plain(typed, line, text):
    assert one_line(typed) == line
    assert many_lines(typed) == text


def test_a_form_applies_the_rule_of_its_fields_before_their_own_filters(app):
    data = taken(app, line="a\r\nb", text="a\r\nb", password=" a\r\nb ")

    assert data["line"] == "a b"
    assert data["text"] == "a\nb!"
    assert data["password"] == " a\r\nb "


@pytest.mark.asvs("V1.4.2", "V2.2.2")
@pytest.mark.parametrize("typed", ["9" * 400, "-" + "9" * 400, "9" * 5000, "1e9", "１０"])
def test_a_number_that_no_column_could_hold_is_refused_in_words(app, typed):
    with app.test_request_context():
        form = Planted(formdata=MultiDict({"number": typed}))

        assert not form.validate()
        assert form.number.errors


def test_what_was_not_sent_stays_not_sent():
    assert (one_line(None), many_lines(None)) == (None, None)


def test_invisible_text_is_known():
    assert not is_visible("\u200b \u202e\x07")
    assert is_visible("\u0301")


@pytest.mark.asvs("V1.3.3")
@pytest.mark.parametrize(
    ("path", "data"),
    [("/sign-in", {"identity": "a\0b"}), ("/sign-in?next=%00", {}), ("/sign-in", {"x\0": "y"})],
)
def test_the_character_zero_is_refused_with_what_to_do(app, path, data):
    answer = app.test_client().post(path, data=data)

    assert answer.status_code == 400
    assert "有一个字符没法保存" in answer.text

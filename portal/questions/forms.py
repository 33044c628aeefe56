"""Forms of questions: ask one, answer one."""

from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.i18n import lazy_gettext as _l
from portal.questions.rules import MAX_ANSWER, MAX_CHARS, MAX_FAQ_CHARS, MIN_ANSWER
from portal.typed import Form


class Question(Form):
    """A question about a lesson: plain text."""

    question = TextAreaField(
        _l("你的问题"),
        validators=[
            DataRequired(_l("还没有写问题")),
            Length(max=MAX_CHARS, message=_l("最多 %(most)s 个字", most=MAX_CHARS)),
        ],
    )


class Answer(Form):
    """An author's answer, and whether everybody who reads the lesson sees it."""

    answer = TextAreaField(
        _l("回答"),
        validators=[
            DataRequired(_l("还没有写回答")),
            Length(
                MIN_ANSWER,
                MAX_ANSWER,
                message=_l("写 %(least)s 到 %(most)s 个字", least=MIN_ANSWER, most=MAX_ANSWER),
            ),
        ],
    )
    faq = BooleanField(_l("放进这一课的常见问题，所有学员都看得到"))
    faq_text = TextAreaField(
        _l("常见问题里的写法"),
        validators=[
            Length(max=MAX_FAQ_CHARS, message=_l("最多 %(most)s 个字", most=MAX_FAQ_CHARS))
        ],
    )

    def validate_faq_text(self, field: TextAreaField) -> None:
        """Refuse a question for everybody that asks nothing."""
        if self.faq.data and not field.data:
            raise ValidationError(_l("写上大家会看到的问题"))

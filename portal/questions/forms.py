"""Form of a question."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.i18n import lazy_gettext as _l
from portal.questions.rules import MAX_CHARS
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

"""The form of a note."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.i18n import lazy_gettext as _l
from portal.notes.rules import MAX_CHARS
from portal.typed import Form


class Note(Form):
    """A note: plain text, its line breaks kept."""

    note = TextAreaField(
        _l("笔记内容"),
        validators=[
            DataRequired(_l("还没有写内容")),
            Length(max=MAX_CHARS, message=_l("最多 %(most)s 个字", most=MAX_CHARS)),
        ],
    )

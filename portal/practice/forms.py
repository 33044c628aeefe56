"""Forms of action items: the shop's own sentence and picture."""

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.i18n import lazy_gettext as _l
from portal.typed import Form

MIN_NOTE, MAX_NOTE = 4, 500


class Close(Form):
    """What was done, in a sentence, with a picture where there is one."""

    note = TextAreaField(
        _l("做了什么"),
        validators=[
            DataRequired(_l("写一句做了什么")),
            Length(
                min=MIN_NOTE,
                max=MAX_NOTE,
                message=_l("请写 %(least)s 到 %(most)s 个字", least=MIN_NOTE, most=MAX_NOTE),
            ),
        ],
    )
    picture = FileField(_l("照片"))

    def sent_picture(self) -> FileStorage | None:
        """Return the picture that was sent, None when none was chosen."""
        sent = self.picture.data
        return sent if isinstance(sent, FileStorage) and sent.filename else None

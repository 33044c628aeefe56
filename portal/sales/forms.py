"""The form of an order file."""

from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import SelectField, ValidationError

from portal import i18n
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.sales import rules
from portal.typed import Form
from reports.facts.mapping import shipped
from reports.facts.reading import kind_of

RECOGNISE = ""
GZIP = "gzip"
_HEAD = 65536  # bytes that tell what a file is


def _why(wrong: rules.Ending) -> str:
    words: dict[rules.Ending, str] = {
        rules.Ending.UNEXPECTED: _("文件名要以 .csv、.tsv 或 .txt 结尾；压缩过的，后面再加 .gz"),
        rules.Ending.SAYS_PACKED: _("文件名以 .gz 结尾，内容却没有压缩。去掉 .gz 再上传"),
        rules.Ending.SAYS_PLAIN: _("文件是压缩过的，文件名要以 .gz 结尾，例如 orders.csv.gz"),
    }
    return words[wrong]


class Upload(Form):
    """One order file, and which system it came from."""

    file = FileField(_l("订单文件"))
    mapping = SelectField(_l("文件来自"), validate_choice=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every mapping that comes with Tongtu, in the request's language."""
        super().__init__(*args, **kwargs)
        known = [(each.source, i18n.pick(dict(each.name))) for each in shipped()]
        self.mapping.choices = [(RECOGNISE, _("自动识别")), *known]

    def validate_file(self, field: FileField) -> None:
        """Ask for a file where none was chosen."""
        if not isinstance(field.data, FileStorage) or not field.data.filename:
            raise ValidationError(_("请选择一个文件"))
        head = field.data.stream.read(_HEAD)
        field.data.stream.seek(0)
        if (kind := kind_of(head)) in {None, GZIP}:  # else its content is refused with what it is
            name = rules.shown_name(field.data.filename)
            if wrong := rules.wrong_ending(name, packed=kind == GZIP):
                raise ValidationError(_why(wrong))

    @property
    def upload(self) -> FileStorage:
        """Return the file; only after validation."""
        upload: FileStorage = self.file.data
        return upload

    @property
    def mapping_name(self) -> str | None:
        """Return the chosen mapping's name, None to recognise the file by its header."""
        return self.mapping.data or None

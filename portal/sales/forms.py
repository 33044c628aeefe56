"""The form of an order file."""

from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import SelectField, ValidationError

from portal import i18n
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.typed import Form
from reports.facts.mapping import shipped

RECOGNISE = ""


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

    @property
    def upload(self) -> FileStorage:
        """Return the file; only after validation."""
        upload: FileStorage = self.file.data
        return upload

    @property
    def mapping_name(self) -> str | None:
        """Return the chosen mapping's name, None to recognise the file by its header."""
        return self.mapping.data or None

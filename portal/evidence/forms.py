"""The search of the record: shape only. What a name stands for is looked up by the directory."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional, ValidationError

from portal import clock
from portal.evidence import texts
from portal.evidence.directory import Directory
from portal.evidence.queries import Search
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.typed import Form


class _Day(DateField):
    """A date, with our own message."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read a date like 2026-11-22; raise ValueError with our words for anything else."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("请填写日期，例如 2026-11-22")) from error


class AuditSearch(Form):
    """Who, which organisation, what, which record, when; each may be left out."""

    class Meta:
        """Searching changes nothing; the export's form is guarded as every POST is."""

        csrf = False

    person = StringField(_l("人员"), validators=[Optional(), Length(max=80)])
    organisation = StringField(_l("组织"), validators=[Optional(), Length(max=120)])
    action = SelectField(_l("做了什么"), validators=[Optional()], validate_choice=False)
    subject = StringField(_l("记录类型"), validators=[Optional(), Length(max=60)])
    record = StringField(_l("记录编号"), validators=[Optional(), Length(max=80)])
    since = _Day(_l("从哪天"), validators=[Optional()])
    until = _Day(_l("到哪天"), validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every action that has words, each wording once."""
        super().__init__(*args, **kwargs)
        self.action.choices = [("", _("全部")), *texts.choices()]

    def validate_until(self, field: DateField) -> None:
        """Refuse a period that ends before it begins."""
        if self.since.data and field.data and field.data < self.since.data:
            raise ValidationError(_("结束日期要不早于开始日期"))

    def search(self, directory: Directory) -> Search:
        """Return what was asked for; days are local, and the last one is included."""
        return Search(
            person_ids=_ids(self.person.data, directory.people_named),
            organisation_ids=_ids(self.organisation.data, directory.organisations_named),
            actions=texts.alike(self.action.data) if self.action.data else None,
            subject=_text(self.subject.data),
            subject_id=_text(self.record.data),
            since=_midnight(self.since.data) if self.since.data else None,
            until=_midnight(self.until.data + timedelta(days=1)) if self.until.data else None,
        )

    def asked(self) -> dict[str, str]:
        """Return what was asked for as the arguments of an address, empty ones left out."""
        values = {
            name: field.data.isoformat() if isinstance(field.data, date) else field.data
            for name, field in self._fields.items()
        }
        return {name: str(value) for name, value in values.items() if value}


def _text(value: str | None) -> str | None:
    # PostgreSQL knows no zero byte, and nobody types one.
    return (value or "").replace("\0", "").strip() or None


def _ids(value: str | None, named: Any) -> Collection[int] | None:
    text = _text(value)
    if text is None:
        return None
    found: Collection[int] = named(text)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.zone())

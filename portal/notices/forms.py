"""The form of what one wants to be mailed about, and when not."""

from collections.abc import Mapping, Sequence
from datetime import time

from wtforms import BooleanField, RadioField, TimeField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # new in 3.3
from wtforms.validators import InputRequired

from portal.i18n import lazy_gettext as _l
from portal.notices import texts
from portal.notices.queries import KindChoice, MailChoices
from portal.notices.rules import NoticeKind, Wish
from portal.notices.timing import Timing, minute_of, time_of
from portal.typed import Form

MIDNIGHT = time()  # stands in for a time that the validators have refused already


def _field_name(kind: NoticeKind) -> str:
    return "wish_" + kind.value.replace(".", "_")


class _Choices(Form):
    """Quiet hours and the digest; the kinds are added below."""

    wants_digest = BooleanField(_l("每天早上发一封汇总"))
    quiet_from = TimeField(_l("从"), validators=[InputRequired(_l("请填一个时间，例如 22:00"))])
    quiet_until = TimeField(_l("到"), validators=[InputRequired(_l("请填一个时间，例如 08:00"))])

    def wish_fields(self, kinds: Sequence[KindChoice]) -> list[tuple[KindChoice, RadioField]]:
        """Return each kind with its field, in the order of use."""
        return [(each, self[_field_name(each.kind)]) for each in kinds]

    def wishes(self, kinds: Sequence[KindChoice]) -> Mapping[NoticeKind, Wish]:
        """Return what was chosen for each kind."""
        return {each.kind: Wish(field.data) for each, field in self.wish_fields(kinds)}

    def timing(self) -> Timing:
        """Return the chosen hours."""
        return Timing(
            quiet_from_minute=minute_of(self.quiet_from.data or MIDNIGHT),
            quiet_until_minute=minute_of(self.quiet_until.data or MIDNIGHT),
            wants_digest=self.wants_digest.data,
        )


def choices_form(choices: MailChoices) -> _Choices:
    """Return the form with a field for each kind, filled with what holds now."""
    fields = {
        _field_name(each.kind): RadioField(
            each.name,
            choices=[SelectChoice(wish.value, texts.wish(wish)) for wish in Wish],
            default=each.wish.value,
        )
        for each in choices.kinds
    }
    form: _Choices = type("Choices", (_Choices,), fields)(
        data={
            "wants_digest": choices.timing.wants_digest,
            "quiet_from": time_of(choices.timing.quiet_from_minute),
            "quiet_until": time_of(choices.timing.quiet_until_minute),
            **{_field_name(each.kind): each.wish.value for each in choices.kinds},
        }
    )
    return form

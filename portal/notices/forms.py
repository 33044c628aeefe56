"""Forms: what one wants to be mailed about and when not; a group or a server to be told."""

from collections.abc import Mapping, Sequence
from datetime import time

from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, TimeField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # new in 3.3
from wtforms.validators import DataRequired, InputRequired, Length

from portal.i18n import lazy_gettext as _l
from portal.notices import texts
from portal.notices.endpoints.dialects import SECRET_FROM_THEM
from portal.notices.endpoints.queries import EndpointRow
from portal.notices.endpoints.targets import LONGEST_URL
from portal.notices.queries import KindChoice, MailChoices
from portal.notices.rules import Channel, NoticeKind, Wish
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


class ChangedEndpoint(Form):
    """What can be changed about a group or a server: its name and what it is told."""

    name = StringField(
        _l("名称"),
        validators=[
            DataRequired(_l("起个名字，方便自己认")),
            Length(max=40, message=_l("请控制在 40 字以内")),
        ],
    )
    kinds = SelectMultipleField(_l("哪些事发过去"), validators=[DataRequired(_l("至少选一件事"))])

    def offer(self, kinds: Sequence[NoticeKind]) -> None:
        """Let one choose among these kinds."""
        self.kinds.choices = [SelectChoice(each.value, texts.name(each)) for each in kinds]

    def chosen(self) -> list[NoticeKind]:
        """Return what was chosen."""
        return [NoticeKind(each) for each in self.kinds.data or ()]


class NewEndpoint(ChangedEndpoint):
    """A group's robot or a server of one's own."""

    url = StringField(
        _l("地址"),
        validators=[
            DataRequired(_l("粘贴地址")),
            Length(max=LONGEST_URL, message=_l("地址太长了")),
        ],
    )


class NewSignedEndpoint(NewEndpoint):
    """A robot whose provider gives out a secret."""

    secret = StringField(
        _l("加签密钥"),
        validators=[
            DataRequired(_l("粘贴机器人安全设置里的密钥")),
            Length(max=200, message=_l("密钥太长了")),
        ],
    )


def new_endpoint_form(channel: Channel, kinds: Sequence[NoticeKind]) -> NewEndpoint:
    """Return the empty form for this kind of endpoint; everything is chosen at first."""
    form = NewSignedEndpoint() if channel in SECRET_FROM_THEM else NewEndpoint()
    form.offer(kinds)
    if not form.is_submitted():
        form.kinds.data = [each.value for each in kinds]
    return form


def changed_endpoint_form(endpoint: EndpointRow, kinds: Sequence[NoticeKind]) -> ChangedEndpoint:
    """Return the form filled with what holds now."""
    form = ChangedEndpoint(
        data={"name": endpoint.name, "kinds": [each.value for each in endpoint.kinds]}
    )
    form.offer(kinds)
    return form

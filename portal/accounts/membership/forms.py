"""Forms of joining, of accounts and of organisations: shape and length; meaning is for rules."""

from collections.abc import Sequence
from typing import Any

from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from portal.accounts import rules as identities
from portal.accounts.membership import rules
from portal.accounts.membership.rules import Identity
from portal.accounts.sign_in.texts import password_problem
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.notices.mail.letters import BadAddress
from portal.notices.mail.message import check_address
from portal.typed import Form

MAX_NAME, MAX_SHOP, MAX_REGION, MAX_REASON = 80, 120, 60, 500
LEVELS = range(1, 5)


def _most(count: int) -> Length:
    return Length(max=count, message=_l("最多 %(most)s 个字", most=count))


class IdentityField(StringField):
    """A phone number or mail address; `identity` is what it says, None while it says neither."""

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 – WTForms' signature
        """Refuse what is neither, and a mail address that no mail server takes."""
        found = rules.identity(self.data or "")
        if found is None or (found.phone and not identities.is_assigned(found.phone)):
            raise ValidationError(_("请填写 11 位手机号，或者一个邮箱"))
        if found.mail:
            _check_mail(found.mail)

    @property
    def identity(self) -> Identity:
        """What was typed, as it is stored."""
        return rules.identity(self.data or "") or Identity()


class PhoneField(IdentityField):
    """A phone number."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is none."""
        super().pre_validate(form)
        if self.identity.phone is None:
            raise ValidationError(_("请填写 11 位手机号"))


class MailField(IdentityField):
    """A mail address."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is none, and one that no mail server takes."""
        super().pre_validate(form)
        if self.identity.mail is None:
            raise ValidationError(_("这个邮箱写得不对，请再看一下"))


def _check_mail(address: str) -> None:
    try:
        check_address(address)
    except BadAddress as error:
        raise ValidationError(_("这个邮箱写得不对，请再看一下")) from error


def _parts(identity: str | None) -> Sequence[str]:
    """Return an identity and the parts of it that somebody may build a password of."""
    text = identity or ""
    return [text, "".join(text.split()), text.partition("@")[0]]


def _name(label: Any, missing: Any, most: int) -> StringField:
    return StringField(label, validators=[DataRequired(missing), _most(most)])


def _region() -> StringField:
    return StringField(_l("所在地区"), validators=[Optional(), _most(MAX_REGION)])


def _new_password(label: Any) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            InputRequired(_l("请设置密码")),
            _check_password,
        ],
    )


def _check_password(form: Any, field: Any) -> None:
    """Refuse a password that is short, listed, or made of what others know of the person."""
    problem = password_problem(field.data or "", words=[each for each in form.known if each])
    if problem:
        raise ValidationError(problem)


class Apply(Form):
    """A shop asks to be let in, and its owner gets an account."""

    shop_name = _name(_l("店名"), _l("请填写店名"), MAX_SHOP)
    region = _region()
    person_name = _name(_l("你的姓名"), _l("请填写姓名"), MAX_NAME)
    identity = IdentityField(
        _l("手机号或邮箱"),
        validators=[InputRequired(_l("请填写手机号或邮箱")), Length(max=255)],
    )
    password = _new_password(_l("设置密码"))

    @property
    def known(self) -> Sequence[str]:
        """What others know of the person."""
        return [
            self.shop_name.data or "",
            self.person_name.data or "",
            *_parts(self.identity.data),
        ]


class ApplyAgain(Form):
    """A shop asks to be let in; its owner has an account."""

    shop_name = _name(_l("店名"), _l("请填写店名"), MAX_SHOP)
    region = _region()


class AskReset(Form):
    """Who forgot the password."""

    identity = IdentityField(
        _l("手机号或邮箱"),
        validators=[InputRequired(_l("请填写手机号或邮箱")), Length(max=255)],
    )


class NewPassword(Form):
    """A new password, by a link; `known` is what others know of the person."""

    known: Sequence[str] = ()

    password = _new_password(_l("新密码"))


class AcceptAsNew(Form):
    """Who accepts an invitation and has no account yet; `invited` is what the inviter knows."""

    invited: Sequence[str] = ()
    person_name = _name(_l("你的姓名"), _l("请填写姓名"), MAX_NAME)
    password = _new_password(_l("设置密码"))

    @property
    def known(self) -> Sequence[str]:
        """What others know of the person."""
        return [self.person_name.data or "", *self.invited]


class Nothing(Form):
    """A button alone."""


class Invite(Form):
    """Whom to invite, and as what; the roles depend on the organisation."""

    identity = IdentityField(
        _l("对方的手机号或邮箱"),
        validators=[InputRequired(_l("请填写对方的手机号或邮箱")), Length(max=255)],
    )
    role = SelectField(_l("身份"), validators=[InputRequired(_l("请选择身份"))])
    is_owner = BooleanField(_l("也是负责人：能改资料、管成员"))


class Found(Form):
    """A dealer or supplier that an operator adds, and its first owner."""

    kind = SelectField(_l("类型"), validators=[InputRequired(_l("请选择类型"))])
    name = _name(_l("名称"), _l("请填写名称"), MAX_SHOP)
    region = _region()
    identity = IdentityField(
        _l("负责人的手机号或邮箱"),
        validators=[InputRequired(_l("请填写负责人的手机号或邮箱")), Length(max=255)],
    )


class Profile(Form):
    """What an organisation says of itself."""

    name = _name(_l("名称"), _l("请填写名称"), MAX_SHOP)
    region = _region()
    shares_name = BooleanField(_l("让供应商看到店名"))


class TypedName(Form):
    """The organisation's name, typed to confirm what cannot be undone by oneself."""

    name = StringField(
        _l("输入组织的全名来确认"),
        validators=[DataRequired(_l("请输入全名")), Length(max=MAX_SHOP)],
    )


class _ShopFacts(Form):
    shop_ref = StringField(
        _l("订单文件里的店铺编号"),
        validators=[Optional(), _most(64)],
    )
    level = IntegerField(
        _l("等级"),
        validators=[
            InputRequired(_l("请填写等级")),
            NumberRange(
                min=LEVELS[0],
                max=LEVELS[-1],
                message=_l("等级是 %(least)s 到 %(most)s", least=LEVELS[0], most=LEVELS[-1]),
            ),
        ],
        default=1,
    )


class Approve(_ShopFacts):
    """What an operator sets when a shop is let in."""


class Standing(_ShopFacts):
    """How a dealer is named in the order files, and its level."""


class Decline(Form):
    """Why a shop is not let in; the applicant reads it."""

    reason = TextAreaField(
        _l("原因"),
        validators=[DataRequired(_l("请写明原因，申请人会看到")), _most(MAX_REASON)],
    )


class Phone(Form):
    """A phone number that an operator has checked."""

    phone = PhoneField(_l("手机号"), validators=[InputRequired(_l("请填写手机号")), Length(max=40)])

    @property
    def number(self) -> str:
        """The number in E.164."""
        return self.phone.identity.phone or ""


class TypedCode(Form):
    """The code that came to the phone."""

    code = StringField(
        _l("6 位验证码"), validators=[InputRequired(_l("请填写验证码")), Length(max=12)]
    )


class OwnName(Form):
    """What a person is called."""

    name = _name(_l("姓名"), _l("请填写姓名"), MAX_NAME)


class OwnMail(Form):
    """A person's mail address; it counts once it is confirmed."""

    mail = MailField(
        _l("邮箱"),
        validators=[InputRequired(_l("请填写邮箱")), Length(max=255)],
    )

    @property
    def identity(self) -> Identity:
        """The address as it is stored."""
        return self.mail.identity

"""Forms of signing in. A password is taken exactly as it was typed."""

from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.i18n import lazy_gettext as _l
from portal.typed import Form

MAX_PASSWORD = 256


class SignIn(Form):
    """Sign in by phone number or mail address, with a password."""

    identity = StringField(
        _l("手机号或邮箱"),
        validators=[InputRequired(_l("请填写手机号或邮箱")), Length(max=255)],
    )
    password = PasswordField(
        _l("密码"),
        validators=[InputRequired(_l("请填写密码")), Length(max=MAX_PASSWORD)],
    )
    remember = BooleanField(_l("在这台设备上保持登录"))


class Code(Form):
    """A code of the authenticator, or a recovery code."""

    code = StringField(_l("验证码"), validators=[InputRequired(_l("请填写验证码")), Length(max=40)])


class Verify(Form):
    """Show one's password again, and a code where there is a second factor."""

    code = StringField(_l("验证码"), validators=[Length(max=40)])
    password = PasswordField(
        _l("密码"),
        validators=[InputRequired(_l("请填写密码")), Length(max=MAX_PASSWORD)],
    )


class ChangePassword(Form):
    """A new password, with the present one as proof."""

    present = PasswordField(
        _l("现在的密码"),
        validators=[InputRequired(_l("请填写现在的密码")), Length(max=MAX_PASSWORD)],
    )
    new = PasswordField(_l("新密码"), validators=[InputRequired(_l("请填写新密码"))])


class PasskeySignIn(Form):
    """What a browser answers for a passkey; filled in by a script."""

    credential = HiddenField()
    remember = BooleanField()


class NewPasskey(Form):
    """A new passkey, and what its owner calls it."""

    name = StringField(_l("名称"), validators=[Length(max=60)])
    credential = HiddenField(validators=[InputRequired(), Length(max=20_000)])

"""The sign-in form: one field for mail or phone, one for the password."""

from typing import Any

from flask_security.forms import LoginForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from portal.accounts import queries, rules
from portal.i18n import lazy_gettext as _l


class SignIn(LoginForm):
    """Sign in by phone number or mail address, with a password."""

    email = None  # type: ignore[assignment]  # WTForms' way to leave a field out
    identity = StringField(
        _l("手机号或邮箱"), validators=[DataRequired(_l("请填写手机号或邮箱")), Length(max=255)]
    )
    password = PasswordField(
        _l("密码"), validators=[DataRequired(_l("请填写密码")), Length(max=256)]
    )
    remember = BooleanField(_l("在这台设备上保持登录"))

    def validate(self, **kwargs: Any) -> bool:
        """Find who signs in, then let Flask-Security check password and state."""
        text = self.identity.data or ""
        mail = rules.mail_address(text)
        phone = None if mail else rules.phone_number(text)
        self.ifield = self.identity
        self.user = queries.person_signing_in(mail=mail, phone=phone)
        valid: bool = super().validate(**kwargs)
        if not valid and self.identity.data and self.password.data:
            # One message for "no such account" and "wrong password": who has an account is private.
            self.identity.errors, self.password.errors = [], [str(_l("账号或密码不对"))]
        return valid

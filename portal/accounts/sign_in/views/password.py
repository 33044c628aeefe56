"""Changing one's password."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, requires
from portal.accounts.sign_in import cookie, forms, queries, texts
from portal.accounts.sign_in.actions import attempts, enter
from portal.accounts.sign_in.actions import password as actions
from portal.accounts.sign_in.views.blueprint import bp
from portal.i18n import gettext as _


@bp.route("/account/password", methods=["GET", "POST"])
@requires(before_factor=True)
def password() -> ResponseReturnValue:
    """Take a new password, with the present one as proof."""
    form = forms.ChangePassword()
    if form.validate_on_submit() and _is_good(form) and _changed(form):
        flash(_("密码已更改，其他设备上的登录都已结束"))
        return redirect(url_for("security.overview"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/password.html", form=form, hint=texts.password_hint()), status


def _is_good(form: forms.ChangePassword) -> bool:
    words = queries.words_about(current_member().person_id)
    problem = texts.password_problem(form.new.data or "", words=words)
    if problem:
        form.new.errors = [problem]
    return problem is None


def _changed(form: forms.ChangePassword) -> bool:
    member = current_member()
    if member.session_id is None:
        return False
    try:
        token = actions.change(
            person_id=member.person_id,
            session_id=member.session_id,
            present=form.present.data or "",
            new=form.new.data or "",
            origin=cookie.origin(),
            at=clock.now(),
        )
    except enter.WrongPassword:
        form.present.errors = [_("密码不对")]
        return False
    except attempts.Paused as pause:
        form.present.errors = [texts.wait(until=pause.until, at=clock.now())]
        return False
    cookie.replace(token)
    return True

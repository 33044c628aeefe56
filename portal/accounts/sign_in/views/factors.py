"""Second factors: the authenticator app and the recovery codes."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, requires
from portal.accounts.sign_in import cookie, forms, policy, queries
from portal.accounts.sign_in.actions import factors as actions
from portal.accounts.sign_in.views.blueprint import bp
from portal.i18n import gettext as _


@bp.get("/account/factors")
@requires(before_factor=True)
def factors() -> ResponseReturnValue:
    """Show what the person has as a second factor, and what could be added."""
    member = current_member()
    return render_template(
        "accounts/factors.html",
        factors=queries.factors_of(member.person_id),
        is_required=policy.needs_factor(member),
        form=forms.NewPasskey(formdata=None, name=cookie.origin().device),
    )


def _to_factors() -> ResponseReturnValue:
    return redirect(url_for("security.factors"), HTTPStatus.SEE_OTHER)


@bp.post("/account/factors/authenticator/start")
@requires(fresh=True, before_factor=True)
def start_authenticator() -> ResponseReturnValue:
    """Make a secret for an authenticator app."""
    try:
        actions.start_authenticator(person_id=current_member().person_id, at=clock.now())
    except actions.AlreadySetUp:
        flash(_("已经有一个身份验证器了，要换就先移除它"), "warn")
        return _to_factors()
    return redirect(url_for("security.authenticator"), HTTPStatus.SEE_OTHER)


@bp.route("/account/factors/authenticator", methods=["GET", "POST"])
@requires(fresh=True, before_factor=True)
def authenticator() -> ResponseReturnValue:
    """Show the new secret as a picture, and take its first code as a proof."""
    member = current_member()
    setup = queries.authenticator_setup(person_id=member.person_id, name=member.person_name)
    if setup is None:
        return _to_factors()
    form = forms.Code()
    if form.validate_on_submit():
        try:
            codes = actions.confirm_authenticator(
                person_id=member.person_id, code=form.code.data or "", at=clock.now()
            )
        except actions.WrongCode:
            form.code.errors = [_("验证码不对。看看手机的时间准不准，再输入一次新的")]
        else:
            return _codes_page(codes)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/authenticator.html", form=form, setup=setup), status


@bp.post("/account/factors/authenticator/remove")
@requires(fresh=True)
def remove_authenticator() -> ResponseReturnValue:
    """Give the authenticator up."""
    member = current_member()
    try:
        actions.remove_authenticator(
            person_id=member.person_id, needs_factor=policy.needs_factor(member), at=clock.now()
        )
    except actions.LastFactor:
        flash(_("你的身份必须有两步验证。先添加通行密钥，再移除身份验证器"), "warn")
    else:
        flash(_("身份验证器已移除"))
    return _to_factors()


@bp.post("/account/factors/recovery-codes")
@requires(fresh=True)
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them, this once."""
    member = current_member()
    if not queries.factors_of(member.person_id).any:
        return _to_factors()
    return _codes_page(actions.renew_recovery_codes_for(person_id=member.person_id, at=clock.now()))


def _codes_page(codes: Sequence[str]) -> ResponseReturnValue:
    # Shown in the answer itself: a redirect would have to keep them somewhere.
    return render_template("accounts/recovery_codes.html", codes=codes)

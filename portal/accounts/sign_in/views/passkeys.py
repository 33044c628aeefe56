"""Passkeys: added, removed, and shown to sign in. The script is portal/static/passkeys.js."""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, public, requires
from portal.accounts.sign_in import cookie, forms, policy
from portal.accounts.sign_in.actions import enter, factors, telling
from portal.accounts.sign_in.actions import passkeys as actions
from portal.accounts.sign_in.actions.passkeys import Purpose, Site
from portal.accounts.sign_in.rules import Method
from portal.accounts.sign_in.views.blueprint import bp
from portal.accounts.sign_in.views.door import go_on, where_next
from portal.i18n import gettext as _


def _site() -> Site:
    """Return our site: behind TLS the one of the settings, whatever the request calls itself."""
    settings = current_app.extensions["tongtu.settings"]
    origin = settings.base_url if settings.https else request.host_url.rstrip("/")
    return Site(id=urlsplit(origin).hostname or "", origin=origin)


def _json(text: str) -> ResponseReturnValue:
    return current_app.response_class(text, mimetype="application/json")


def _not_taken(endpoint: str) -> ResponseReturnValue:
    flash(_("没能用通行密钥确认。请再试一次，或者换一种方式"), "warn")
    return redirect(url_for(endpoint, next=request.args.get("next")), HTTPStatus.SEE_OTHER)


@bp.post("/sign-in/passkey/options")
@public
def passkey_sign_in_options() -> ResponseReturnValue:
    """Ask any passkey of this site to show itself."""
    options = actions.options_to_show(Purpose.SIGN_IN, person_id=None, site=_site(), at=clock.now())
    return _json(options)


@bp.post("/sign-in/passkey")
@public
def passkey_sign_in() -> ResponseReturnValue:
    """Sign in with a passkey alone."""
    form = forms.PasskeySignIn()
    try:
        begun = actions.sign_in(
            credential=form.credential.data or "",
            keep=form.remember.data,
            site=_site(),
            origin=cookie.origin(),
            at=clock.now(),
        )
    except actions.BadPasskey:
        telling.failed(person_id=None, method=Method.PASSKEY, at=clock.now())
        return _not_taken("security.login")
    return go_on(begun)


@bp.post("/sign-in/second-step/passkey/options")
@public
def passkey_second_options() -> ResponseReturnValue:
    """Ask for a passkey of whose password was right."""
    pending = cookie.pending()
    if pending is None:
        abort(HTTPStatus.UNAUTHORIZED)
    options = actions.options_to_show(
        Purpose.SECOND, person_id=pending.person_id, site=_site(), at=clock.now()
    )
    return _json(options)


@bp.post("/sign-in/second-step/passkey")
@public
def passkey_second() -> ResponseReturnValue:
    """Finish a sign-in with a passkey."""
    pending = cookie.pending()
    if pending is None:
        return redirect(url_for("security.login"), HTTPStatus.SEE_OTHER)
    try:
        begun = actions.second_step(
            pending=pending,
            credential=forms.PasskeySignIn().credential.data or "",
            site=_site(),
            origin=cookie.origin(),
            at=clock.now(),
        )
    except (actions.BadPasskey, enter.TooLate):
        telling.failed(person_id=pending.person_id, method=Method.PASSKEY, at=clock.now())
        return _not_taken("security.second_step")
    return go_on(begun)


@bp.post("/verify/passkey/options")
@requires(before_factor=True)
def passkey_verify_options() -> ResponseReturnValue:
    """Ask for a passkey of who is signed in."""
    options = actions.options_to_show(
        Purpose.VERIFY, person_id=current_member().person_id, site=_site(), at=clock.now()
    )
    return _json(options)


@bp.post("/verify/passkey")
@requires(before_factor=True)
def passkey_verify() -> ResponseReturnValue:
    """Show oneself again with a passkey, then go on."""
    member = current_member()
    try:
        token = actions.again(
            person_id=member.person_id,
            session_id=member.session_id or 0,
            credential=forms.PasskeySignIn().credential.data or "",
            site=_site(),
            at=clock.now(),
        )
    except actions.BadPasskey:
        telling.failed(person_id=member.person_id, method=Method.PASSKEY, at=clock.now())
        return _not_taken("security.verify")
    cookie.replace(token)
    flash(_("已确认是你本人"))
    return redirect(where_next(), HTTPStatus.SEE_OTHER)


@bp.post("/account/passkeys/options")
@requires(fresh=True, before_factor=True)
def passkey_options() -> ResponseReturnValue:
    """Tell the browser how to make a passkey."""
    member = current_member()
    try:
        options = actions.options_to_register(
            person_id=member.person_id, name=member.person_name, site=_site(), at=clock.now()
        )
    except actions.TooManyPasskeys:
        abort(HTTPStatus.CONFLICT)
    return _json(options)


@bp.post("/account/passkeys")
@requires(fresh=True, before_factor=True)
def add_passkey() -> ResponseReturnValue:
    """Add the passkey that the browser has made."""
    form = forms.NewPasskey()
    if form.validate_on_submit():
        try:
            codes = actions.register(
                person_id=current_member().person_id,
                credential=form.credential.data or "",
                name=(form.name.data or "").strip() or cookie.origin().device or "passkey",
                site=_site(),
                at=clock.now(),
            )
        except actions.BadPasskey:
            flash(_("通行密钥没有添加成功，请再试一次"), "warn")
        else:
            if codes:
                return render_template("accounts/recovery_codes.html", codes=codes)
            flash(_("通行密钥已添加"))
    return redirect(url_for("security.factors"), HTTPStatus.SEE_OTHER)


@bp.post("/account/passkeys/<int:passkey_id>/remove")
@requires(fresh=True)
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """Give a passkey up."""
    member = current_member()
    try:
        found = actions.remove(
            passkey_id=passkey_id,
            person_id=member.person_id,
            needs_factor=policy.needs_factor(member),
            at=clock.now(),
        )
    except factors.LastFactor:
        flash(_("你的身份必须有两步验证。先设置另一种，再移除这个通行密钥"), "warn")
    else:
        if not found:
            abort(HTTPStatus.NOT_FOUND)
        flash(_("通行密钥已移除"))
    return redirect(url_for("security.factors"), HTTPStatus.SEE_OTHER)

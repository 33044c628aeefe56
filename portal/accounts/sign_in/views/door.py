"""Coming in and going out: the sign-in page, signing out, showing one's password again."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, member_or_none, public, requires
from portal.accounts.sign_in import cookie, forms, texts
from portal.accounts.sign_in.actions import attempts, enter, sessions
from portal.accounts.sign_in.rules import path_only
from portal.accounts.sign_in.views.blueprint import bp
from portal.i18n import gettext as _


def where_next() -> str:
    """Return where the visitor wanted to go, within this site."""
    return path_only(request.args.get("next", "/"))


@bp.route("/sign-in", methods=["GET", "POST"], endpoint="login")
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in page; sign in by phone or mail and password."""
    form = forms.SignIn()
    if request.method == "GET" and member_or_none():
        return redirect(where_next())
    if form.validate_on_submit():
        try:
            step = enter.with_password(
                identity=form.identity.data or "",
                password=form.password.data or "",
                keep=form.remember.data,
                origin=cookie.origin(),
                at=clock.now(),
            )
        except enter.WrongPassword:
            # One message for "no such account" and "wrong password": who has one is private.
            form.password.errors = [_("账号或密码不对")]
        except attempts.Paused as pause:
            form.password.errors = [texts.wait(until=pause.until, at=clock.now())]
        else:
            return _go_on(step)
    return _page(form)


def _page(form: forms.SignIn) -> ResponseReturnValue:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/sign_in.html", form=form), status


def _go_on(step: enter.NeedsFactor | sessions.Begun) -> ResponseReturnValue:
    if isinstance(step, enter.NeedsFactor):
        cookie.hold(step.token)
        target = url_for("security.second_step", next=request.args.get("next"))
    else:
        cookie.adopt(step)
        target = where_next()
    return redirect(target)


@bp.post("/sign-out", endpoint="logout")
@public
def sign_out() -> ResponseReturnValue:
    """End this browser's session; it cannot be used again, from wherever its cookie comes."""
    session = cookie.live_session()
    if session is not None:
        sessions.end(session_id=session.id, person_id=session.person_id)
    cookie.forget()
    return redirect(url_for("security.login"), HTTPStatus.SEE_OTHER)


@bp.route("/verify", methods=["GET", "POST"])
@requires(before_factor=True)
def verify() -> ResponseReturnValue:
    """Ask for the password again before something delicate, then go on to it."""
    form = forms.Verify()
    member = current_member()
    if form.validate_on_submit() and member.session_id is not None:
        try:
            token = enter.again(
                person_id=member.person_id,
                session_id=member.session_id,
                password=form.password.data or "",
                origin=cookie.origin(),
                at=clock.now(),
            )
        except enter.WrongPassword:
            form.password.errors = [_("密码不对")]
        except attempts.Paused as pause:
            form.password.errors = [texts.wait(until=pause.until, at=clock.now())]
        else:
            cookie.replace(token)
            flash(_("已确认是你本人"))
            return redirect(where_next(), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/verify.html", form=form), status

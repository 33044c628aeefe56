"""Coming in and going out: the sign-in page, signing out, showing one's password again."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, member_or_none, public, requires
from portal.accounts.sign_in import cookie, forms, queries, texts
from portal.accounts.sign_in.actions import attempts, enter, factors, sessions
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
            return go_on(step)
    return _page(form)


def _page(form: forms.SignIn) -> ResponseReturnValue:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/sign_in.html", form=form), status


def go_on(step: enter.NeedsFactor | sessions.Begun) -> ResponseReturnValue:
    """Lead on to the second step, or to where the visitor wanted to go."""
    if isinstance(step, enter.NeedsFactor):
        cookie.hold(step.token)
        target = url_for("security.second_step", next=request.args.get("next"))
    else:
        cookie.adopt(step)
        target = where_next()
    return redirect(target)


@bp.route("/sign-in/second-step", methods=["GET", "POST"])
@public
def second_step() -> ResponseReturnValue:
    """Ask for the second factor after the password."""
    pending = cookie.pending()
    if pending is None:
        flash(_("登录已超时，请重新输入密码"), "warn")
        return redirect(url_for("security.login", next=request.args.get("next")))
    form = forms.Code()
    if form.validate_on_submit():
        try:
            begun = enter.with_code(
                pending=pending,
                code=form.code.data or "",
                origin=cookie.origin(),
                at=clock.now(),
            )
        except (factors.WrongCode, enter.TooLate):
            form.code.errors = [_("验证码不对，或者已经用过。等应用里换了新的一组再试")]
        except attempts.Paused as pause:
            form.code.errors = [texts.wait(until=pause.until, at=clock.now())]
        else:
            return go_on(begun)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    owned = queries.factors_of(pending.person_id)
    return render_template("accounts/second_step.html", form=form, factors=owned), status


@bp.post("/sign-out", endpoint="logout")
@public
def sign_out() -> ResponseReturnValue:
    """End this browser's session; it cannot be used again, from wherever its cookie comes."""
    session = cookie.live_session()
    if session is not None:
        sessions.sign_out(session_id=session.id, person_id=session.person_id, at=clock.now())
    cookie.forget()
    return redirect(url_for("security.login"), HTTPStatus.SEE_OTHER)


@bp.route("/verify", methods=["GET", "POST"])
@requires(before_factor=True)
def verify() -> ResponseReturnValue:
    """Ask for the password again (and a code) before something delicate, then go on to it."""
    form = forms.Verify()
    if form.validate_on_submit() and _verified(form):
        flash(_("已确认是你本人"))
        return redirect(where_next(), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    owned = queries.factors_of(current_member().person_id)
    form.code.flags.required = owned.any
    return render_template("accounts/verify.html", form=form, factors=owned), status


def _verified(form: forms.Verify) -> bool:
    member = current_member()
    if member.session_id is None:
        return False
    try:
        token = enter.again(
            person_id=member.person_id,
            session_id=member.session_id,
            password=form.password.data or "",
            code=form.code.data or "",
            origin=cookie.origin(),
            at=clock.now(),
        )
    except enter.WrongPassword:
        form.password.errors = [_("密码不对")]
    except factors.WrongCode:
        form.code.errors = [_("验证码不对，或者已经用过。等应用里换了新的一组再试")]
    except attempts.Paused as pause:
        form.password.errors = [texts.wait(until=pause.until, at=clock.now())]
    else:
        cookie.replace(token)
        return True
    return False

"""Pages for who is on the way in: applying, waiting, and belonging nowhere."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, member_or_none, public, requires
from portal.accounts.membership import forms
from portal.accounts.membership.actions import applications, resets
from portal.accounts.membership.queries import applications as applied
from portal.accounts.membership.queries import people
from portal.accounts.sign_in import cookie, passwords
from portal.accounts.sign_in.texts import password_hint
from portal.i18n import gettext as _

bp = Blueprint("joining", __name__)


@bp.route("/join", methods=["GET", "POST"])
@public
def apply() -> ResponseReturnValue:
    """Let a shop ask to be let in; who has an account already asks for a further one."""
    session = cookie.live_session()
    if session is not None:
        return _apply_again(session.person_id)
    form = forms.Apply()
    if form.validate_on_submit():
        applications.apply(
            shop_name=form.shop_name.data or "",
            region=form.region.data or "",
            person_name=form.person_name.data or "",
            identity=form.identity.identity,
            password_hash=passwords.hash_of(form.password.data or ""),
            at=clock.now(),
        )
        return redirect(url_for("joining.received"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/join.html", form=form, password_hint=password_hint()), status


def _apply_again(person_id: int) -> ResponseReturnValue:
    form = forms.ApplyAgain()
    if form.validate_on_submit():
        try:
            applications.apply_again(
                person_id=person_id,
                shop_name=form.shop_name.data or "",
                region=form.region.data or "",
                at=clock.now(),
            )
        except applications.AlreadyApplied:
            form.shop_name.errors = [_("你有一份申请正在审核，等有了结果再申请")]
        else:
            flash(_("申请已提交"))
            return redirect(url_for("joining.mine"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/join.html", form=form, password_hint=password_hint()), status


@bp.get("/join/received")
@public
def received() -> ResponseReturnValue:
    """Say what comes next; the same words whether the identity was known or not."""
    return render_template("accounts/join_received.html")


@bp.get("/join/mine")
@public
def mine() -> ResponseReturnValue:
    """Show somebody who is signed in what became of the newest application."""
    session = cookie.live_session()
    if session is None:
        return redirect(url_for("security.login", next=url_for("joining.mine")))
    return render_template(
        "accounts/waiting.html",
        application=applied.latest_of_person(session.person_id),
        account=people.account(person_id=session.person_id, at=clock.now()),
    )


@bp.get("/waiting")
@requires(while_pending=True)
def waiting() -> ResponseReturnValue:
    """Show who waits to be let in what comes next."""
    member = current_member()
    if not member.is_pending:
        return redirect(url_for("home.start"))
    return render_template(
        "accounts/waiting.html",
        application=applied.of_organisation(member.organisation_id),
        account=people.account(person_id=member.person_id, at=clock.now()),
    )


@bp.get("/nowhere")
@public
def nowhere() -> ResponseReturnValue:
    """Tell somebody who belongs to no organisation (any more) what they can do."""
    session = cookie.live_session()
    if session is None or member_or_none() is not None:
        return redirect(url_for("home.start"))
    return render_template(
        "accounts/nowhere.html",
        application=applied.latest_of_person(session.person_id),
        person_name=session.person_name,
    )


@bp.route("/forgot", methods=["GET", "POST"])
@public
def forgot() -> ResponseReturnValue:
    """Ask for a new password; the answer is the same whether the identity is known or not."""
    form = forms.AskReset()
    if form.validate_on_submit():
        resets.ask(identity=form.identity.identity, at=clock.now())
        return redirect(url_for("joining.forgot_sent"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/forgot.html", form=form), status


@bp.get("/forgot/sent")
@public
def forgot_sent() -> ResponseReturnValue:
    """Say what comes next."""
    return render_template("accounts/forgot_sent.html")

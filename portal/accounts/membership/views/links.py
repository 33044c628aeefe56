"""One-time links: opening one only shows what it is for (mail scanners do that), a post uses it."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import public
from portal.accounts import actions as accounts
from portal.accounts.membership import forms, texts
from portal.accounts.membership.actions import addresses, invitations, resets
from portal.accounts.membership.actions.links import LinkSpent, NoSuchLink
from portal.accounts.membership.queries import links
from portal.accounts.membership.queries.links import LinkPage
from portal.accounts.membership.rules import LinkState, Purpose
from portal.accounts.sign_in import cookie, passwords
from portal.accounts.sign_in import queries as sign_in
from portal.accounts.sign_in.actions import sessions
from portal.accounts.sign_in.rules import Method
from portal.accounts.sign_in.texts import password_hint
from portal.i18n import gettext as _
from portal.idempotency.guard import repeatable
from portal.typed import Form

bp = Blueprint("links", __name__)


@bp.get("/link/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Show what a link is for, with the form that uses it."""
    page = links.opened(token=token, at=clock.now())
    if page is None or page.state is not LinkState.OPEN:
        return _spent(page.state if page else None)
    form = _FORMS[page.purpose]()
    return _page(token, page, form)


_FORMS = {
    Purpose.INVITE: forms.AcceptAsNew,
    Purpose.RESET: forms.NewPassword,
    Purpose.CONFIRM: forms.Nothing,
}


def _page(token: str, page: LinkPage, form: Form) -> ResponseReturnValue:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template(
        f"accounts/link_{page.purpose}.html",
        token=token,
        page=page,
        form=form,
        visitor=cookie.live_session(),
        role_name=texts.role(page.role) if page.role else "",
        password_hint=password_hint(),
    ), status


def _spent(state: LinkState | None) -> ResponseReturnValue:
    title, advice = texts.spent(state)
    status = HTTPStatus.NOT_FOUND if state is None else HTTPStatus.GONE
    return render_template("accounts/link_spent.html", title=title, advice=advice), status


def _open_page(token: str, purpose: Purpose) -> LinkPage:
    """Return the page of an open link of this purpose; raise NoSuchLink or LinkSpent."""
    page = links.opened(token=token, at=clock.now())
    if page is None or page.purpose is not purpose:
        raise NoSuchLink
    if page.state is not LinkState.OPEN:
        raise LinkSpent(page.state)
    return page


@bp.post("/link/<token>/join")
@public
@repeatable("the link opens once, and whoever sends again is signed in as somebody by then")
def join(token: str) -> ResponseReturnValue:
    """Join as somebody new, who is signed in from now on."""
    form = forms.AcceptAsNew()
    page = _open_page(token, Purpose.INVITE)
    form.invited = [page.organisation, page.identity, page.identity.replace(" ", "")]
    if not form.validate_on_submit():
        return _page(token, page, form)
    try:
        person_id = invitations.accept_as_new(
            token=token,
            name=form.person_name.data or "",
            password_hash=passwords.hash_of(form.password.data or ""),
            at=clock.now(),
        )
    except invitations.IdentityTaken:
        flash(_("你已经有账号了，登录后就能加入"), "info")
        return redirect(
            url_for("security.login", next=url_for("links.show", token=token)),
            HTTPStatus.SEE_OTHER,
        )
    cookie.adopt(
        sessions.begin(
            person_id=person_id,
            method=Method.PASSWORD,
            keep=False,
            origin=cookie.origin(),
            at=clock.now(),
        )
    )
    flash(_("欢迎加入“%(organisation)s”", organisation=page.organisation))
    return redirect(url_for("home.start"), HTTPStatus.SEE_OTHER)


@bp.post("/link/<token>/join-as-me")
@public
@repeatable("the link opens once, and whoever sends again asks for another organisation by then")
def join_as_me(token: str) -> ResponseReturnValue:
    """Join as who is signed in, and act for that organisation from now on."""
    session = cookie.live_session()
    if session is None:
        abort(HTTPStatus.UNAUTHORIZED)
    page = _open_page(token, Purpose.INVITE)
    try:
        membership_id = invitations.accept(token=token, person_id=session.person_id, at=clock.now())
    except invitations.AlreadyMember:
        flash(_("你已经是“%(organisation)s”的成员", organisation=page.organisation), "info")
        return redirect(url_for("home.start"), HTTPStatus.SEE_OTHER)
    accounts.act_as(session_id=session.id, person_id=session.person_id, membership_id=membership_id)
    flash(_("欢迎加入“%(organisation)s”", organisation=page.organisation))
    return redirect(url_for("home.start"), HTTPStatus.SEE_OTHER)


@bp.post("/link/<token>/password")
@public
def set_password(token: str) -> ResponseReturnValue:
    """Set a new password; every sign-in of the person ends."""
    form = forms.NewPassword()
    page = _open_page(token, Purpose.RESET)
    form.known = [page.person, *sign_in.words_about(page.person_id)]
    if not form.validate_on_submit():
        return _page(token, page, form)
    resets.set_password(token=token, new=form.password.data or "", at=clock.now())
    flash(_("新密码设好了，请用它登录"))
    return redirect(url_for("security.login"), HTTPStatus.SEE_OTHER)


@bp.post("/link/<token>/confirm")
@public
def confirm(token: str) -> ResponseReturnValue:
    """Keep that the address is the person's."""
    _open_page(token, Purpose.CONFIRM)
    try:
        addresses.confirm(token=token, at=clock.now())
    except addresses.MailTaken:
        return _spent(LinkState.WITHDRAWN)
    flash(_("邮箱已确认"))
    return redirect(url_for("home.start"), HTTPStatus.SEE_OTHER)


@bp.errorhandler(NoSuchLink)
def _unknown(_error: NoSuchLink) -> ResponseReturnValue:
    return _spent(None)


@bp.errorhandler(LinkSpent)
def _is_spent(error: LinkSpent) -> ResponseReturnValue:
    return _spent(error.state)


@bp.errorhandler(invitations.NotLiving)
def _is_closed(_error: invitations.NotLiving) -> ResponseReturnValue:
    return _spent(LinkState.WITHDRAWN)

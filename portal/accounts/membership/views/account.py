"""A person's own account."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, requires
from portal.accounts.membership import forms, sections
from portal.accounts.membership.actions import addresses
from portal.accounts.membership.actions import people as people_actions
from portal.accounts.membership.queries import people
from portal.i18n import gettext as _

bp = Blueprint("account", __name__)


@bp.get("/account")
@requires(while_pending=True, before_factor=True)
def show() -> ResponseReturnValue:
    """Show the account, and the way to everything that belongs to it."""
    page = people.account(person_id=current_member().person_id, at=clock.now())
    return render_template("accounts/account.html", page=page, sections=sections.of_account())


@bp.route("/account/name", methods=["GET", "POST"])
@requires(while_pending=True)
def name() -> ResponseReturnValue:
    """Change what the person is called."""
    member = current_member()
    form = forms.OwnName(name=member.person_name)
    if form.validate_on_submit():
        people_actions.rename(person_id=member.person_id, name=form.name.data or "")
        flash(_("姓名已改"))
        return redirect(url_for("account.show"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/account_name.html", form=form), status


@bp.route("/account/mail", methods=["GET", "POST"])
@requires(fresh=True, while_pending=True)
def mail() -> ResponseReturnValue:
    """Confirm one's mail address, or ask for another one."""
    person_id = current_member().person_id
    page = people.account(person_id=person_id, at=clock.now())
    form = forms.OwnMail(mail=page.mail)
    if form.validate_on_submit():
        sent = addresses.change_mail(
            person_id=person_id, mail=form.identity.mail or "", at=clock.now()
        )
        if sent:
            flash(_("确认链接已发到 %(mail)s，点开就生效", mail=form.identity.mail))
            return redirect(url_for("account.show"), HTTPStatus.SEE_OTHER)
        form.mail.errors = [_("联盟还没有设置发信服务，现在改不了邮箱，请联系联盟运营")]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/account_mail.html", form=form, page=page), status

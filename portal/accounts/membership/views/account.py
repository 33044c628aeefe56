"""A person's own account."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, requires
from portal.accounts.membership import codes, forms, sections
from portal.accounts.membership.actions import addresses, phones
from portal.accounts.membership.actions import people as people_actions
from portal.accounts.membership.queries import people
from portal.accounts.membership.rules import readable
from portal.accounts.sign_in.actions import attempts
from portal.accounts.sign_in.texts import wait
from portal.i18n import gettext as _
from portal.idempotency.guard import repeatable

bp = Blueprint("account", __name__)


@bp.get("/account")
@requires(while_pending=True, before_factor=True)
def show() -> ResponseReturnValue:
    """Show the account, and the way to everything that belongs to it."""
    page = people.account(person_id=current_member().person_id, at=clock.now())
    return render_template(
        "accounts/account.html", page=page, sections=sections.of_account(current_member().role)
    )


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


@bp.route("/account/phone", methods=["GET", "POST"])
@requires(fresh=True, while_pending=True)
def phone() -> ResponseReturnValue:
    """Ask for a code to one's number, or to a new one; without a gateway say who helps."""
    form = forms.Phone()
    is_set_up = codes.sender() is not None
    if form.validate_on_submit():
        try:
            phones.ask(person_id=current_member().person_id, phone=form.number, at=clock.now())
        except phones.NotSetUp:
            form.phone.errors = [_("这里还不能发验证码，请联系联盟运营")]
        except phones.TooMany:
            form.phone.errors = [_("今天发的验证码太多了，明天再试，或者联系联盟运营")]
        else:
            return redirect(url_for("account.phone_code"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/account_phone.html", form=form, is_set_up=is_set_up), status


@bp.route("/account/phone/code", methods=["GET", "POST"])
@requires(while_pending=True)
@repeatable("a code counts once, and what was wrong may be typed again")
def phone_code() -> ResponseReturnValue:
    """Take the code that came to the phone."""
    person_id, at = current_member().person_id, clock.now()
    number = phones.waiting_number(person_id=person_id, at=at)
    if number is None:
        flash(_("验证码过期了，请再发一次"), "info")
        return redirect(url_for("account.phone"), HTTPStatus.SEE_OTHER)
    form = forms.TypedCode()
    if form.validate_on_submit():
        try:
            phones.confirm(person_id=person_id, code=form.code.data or "", at=at)
        except (phones.WrongCode, phones.NumberTaken):
            form.code.errors = [_("验证码不对，或者这个手机号不能用")]
        except attempts.Paused as pause:
            form.code.errors = [wait(until=pause.until, at=at)]
        else:
            flash(_("手机号已确认"))
            return redirect(url_for("account.show"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    page = render_template("accounts/account_phone_code.html", form=form, number=readable(number))
    return page, status


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

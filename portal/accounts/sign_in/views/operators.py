"""What an operator can do for somebody who lost a device: sign it out, reset the second factor."""

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.accounts.sign_in import queries
from portal.accounts.sign_in.actions import factors, sessions
from portal.accounts.sign_in.queries import Account
from portal.accounts.sign_in.views.blueprint import bp
from portal.i18n import gettext as _


def _account(person_id: int) -> Account:
    account = queries.account_of(person_id)
    if account is None:
        abort(HTTPStatus.NOT_FOUND)
    return account


@bp.get("/sign-ins/<int:person_id>")
@requires(Role.OPERATOR)
def sign_ins_of(person_id: int) -> ResponseReturnValue:
    """Show where somebody is signed in, and with what."""
    return render_template(
        "accounts/sign_ins_of.html",
        account=_account(person_id),
        devices=queries.devices_of(person_id=person_id, at=clock.now()),
        factors=queries.factors_of(person_id),
        is_oneself=person_id == current_member().person_id,
    )


def _back(person_id: int) -> ResponseReturnValue:
    return redirect(url_for("security.sign_ins_of", person_id=person_id), HTTPStatus.SEE_OTHER)


@bp.post("/sign-ins/<int:person_id>/end")
@requires(Role.OPERATOR, fresh=True)
def end_sessions_of(person_id: int) -> ResponseReturnValue:
    """Sign somebody out everywhere."""
    account = _account(person_id)
    count = sessions.end_by_operator(person_id=person_id, at=clock.now())
    flash(_("已让 %(name)s 的 %(count)s 台设备退出登录", name=account.name, count=count))
    return _back(person_id)


@bp.post("/sign-ins/<int:person_id>/reset-factors")
@requires(Role.OPERATOR, fresh=True)
def reset_factors_of(person_id: int) -> ResponseReturnValue:
    """Take somebody's second factors away, so that they can set up new ones."""
    account = _account(person_id)
    if person_id == current_member().person_id:
        abort(HTTPStatus.FORBIDDEN)  # nobody vouches for themself
    factors.reset(person_id=person_id, at=clock.now())
    flash(_("%(name)s 的两步验证已重置，下次登录后可以重新设置", name=account.name))
    return _back(person_id)

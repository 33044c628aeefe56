"""On which devices one is signed in, and ending that."""

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, requires
from portal.accounts.sign_in import queries
from portal.accounts.sign_in.actions import sessions
from portal.accounts.sign_in.views.blueprint import bp
from portal.i18n import gettext as _


@bp.get("/account/devices")
@requires(before_factor=True)
def devices() -> ResponseReturnValue:
    """Show where the person is signed in."""
    rows = queries.devices_of(person_id=current_member().person_id, at=clock.now())
    return render_template("accounts/devices.html", devices=rows)


@bp.post("/account/devices/<int:session_id>/end")
@requires(fresh=True, before_factor=True)
def end_device(session_id: int) -> ResponseReturnValue:
    """Sign one device out."""
    try:
        sessions.end_device(
            session_id=session_id, person_id=current_member().person_id, at=clock.now()
        )
    except sessions.NoSuchSession:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("那台设备已退出登录"))
    return redirect(url_for("security.devices"), HTTPStatus.SEE_OTHER)


@bp.post("/account/devices/end-others")
@requires(fresh=True, before_factor=True)
def end_other_devices() -> ResponseReturnValue:
    """Sign every other device out."""
    member = current_member()
    count = sessions.end_others(
        session_id=member.session_id or 0, person_id=member.person_id, at=clock.now()
    )
    flash(_("已让其他 %(count)s 台设备退出登录", count=count))
    return redirect(url_for("security.devices"), HTTPStatus.SEE_OTHER)

"""The operator's page of what was sent, what failed and why."""

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, requires
from portal.i18n import gettext as _
from portal.notices import actions, fates, texts
from portal.notices.mail import smtp
from portal.notices.rules import DeliveryState
from portal.notices.views.blueprint import bp
from portal.paging import requested_page


@bp.get("/deliveries")
@requires(Role.OPERATOR)
def deliveries() -> ResponseReturnValue:
    """Show what was told outside the portal, newest first."""
    state = _asked_state()
    return render_template(
        "notices/deliveries.html",
        deliveries=fates.deliveries(state=state, page=requested_page()),
        counts=fates.counts(),
        state=state,
        state_names={each: texts.state(each) for each in DeliveryState},
        sends_mails=smtp.is_set_up(),
    )


@bp.post("/deliveries/<int:delivery_id>/again")
@requires(Role.OPERATOR)
def send_again(delivery_id: int) -> ResponseReturnValue:
    """Start a failed delivery over."""
    try:
        actions.send_again(delivery_id=delivery_id, at=clock.now())
    except actions.CannotTryAgain:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("排上队了，一会儿再试。"))
    return redirect(url_for("notices.deliveries"), HTTPStatus.SEE_OTHER)


def _asked_state() -> DeliveryState | None:
    asked = request.args.get("state", "")
    return DeliveryState(asked) if asked in set(DeliveryState) else None

"""A consultant's inbox of sessions that wait for a yes, and whether there is one at all."""

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.booking import forms
from portal.booking.actions import changes
from portal.booking.actions.bookings import NoSuchSession
from portal.booking.queries import consultants, sessions
from portal.booking.views.blueprint import bp
from portal.i18n import gettext as _


@bp.get("/requests")
@requires(Role.CONSULTANT)
def requests() -> ResponseReturnValue:
    """Show what waits for an answer."""
    return _page()


@bp.post("/requests/confirming")
@requires(Role.CONSULTANT)
def choose_confirming() -> ResponseReturnValue:
    """Let new sessions wait for one's yes, or agree them at once."""
    wanted = request.form.get("confirms") == "1"
    try:
        changes.let_ask(person_id=current_member().person_id, wanted=wanted)
    except NoSuchSession:
        abort(HTTPStatus.NOT_FOUND)
    if wanted:
        flash(_("以后的新预约会先等你确认。"), "message")
    else:
        flash(_("以后的新预约会直接约好。等着确认的，还要你逐条答复。"), "message")
    return redirect(url_for("booking.requests"), HTTPStatus.SEE_OTHER)


@bp.post("/<public_id>/approve")
@requires(Role.CONSULTANT)
def approve(public_id: str) -> ResponseReturnValue:
    """Say yes to a session."""
    try:
        changes.approve(public_id=public_id, person_id=current_member().person_id, at=clock.now())
    except NoSuchSession:
        abort(HTTPStatus.NOT_FOUND)
    except changes.NotAsked:
        flash(_("这一条已经答复过、撤回了，或者过了 24 小时，没有改动。"), "warn")
    else:
        flash(_("约好了，店里收到了通知。"), "message")
    return redirect(url_for("booking.requests"), HTTPStatus.SEE_OTHER)


@bp.post("/<public_id>/decline")
@requires(Role.CONSULTANT)
def decline(public_id: str) -> ResponseReturnValue:
    """Say no to a session, with the reason."""
    form, member = forms.Refusal(), current_member()
    if sessions.session_of_consultant(public_id=public_id, person_id=member.person_id) is None:
        abort(HTTPStatus.NOT_FOUND)
    if not form.validate_on_submit():
        return _page(form, public_id), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        changes.decline(
            public_id=public_id,
            person_id=member.person_id,
            reason=form.reason.data or "",
            at=clock.now(),
        )
    except changes.NotAsked:
        flash(_("这一条已经答复过、撤回了，或者过了 24 小时，没有改动。"), "warn")
    else:
        flash(_("已婉拒，时间放开了，店里收到了你的说明。"), "message")
    return redirect(url_for("booking.requests"), HTTPStatus.SEE_OTHER)


def _page(form: forms.Refusal | None = None, refused: str = "") -> str:
    """Return the inbox; `form` is what was typed for the session `refused`."""
    person_id = current_member().person_id
    who = consultants.consultant_of_person(person_id)
    if who is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "booking/requests.html",
        who=who,
        asked=sessions.asked_of_consultant(person_id=person_id, at=clock.now()),
        form=form or forms.Refusal(formdata=None),
        refused=refused,
    )

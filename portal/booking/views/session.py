"""One session's pages, for the shop and for the consultant: look it up, keep it, cancel it."""

from http import HTTPStatus
from io import BytesIO

from flask import abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.booking import calendar_file, forms, invitations, texts
from portal.booking.actions import bookings as actions
from portal.booking.queries import sessions
from portal.booking.queries.sessions import SessionDetail
from portal.booking.rules import sessions as rules
from portal.booking.views.blueprint import bp
from portal.i18n import gettext as _


@bp.get("/<public_id>")
@requires(Role.DEALER, Role.CONSULTANT)
def show(public_id: str) -> ResponseReturnValue:
    """Show one session to the shop; its consultant is led to the page with the brief."""
    detail = session_or_404(public_id)
    if current_member().role is Role.CONSULTANT:
        return redirect(url_for("coaching.show", public_id=public_id))  # with the brief beside it
    return render_template(
        "booking/show.html",
        detail=detail,
        row=detail.row,
        state_text=texts.state,
        made="made" in request.args,
        may_cancel=rules.may_cancel(
            state=detail.row.state, starts_at=detail.row.starts_at, at=clock.now()
        ),
        contact=_contact(),
    )


@bp.get("/<public_id>/calendar.ics")
@requires(Role.DEALER, Role.CONSULTANT)
def calendar(public_id: str) -> ResponseReturnValue:
    """Hand out the session for a phone's or a mail program's calendar."""
    detail = session_or_404(public_id)
    return send_file(
        BytesIO(calendar_file.write(invitations.entry(detail))),
        mimetype="text/calendar; method=PUBLISH",
        as_attachment=True,
        download_name=_("同途会谈 %(day)s.ics", day=detail.row.on.isoformat()),
    )


@bp.get("/<public_id>/cancel")
@requires(Role.DEALER)
def ask_to_cancel(public_id: str) -> ResponseReturnValue:
    """Ask whether the session is really to be cancelled."""
    return _cancellation(forms.Cancellation(formdata=None), session_or_404(public_id))


@bp.post("/<public_id>/cancel")
@requires(Role.DEALER)
def cancel(public_id: str) -> ResponseReturnValue:
    """Cancel the session."""
    form, member = forms.Cancellation(), current_member()
    detail = session_or_404(public_id)
    if not form.validate_on_submit():
        return _cancellation(form, detail), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.cancel(
            public_id=public_id,
            dealer_id=member.organisation_id,
            person_id=member.person_id,
            reason=form.reason.data or "",
            at=clock.now(),
        )
    except (rules.TooLate, rules.IllegalMove):
        return _cancellation(form, detail), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("会谈已取消，顾问也收到了通知。"), "message")
    return redirect(url_for("booking.index"))


def session_or_404(public_id: str) -> SessionDetail:
    """Return the shop's, or the consultant's own, session; else the page is not found."""
    member = current_member()
    if member.role is Role.CONSULTANT:
        found = sessions.session_of_consultant(public_id=public_id, person_id=member.person_id)
    else:
        found = sessions.session_of_dealer(public_id=public_id, dealer_id=member.organisation_id)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _cancellation(form: forms.Cancellation, detail: SessionDetail) -> str:
    return render_template(
        "booking/cancel.html",
        form=form,
        row=detail.row,
        may_cancel=rules.may_cancel(
            state=detail.row.state, starts_at=detail.row.starts_at, at=clock.now()
        ),
        contact=_contact(),
    )


def _contact() -> str:
    return str(current_app.extensions["tongtu.settings"].contact)

"""A consultant's pages about how sessions follow each other, and why a day has no slot."""

from collections import Counter
from datetime import date, timedelta
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, requires
from portal.booking import forms, texts
from portal.booking.actions import hours as actions
from portal.booking.queries import consultants, hours, kinds
from portal.booking.rules import reasons, slots
from portal.booking.rules.hours import BuffersTooLong
from portal.booking.views.blueprint import bp, me_or_404
from portal.i18n import gettext as _


@bp.route("/hours/rhythm", methods=["GET", "POST"])
@requires(Role.CONSULTANT)
def rhythm() -> ResponseReturnValue:
    """Show and change buffers, notice and caps."""
    who = me_or_404()
    form = forms.Rhythm(data=forms.Rhythm.shown(hours.rhythm(who.id)))
    if form.validate_on_submit():
        try:
            actions.set_rhythm(consultant_id=who.id, rhythm=form.rhythm())
        except BuffersTooLong:
            form.buffer_before_minutes.errors = [texts.buffers_too_long()]
        else:
            flash(_("已保存。已经约好的会谈不受影响。"), "message")
            return redirect(url_for("booking.hours"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("booking/rhythm.html", who=who, form=form), status


@bp.get("/hours/why")
@requires(Role.CONSULTANT)
def why_no_slot() -> ResponseReturnValue:
    """Show every start of one day, with what took it away."""
    who, today = me_or_404(), clock.today()
    day = _date(request.args.get("day", "")) or today
    offered = kinds.offered_by([who.id])[who.id]
    wanted = request.args.get("kind", type=int)
    kind = next((each for each in offered if each.id == wanted), offered[0] if offered else None)
    verdicts = consultants.explained(
        consultant_id=who.id,
        dealer_id=consultants.NONE,
        at=clock.now(),
        first_day=day,
        last_day=day,
        kind_id=kind.id if kind else None,
    )
    return render_template(
        "booking/why.html",
        day=day,
        before=day - timedelta(days=1) if day > today else None,
        after=day + timedelta(days=1),
        kinds=offered,
        kind=kind,
        rows=[(slots.to_instant(each.start), _said(each.reason)) for each in verdicts],
        counts=[
            (_said(reason), count)
            for reason, count in Counter(each.reason for each in verdicts).most_common()
        ],
    )


def _said(reason: reasons.Reason | None) -> str | None:
    return None if reason is None else texts.why(reason)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

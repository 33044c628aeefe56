"""An operator's page: what dealers see of a consultant, and how long sessions are."""

from http import HTTPStatus

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access import Role, current_member, requires
from portal.booking import forms, texts
from portal.booking.actions import hours as actions
from portal.booking.queries import hours
from portal.booking.rules import hours as hour_rules
from portal.booking.views.blueprint import bp
from portal.i18n import gettext as _


@bp.route("/people/<int:person_id>", methods=["GET", "POST"])
@requires(Role.OPERATOR)
def offer(person_id: int) -> ResponseReturnValue:
    """Let dealers book a consultant, or change what they see of one."""
    who = hours.candidate(person_id)
    if who is None:
        abort(HTTPStatus.NOT_FOUND)
    form = forms.Offer(data=None if who.offer is None else forms.Offer.shown(who.offer))
    if form.validate_on_submit():
        try:
            actions.offer_consultant(
                person_id=person_id,
                organisation_id=current_member().organisation_id,
                timezone=current_app.config["TIMEZONE"],
                offer=form.offer(),
            )
        except hour_rules.BuffersTooLong:
            form.buffer_minutes.errors = [texts.buffers_too_long()]
        else:
            flash(_said(who))
            return redirect(url_for("booking.offer", person_id=person_id), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("booking/offer.html", form=form, who=who), status


def _said(who: hours.Candidate) -> str:
    if who.offer is None:
        return str(_("已为 %(name)s 开通预约。本人填好排班后，渠道商就能约", name=who.name))
    return str(_("已保存，约好的会谈不受影响"))

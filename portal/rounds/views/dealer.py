"""A shop's pages: what can be asked for, the hours to tick, the result with its reasons."""

from collections.abc import Sequence
from http import HTTPStatus
from itertools import groupby

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.i18n import gettext as _
from portal.paging import requested_page
from portal.rounds import actions, forms, queries, texts
from portal.rounds.queries import HourRow, RoundRow
from portal.rounds.rules.states import RoundState
from portal.rounds.views.blueprint import bp


@bp.get("")
@requires(Role.DEALER)
def index() -> ResponseReturnValue:
    """Show in which rounds the shop can ask, and what came of those before."""
    dealer_id = current_member().organisation_id
    own = queries.own_requests(dealer_id=dealer_id, page=requested_page(size=10))
    return render_template(
        "rounds/index.html",
        rounds=[
            (each, queries.own_request(round_id=each.id, dealer_id=dealer_id))
            for each in queries.open_rounds(at=clock.now())
        ],
        own=own,
        rounds_of=queries.by_ids({each.round_id for each in own.rows}),
        outcome_text=texts.outcome,
    )


@bp.get("/<int:round_id>")
@requires(Role.DEALER)
def show(round_id: int) -> ResponseReturnValue:
    """Show a round: the hours to tick while it is open, afterwards the result."""
    found = _round_or_404(round_id)
    own = queries.own_request(round_id=round_id, dealer_id=current_member().organisation_id)
    if found.state is not RoundState.OPEN or clock.now() >= found.closes_at:
        return render_template(
            "rounds/result.html",
            round=found,
            own=own,
            published=found.state is RoundState.PUBLISHED,
            why=texts.why(own, found) if own else "",
            part_text=texts.part,
            outcome_text=texts.outcome,
            state_text=texts.state,
        )
    hours = queries.hours_of(round_id)
    form = forms.Asking(hour_ids=[each.id for each in hours], formdata=None)
    if own:
        form.hours.data, form.topic.data = sorted(own.ticked), own.topic
    return _asking(found, form, hours=hours, own=own is not None)


@bp.post("/<int:round_id>")
@requires(Role.DEALER)
def ask(round_id: int) -> ResponseReturnValue:
    """Ask for one of the hours that were ticked."""
    found = _round_or_404(round_id)
    hours = queries.hours_of(round_id)
    form = forms.Asking(hour_ids=[each.id for each in hours])
    if not form.validate_on_submit():
        own = queries.own_request(round_id=round_id, dealer_id=current_member().organisation_id)
        page = _asking(found, form, hours=hours, own=own is not None)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.ask(
            member=current_member(),
            round_id=round_id,
            hour_ids=form.hours.data or (),
            topic=form.topic.data or "",
            at=clock.now(),
        )
    except actions.Closed:
        flash(_("这一轮已经截止，没有改动。"), "warn")
    else:
        flash(_("报上名了。截止前都可以回来改。"), "message")
    return redirect(url_for("rounds.show", round_id=round_id), HTTPStatus.SEE_OTHER)


@bp.post("/<int:round_id>/withdraw")
@requires(Role.DEALER)
def withdraw(round_id: int) -> ResponseReturnValue:
    """Ask for nothing after all."""
    _round_or_404(round_id)
    try:
        actions.withdraw(member=current_member(), round_id=round_id, at=clock.now())
    except actions.Closed:
        flash(_("这一轮已经截止，没有改动。"), "warn")
        return redirect(url_for("rounds.show", round_id=round_id), HTTPStatus.SEE_OTHER)
    flash(_("已撤回报名。"), "message")
    return redirect(url_for("rounds.index"), HTTPStatus.SEE_OTHER)


def _round_or_404(round_id: int) -> RoundRow:
    found = queries.round_of(round_id)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _asking(found: RoundRow, form: forms.Asking, *, hours: Sequence[HourRow], own: bool) -> str:
    return render_template(
        "rounds/ask.html",
        round=found,
        form=form,
        days=[(on, list(group)) for on, group in groupby(hours, lambda each: each.on)],
        ticked=set(form.hours.data or ()),
        own=own,
        rules=texts.rules_of(found),
    )

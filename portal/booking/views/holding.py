"""A time kept for a shop while it fills the form."""

from contextlib import suppress
from http import HTTPStatus

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.booking import forms
from portal.booking.actions import changes, claims, limits
from portal.booking.rules import sessions as rules
from portal.booking.views.blueprint import bp
from portal.booking.views.dealer import consultant_or_404
from portal.idempotency.guard import repeatable

REFUSALS = (
    claims.SlotTaken,
    claims.DealerBusy,
    claims.TooBusy,
    limits.NotOffered,
    limits.NotForDealer,
    limits.LimitReached,
)


@bp.post("/hold")
@requires(Role.DEALER)
@repeatable("a shop holds one time at once, so holding again only moves it")
def hold() -> ResponseReturnValue:
    """Keep a time for the shop and lead on to the form."""
    form = forms.Hold()
    starts_at = rules.start_from_address(form.starts.data or "")
    if not form.validate_on_submit() or starts_at is None:
        abort(HTTPStatus.BAD_REQUEST)
    who = consultant_or_404(form.consultant.data or 0)
    # Who cannot have it learns so on the next page, beside what is free instead.
    with suppress(*REFUSALS):
        changes.hold(
            dealer_id=current_member().organisation_id,
            consultant_id=who.id,
            starts_at=starts_at,
            kind_id=form.kind.data,
            at=clock.now(),
        )
    where = url_for(
        "booking.new",
        consultant=who.id,
        starts=rules.start_in_address(starts_at),
        kind=form.kind.data,
        lesson=form.lesson.data or None,
        topic=form.topic.data or None,
    )
    return redirect(where, HTTPStatus.SEE_OTHER)

"""A consultant's page of dates that are not like every week: own windows, and journeys."""

from datetime import date, timedelta
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Role, requires
from portal.booking import forms, texts
from portal.booking.actions import hours as actions
from portal.booking.queries import holidays, hours
from portal.booking.queries.consultants import ConsultantRow
from portal.booking.rules.hours import BadDays, clock_text
from portal.booking.views.blueprint import bp, me_or_404
from portal.i18n import gettext as _

AHEAD_DAYS = 92  # how far ahead holidays are shown beside


@bp.get("/hours/dates")
@requires(Role.CONSULTANT)
def dates() -> ResponseReturnValue:
    """Show single dates with windows of their own, journeys, and the holidays ahead."""
    return _page(me_or_404())


@bp.post("/hours/dates")
@requires(Role.CONSULTANT)
def set_date() -> ResponseReturnValue:
    """Give one date windows of its own."""
    who = me_or_404()
    form = forms.DateHours(session_minutes=who.session_minutes)
    valid, day = form.validate_on_submit(), form.day.data
    if valid and day:
        try:
            actions.set_date(
                consultant_id=who.id, day=day, windows=form.windows, today=clock.today()
            )
        except actions.PastDay:
            form.day.errors = [_("这天已经过去了，请选今天或以后的日期。")]
        else:
            flash(_("已保存，%(day)s只按这几段接待。", day=i18n.day(day)), "message")
            return _back()
    return _page(who, date_form=form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/hours/dates/<day>/remove")
@requires(Role.CONSULTANT)
def remove_date(day: str) -> ResponseReturnValue:
    """Give a date back to the weekly hours."""
    try:
        given_back = date.fromisoformat(day)
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)
    actions.set_date(consultant_id=me_or_404().id, day=given_back, windows=[], today=date.min)
    flash(_("%(day)s恢复成每周的排班。", day=i18n.day(given_back)), "message")
    return _back()


@bp.post("/hours/journeys")
@requires(Role.CONSULTANT)
def add_journey() -> ResponseReturnValue:
    """Let the hours of some dates go by another clock."""
    who, form = me_or_404(), forms.Journey()
    valid, first_day, last_day = form.validate_on_submit(), form.first_day.data, form.last_day.data
    if valid and first_day and last_day:
        try:
            actions.add_journey(
                consultant_id=who.id,
                first_day=first_day,
                last_day=last_day,
                zone=form.zone.data or who.timezone,
                today=clock.today(),
            )
        except BadDays:
            form.last_day.errors = [_("从今天或以后开始，最后一天不早于第一天，一次最多一年。")]
        except actions.AlreadyAway:
            form.first_day.errors = [_("这几天里已经有一次出差，先去掉那一次。")]
        else:
            flash(_("已保存，这几天按当地时间接待。"), "message")
            return _back()
    return _page(who, journey_form=form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/hours/journeys/<int:journey_id>/remove")
@requires(Role.CONSULTANT)
def remove_journey(journey_id: int) -> ResponseReturnValue:
    """Let the hours go by the clock at home again."""
    actions.remove_journey(consultant_id=me_or_404().id, journey_id=journey_id)
    flash(_("已去掉，这几天按平时的时区接待。"), "message")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("booking.dates"), HTTPStatus.SEE_OTHER)


def _page(
    who: ConsultantRow,
    *,
    date_form: forms.DateHours | None = None,
    journey_form: forms.Journey | None = None,
) -> str:
    today = clock.today()
    return render_template(
        "booking/dates.html",
        who=who,
        zone=texts.zone,
        rows=[
            (row.day, [(clock_text(begins), clock_text(ends)) for begins, ends in row.windows])
            for row in hours.dates(consultant_id=who.id, day_from=today)
        ],
        journeys=hours.journeys(consultant_id=who.id, day_from=today),
        holidays=holidays.between(first_day=today, last_day=today + timedelta(days=AHEAD_DAYS)),
        follows_holidays=hours.rhythm(who.id).follows_holidays,
        weekdays=[str(each) for each in texts.WEEKDAYS],
        form=date_form or forms.DateHours(session_minutes=who.session_minutes, formdata=None),
        journey_form=journey_form or forms.Journey(formdata=None),
    )

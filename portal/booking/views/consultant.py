"""A consultant's pages: weekly hours and days off."""

from datetime import date, timedelta
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.booking import forms, texts
from portal.booking.actions import hours as actions
from portal.booking.queries import consultants, sessions
from portal.booking.queries import hours as reads
from portal.booking.queries.consultants import ConsultantRow
from portal.booking.rules.hours import BadDays
from portal.booking.rules.sessions import State
from portal.booking.views.blueprint import bp, me_or_404
from portal.i18n import gettext as _

SHOWN_DAYS = 14  # how far ahead the number of sessions is counted


@bp.get("/hours")
@requires(Role.CONSULTANT)
def hours() -> ResponseReturnValue:
    """Show the weekly hours, what they come to, and the days off."""
    who = consultants.consultant_of_person(current_member().person_id)
    if who is None:
        return render_template("booking/not_bookable.html")
    form = _hours_form(who)
    form.show(reads.weekly_windows(who.id))
    return _page(who, form=form)


@bp.post("/hours")
@requires(Role.CONSULTANT)
def save_hours() -> ResponseReturnValue:
    """Save the weekly hours, or only count what they would come to."""
    who = me_or_404()
    form = _hours_form(who)
    if not form.validate_on_submit():
        return _page(who, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    if "preview" in request.form:
        planned = reads.slot_count(
            consultant_id=who.id, at=clock.now(), days=SHOWN_DAYS, windows=form.windows
        )
        return _page(who, form=form, planned=planned)
    actions.set_hours(consultant_id=who.id, windows=form.windows)
    flash(_("排班已保存。已经约好的会谈不受影响。"), "message")
    return redirect(url_for("booking.hours"))


@bp.post("/days-off")
@requires(Role.CONSULTANT)
def add_day_off() -> ResponseReturnValue:
    """Take a day off."""
    who, form = me_or_404(), forms.DayOff()
    valid, day = form.validate_on_submit(), form.day.data
    if valid and day:
        try:
            actions.add_day_off(
                consultant_id=who.id,
                day=day,
                last_day=form.last_day.data,
                reason=form.reason.data or "",
                today=clock.today(),
            )
        except actions.AlreadyOff:
            form.day.errors = [_("这天已经在休息日里了。")]
        except actions.PastDay:
            form.day.errors = [_("这天已经过去了，请选今天或以后的日期。")]
        except BadDays:
            form.last_day.errors = [_("最后一天不能早于第一天，一次最多一年。")]
        else:
            _say_what_stays(who, day, form.last_day.data or day)
            return redirect(url_for("booking.hours"))
    shown = _hours_form(who)
    shown.show(reads.weekly_windows(who.id))
    return _page(who, form=shown, day_off=form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/days-off/<int:time_off_id>/remove")
@requires(Role.CONSULTANT)
def remove_day_off(time_off_id: int) -> ResponseReturnValue:
    """Receive dealers on that day again."""
    actions.remove_day_off(consultant_id=me_or_404().id, time_off_id=time_off_id)
    flash(_("已恢复这天的排班。"), "message")
    return redirect(url_for("booking.hours"))


def _hours_form(who: ConsultantRow) -> forms.WeeklyHours:
    return forms.WeeklyHours(session_minutes=who.session_minutes)


def _say_what_stays(who: ConsultantRow, day: date, last_day: date) -> None:
    """Say which sessions of the new days off are still to be held or called off by hand."""
    agreed = sessions.sessions_of_consultant(
        person_id=who.person_id, day_from=day, day_to=last_day + timedelta(days=1)
    )
    count = sum(row.state is State.BOOKED for row in agreed)
    if count:
        flash(
            _("已加上休息日。期间还有 %(count)s 场约好的会谈，不会自动取消。", count=count), "warn"
        )
    else:
        flash(_("已加上休息日。"), "message")


def _page(
    who: ConsultantRow,
    *,
    form: forms.WeeklyHours,
    day_off: forms.DayOff | None = None,
    planned: int | None = None,
) -> str:
    """Return the page; `planned` is what unsaved hours would come to."""
    return render_template(
        "booking/hours.html",
        who=who,
        form=form,
        weekdays=[(str(name), form.pairs(number)) for number, name in enumerate(texts.WEEKDAYS)],
        day_off=day_off or forms.DayOff(formdata=None),
        days_off=reads.days_off(consultant_id=who.id, day_from=clock.today()),
        planned=planned,
        count=reads.slot_count(consultant_id=who.id, at=clock.now(), days=SHOWN_DAYS),
        shown_days=SHOWN_DAYS,
    )

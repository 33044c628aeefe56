"""An operator's page of days off and make-up days, which the consultants' hours follow."""

from datetime import date
from http import HTTPStatus

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Role, requires
from portal.booking import forms, texts
from portal.booking.actions import holidays as actions
from portal.booking.queries import holidays
from portal.booking.rules import workdays
from portal.booking.views.blueprint import bp
from portal.i18n import gettext as _


@bp.get("/holidays")
@requires(Role.OPERATOR)
def holiday_plan() -> ResponseReturnValue:
    """Show a year's days off and make-up days."""
    return _page(forms.SpecialDays(formdata=None), year=_year(request.args.get("year")))


@bp.post("/holidays/<int:year>/fill")
@requires(Role.OPERATOR)
def fill_holidays(year: int) -> ResponseReturnValue:
    """Add what the State Council announced for a year."""
    shown = _year(str(year))
    if shown != year:
        abort(HTTPStatus.NOT_FOUND)
    try:
        added = actions.fill_year(year=year)
    except workdays.NotAnnounced:
        flash(_("%(year)s 年的安排还没有收录，请按公告手工加。", year=year), "warn")
    else:
        flash(_("加了 %(count)s 天，已有的日子没有动。", count=added), "message")
    return _back(year)


@bp.post("/holidays")
@requires(Role.OPERATOR)
def set_holidays() -> ResponseReturnValue:
    """Enter days off, or days that are worked as a weekday."""
    form = forms.SpecialDays()
    if form.validate_on_submit():
        first_day, last_day = form.dates()
        try:
            actions.set_days(
                first_day=first_day,
                last_day=last_day,
                works_as=form.works_as(),
                name_zh=form.name_zh.data or "",
                name_en=form.name_en.data or "",
            )
        except actions.TooManyDays:
            form.last_day.errors = [_("结束不能早于开始，一次最多 31 天")]
        else:
            _say_what_stays(first_day, last_day, works=form.works_as() is not None)
            return _back(first_day.year)
    shown = form.first_day.data or clock.today()
    return _page(form, year=_year(str(shown.year))), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/holidays/<day>/remove")
@requires(Role.OPERATOR)
def remove_holiday(day: str) -> ResponseReturnValue:
    """Let a day be what its weekday says."""
    try:
        removed = date.fromisoformat(day)
    except ValueError:
        abort(HTTPStatus.NOT_FOUND)
    actions.remove(day=removed)
    flash(_("%(day)s恢复成平常日子。", day=i18n.day(removed)), "message")
    return _back(removed.year)


def _year(text: str | None) -> int:
    """Return the year to show: last year to the one after next, this one for anything else."""
    this = clock.today().year
    known = range(this - 1, this + 3)
    return next((each for each in known if str(each) == text), this)


def _back(year: int) -> ResponseReturnValue:
    return redirect(url_for("booking.holiday_plan", year=year), HTTPStatus.SEE_OTHER)


def _say_what_stays(first_day: date, last_day: date, *, works: bool) -> None:
    """Say which sessions of days off are still to be held or called off by hand."""
    count = 0
    if not works:
        count = holidays.agreed_on(first_day=first_day, last_day=last_day, zone=clock.zone())
    if count:
        text = _("已保存。这几天还有 %(count)s 场约好的会谈，不会自动取消。", count=count)
        flash(text, "warn")
    else:
        flash(_("已保存，顾问的排班随之更新。"), "message")


def _page(form: forms.SpecialDays, *, year: int) -> str:
    this = clock.today().year
    return render_template(
        "booking/holidays.html",
        form=form,
        year=year,
        years=range(this, this + 2),
        rows=holidays.of_year(year),
        is_announced=workdays.is_announced(year),
        is_complete=holidays.is_complete(year),
        missing=holidays.missing_year(today=clock.today()),
        weekdays=[str(each) for each in texts.WEEKDAYS],
        statutory_days=workdays.STATUTORY_DAYS,
    )

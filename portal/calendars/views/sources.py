"""A consultant's own calendars elsewhere: connected, looked at, read again, removed."""

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.booking.queries import consultants
from portal.calendars import actions, forms, queries, rules, texts
from portal.calendars.queries import SourceRow
from portal.calendars.rules import SourceKind
from portal.calendars.views.blueprint import bp
from portal.i18n import gettext as _


@bp.get("/outside")
@requires(Role.CONSULTANT)
def sources() -> ResponseReturnValue:
    """Show the calendars from which busy time is taken."""
    member = current_member()
    return render_template(
        "calendars/sources.html",
        sources=queries.sources_of(person_id=member.person_id),
        can_be_booked=consultants.consultant_of_person(member.person_id) is not None,
        kinds={each: texts.kind(each) for each in SourceKind},
        state_of=texts.state,
        most=rules.MOST_SOURCES,
    )


def _kind(name: str) -> SourceKind:
    if name not in {each.value for each in SourceKind}:
        abort(HTTPStatus.NOT_FOUND)
    return SourceKind(name)


def _new_page(kind: SourceKind, form: forms.NewSource | None = None) -> str:
    return render_template(
        "calendars/source_new.html",
        kind=kind,
        kind_text=texts.kind(kind),
        steps=texts.steps(kind),
        form=form or forms.new_source_form(kind),
    )


@bp.get("/outside/new/<kind>")
@requires(Role.CONSULTANT)
def new_source(kind: str) -> ResponseReturnValue:
    """Ask for one's own calendar."""
    return _new_page(_kind(kind))


@bp.post("/outside/new/<kind>")
@requires(Role.CONSULTANT)
def add_source(kind: str) -> ResponseReturnValue:
    """Connect one's own calendar; it is read a moment later."""
    of_kind = _kind(kind)
    member, form = current_member(), forms.new_source_form(of_kind)
    consultant = consultants.consultant_of_person(member.person_id)
    if consultant is None:
        abort(HTTPStatus.NOT_FOUND)
    if not form.validate_on_submit():
        return _new_page(of_kind, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        source_id = actions.add_source(
            person_id=member.person_id,
            consultant_id=consultant.id,
            kind=of_kind,
            name=form.name.data or "",
            url=form.url.data or "",
            user=form["user"].data if "user" in form else None,
            password=form["password"].data if "password" in form else None,
            at=clock.now(),
        )
    except actions.BadAddress:
        form.url.errors = [texts.bad_address()]
        return _new_page(of_kind, form), HTTPStatus.UNPROCESSABLE_ENTITY
    except actions.TooMany:
        form.name.errors = [_("最多连 %(most)s 个，先删掉不用的。", most=rules.MOST_SOURCES)]
        return _new_page(of_kind, form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("连上了，正在读。过几秒刷新这一页看结果。"))
    return _back_to(source_id)


def _back_to(source_id: int) -> ResponseReturnValue:
    return redirect(url_for("calendars.source", source_id=source_id), HTTPStatus.SEE_OTHER)


def _own(source_id: int) -> SourceRow:
    found = queries.source_of(source_id=source_id, person_id=current_member().person_id)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


@bp.get("/outside/<int:source_id>")
@requires(Role.CONSULTANT)
def source(source_id: int) -> ResponseReturnValue:
    """Show what was read of a calendar, and what could not be."""
    found = _own(source_id)
    name, tone = texts.state(found)
    return render_template(
        "calendars/source.html",
        source=found,
        kind_text=texts.kind(found.kind),
        state_text=name,
        tone=tone,
        fault_text=texts.fault(found.fault) if found.fault else "",
        troubles=[texts.trouble(each) for each in found.troubles],
    )


@bp.post("/outside/<int:source_id>/refresh")
@requires(Role.CONSULTANT)
def refresh_source(source_id: int) -> ResponseReturnValue:
    """Have a calendar read now."""
    try:
        actions.refresh_source(
            source_id=source_id, person_id=current_member().person_id, at=clock.now()
        )
    except actions.NoSuchSource:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("正在读。过几秒刷新这一页看结果。"))
    return _back_to(source_id)


@bp.post("/outside/<int:source_id>/remove")
@requires(Role.CONSULTANT)
def remove_source(source_id: int) -> ResponseReturnValue:
    """Forget a calendar and its busy time."""
    try:
        actions.remove_source(source_id=source_id, person_id=current_member().person_id)
    except actions.NoSuchSource:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("删掉了，它占的时间都放开了。"))
    return redirect(url_for("calendars.sources"), HTTPStatus.SEE_OTHER)

"""A consultant's sessions: the days ahead, one session with its brief, the note after it."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.booking.actions import bookings, notes
from portal.booking.actions.bookings import NoSuchSession
from portal.booking.rules.sessions import IllegalMove, TooEarly
from portal.coaching import forms, queries
from portal.coaching.queries import Brief
from portal.i18n import gettext as _

bp = Blueprint("coaching", __name__, url_prefix="/sessions", template_folder="templates")


@bp.get("")
@requires(Role.CONSULTANT)
def sessions() -> ResponseReturnValue:
    """Show the consultant's days ahead."""
    person_id, today = current_member().person_id, clock.today()
    return render_template(
        "coaching/sessions.html",
        days=queries.days_ahead(person_id=person_id, today=today),
        owed=queries.notes_owed(person_id=person_id, today=today),
        today=today,
        past=False,
    )


@bp.get("/past")
@requires(Role.CONSULTANT)
def past() -> ResponseReturnValue:
    """Show the consultant's past sessions, newest first."""
    person_id, today = current_member().person_id, clock.today()
    days = queries.days_back(person_id=person_id, today=today)
    return render_template("coaching/sessions.html", days=days, owed=[], today=today, past=True)


@bp.get("/<public_id>")
@requires(Role.CONSULTANT)
def show(public_id: str) -> ResponseReturnValue:
    """Show one session with the dealer's report beside it."""
    brief = _own(public_id)
    note = brief.session.note
    form = forms.Note(text=note.text, private_text=note.private_text, version=str(note.version))
    return _page(brief, form)


@bp.post("/<public_id>/note")
@requires(Role.CONSULTANT)
def write_note(public_id: str) -> ResponseReturnValue:
    """Save the note of a session."""
    brief = _own(public_id)
    form = forms.Note()
    if not form.validate_on_submit():
        return _page(brief, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        notes.write_note(
            public_id=public_id,
            person_id=current_member().person_id,
            text=form.text.data or "",
            private_text=form.private_text.data or "",
            version=int(form.version.data or 0),
            at=clock.now(),
        )
    except notes.NoteChanged:
        return _merge(brief, form)
    flash(_("记录已保存，渠道商可以看到"), "message")
    return redirect(url_for("coaching.show", public_id=public_id))


def _merge(brief: Brief, form: forms.Note) -> ResponseReturnValue:
    """Show both texts: what was typed stays in the form, what is stored stands above it."""
    form.version.data = str(brief.session.note.version)
    form.text.errors = [
        _("这条记录在另一个页面改过了。下面是你写的，上面是已保存的，合并后再保存一次。")
    ]
    return _page(brief, form, stored=brief.session.note.text), HTTPStatus.CONFLICT


@bp.post("/<public_id>/done")
@requires(Role.CONSULTANT)
def mark_done(public_id: str) -> ResponseReturnValue:
    """Record that the session was held."""
    return _conclude(public_id, held=True)


@bp.post("/<public_id>/no-show")
@requires(Role.CONSULTANT)
def mark_no_show(public_id: str) -> ResponseReturnValue:
    """Record that the dealer did not come."""
    return _conclude(public_id, held=False)


def _conclude(public_id: str, *, held: bool) -> ResponseReturnValue:
    mark = notes.mark_done if held else notes.mark_no_show
    try:
        mark(public_id=public_id, person_id=current_member().person_id, at=clock.now())
    except NoSuchSession:
        abort(HTTPStatus.NOT_FOUND)
    except TooEarly:
        flash(_("会谈还没开始，开始后再记结果"), "warn")
    except IllegalMove:
        flash(_("这场会谈已经取消，结果没有改动"), "warn")
    else:
        flash(_("已记为完成") if held else _("已记为对方未到"), "message")
    return redirect(url_for("coaching.show", public_id=public_id), HTTPStatus.SEE_OTHER)


@bp.get("/<public_id>/call-off")
@requires(Role.CONSULTANT)
def ask_call_off(public_id: str) -> ResponseReturnValue:
    """Ask for the reason before a session is called off."""
    return render_template("coaching/call_off.html", brief=_own(public_id), form=forms.CallOff())


@bp.post("/<public_id>/call-off")
@requires(Role.CONSULTANT)
def call_off(public_id: str) -> ResponseReturnValue:
    """Call a session off and tell the dealer why."""
    brief, form = _own(public_id), forms.CallOff()
    if not form.validate_on_submit():
        html = render_template("coaching/call_off.html", brief=brief, form=form)
        return html, HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        bookings.call_off(
            public_id=public_id,
            person_id=current_member().person_id,
            reason=form.reason.data or "",
            at=clock.now(),
        )
    except IllegalMove:
        flash(_("这场会谈已经结束或取消，没有改动"), "warn")
    else:
        flash(_("已取消，并通知了渠道商"), "message")
    return redirect(url_for("coaching.sessions"))


def _own(public_id: str) -> Brief:
    brief = queries.brief(public_id=public_id, person_id=current_member().person_id, at=clock.now())
    if brief is None:
        abort(HTTPStatus.NOT_FOUND)
    return brief


def _page(brief: Brief, form: forms.Note, *, stored: str = "") -> str:
    return render_template("coaching/session.html", brief=brief, form=form, stored=stored)

"""Learning in one shop: the owner sees the staff's progress and asks for courses; own page."""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.i18n import gettext as _
from portal.teaching import actions, forms
from portal.teaching.queries import staff
from portal.teaching.queries.staff import MemberRow

bp = Blueprint("team", __name__, template_folder="../templates")
USUAL = timedelta(days=14)


@bp.get("/team")
@requires(Role.DEALER, owner=True)
def index() -> ResponseReturnValue:
    """Show how far everybody of the shop is."""
    rows = staff.team(organisation_id=current_member().organisation_id, today=clock.today())
    return render_template("teaching/team.html", rows=rows)


@bp.get("/team/<int:person_id>")
@requires(Role.DEALER, owner=True)
def show(person_id: int) -> ResponseReturnValue:
    """Show how far one of the staff is, with the form to ask for a course."""
    row = _row(person_id)
    form = forms.Assignment(due_on=clock.today() + USUAL)
    return _page(row, form), HTTPStatus.OK


@bp.post("/team/<int:person_id>/assign")
@requires(Role.DEALER, owner=True)
def assign(person_id: int) -> ResponseReturnValue:
    """Ask one of the staff to take a course."""
    row = _row(person_id)
    form = forms.Assignment()
    form.offer(_choices(row), today=clock.today())
    if form.validate_on_submit() and form.due_on.data:
        try:
            actions.assign(
                by=current_member(),
                person_id=person_id,
                slug=form.course.data,
                due_on=form.due_on.data,
                at=clock.now(),
            )
        except (actions.AskedBefore, actions.NotOffered):
            form.course.errors = [_("这门课已经安排过，或者已经学完")]
        except actions.NotOfTheTeam:
            abort(HTTPStatus.NOT_FOUND)
        else:
            flash(_("安排好了，%(name)s 会收到通知", name=row.name), "message")
            return redirect(url_for("team.show", person_id=person_id), HTTPStatus.SEE_OTHER)
    return _page(row, form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/team/assignments/<int:assignment_id>/withdraw")
@requires(Role.DEALER, owner=True)
def withdraw(assignment_id: int) -> ResponseReturnValue:
    """Take back what was asked; what was learnt stays."""
    try:
        person_id = actions.withdraw(by=current_member(), assignment_id=assignment_id)
    except actions.NoSuchAssignment:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("安排取消了，学过的都还在。要恢复，重新安排一次就行。"), "message")
    return redirect(url_for("team.show", person_id=person_id), HTTPStatus.SEE_OTHER)


@bp.get("/my-learning")
@requires(Role.DEALER)
def mine() -> ResponseReturnValue:
    """Show everybody how far they are, what was asked of them, and who else sees it."""
    member = current_member()
    return render_template(
        "teaching/mine.html", row=staff.own(member=member, today=clock.today()), who=member
    )


def _row(person_id: int) -> MemberRow:
    row = staff.one_of_team(
        organisation_id=current_member().organisation_id, person_id=person_id, today=clock.today()
    )
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    return row


def _choices(row: MemberRow) -> list[tuple[str, str]]:
    return [
        (each.slug, _("%(title)s（%(minutes)s 分钟）", title=each.title, minutes=each.minutes))
        for each in staff.open_to(row)
    ]


def _page(row: MemberRow, form: forms.Assignment) -> str:
    form.offer(_choices(row), today=clock.today())
    return render_template("teaching/member.html", row=row, form=form, today=clock.today())

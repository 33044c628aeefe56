"""Operators' pages: where everything behind the portal is found, and its jobs."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.admin import forms, pages
from portal.i18n import gettext as _
from portal.outbox import actions, queries
from portal.outbox.rules import Pile
from portal.paging import requested_page

bp = Blueprint("admin", __name__, template_folder="templates")


@bp.get("/admin")
@requires(Role.OPERATOR)
def index() -> ResponseReturnValue:
    """List what an operator finds behind the portal."""
    return render_template("admin/index.html", places=pages.places())


@bp.get("/jobs")
@requires(Role.OPERATOR)
def jobs() -> ResponseReturnValue:
    """List a pile of jobs: what failed first, so that nothing else needs to be looked at."""
    sizes = queries.pile_sizes()
    wanted = request.args.get("pile", "")
    pile = Pile(wanted) if wanted in set(Pile) else pages.first_pile(sizes)
    page = pages.jobs(
        pile=pile,
        sizes=sizes,
        kind=request.args.get("kind") or None,
        page=requested_page(),
        at=clock.now(),
    )
    return render_template("admin/jobs.html", page=page)


@bp.post("/jobs/<int:job_id>/again")
@requires(Role.OPERATOR)
def try_again(job_id: int) -> ResponseReturnValue:
    """Let a job that failed for good start over."""
    try:
        actions.try_again(job_id=job_id, at=clock.now())
    except actions.NotDead:
        return _settled()
    flash(_("已重新排队，马上再试"), "message")
    return redirect(url_for("admin.jobs"), HTTPStatus.SEE_OTHER)


@bp.get("/jobs/<int:job_id>/give-up")
@requires(Role.OPERATOR)
def give_up(job_id: int) -> ResponseReturnValue:
    """Ask why a job is given up."""
    return _give_up_page(job_id, forms.GiveUp())


@bp.post("/jobs/<int:job_id>/give-up")
@requires(Role.OPERATOR)
def confirm_give_up(job_id: int) -> ResponseReturnValue:
    """Give a job up that failed for good."""
    form = forms.GiveUp()
    if not form.validate_on_submit():
        return _give_up_page(job_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.give_up(
            job_id=job_id,
            by_person_id=current_member().person_id,
            reason=str(form.reason.data),
            at=clock.now(),
        )
    except actions.NotDead:
        return _settled()
    flash(_("已放弃，原因记下了"), "message")
    return redirect(url_for("admin.jobs"), HTTPStatus.SEE_OTHER)


def _give_up_page(job_id: int, form: forms.GiveUp) -> str:
    found = queries.job(job_id)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "admin/give_up.html", form=form, job=pages.shown_job(found, at=clock.now())
    )


def _settled() -> ResponseReturnValue:
    flash(_("这个任务已经不在“没有做成”里了"), "warn")
    return redirect(url_for("admin.jobs"), HTTPStatus.SEE_OTHER)

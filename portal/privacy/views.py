"""A person's own data: a copy of it, deleting the account; and the operators' list of both."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Role, current_member, requires
from portal.i18n import gettext as _
from portal.privacy import actions, forms, pages, queries, texts
from portal.privacy.walking import Subject

bp = Blueprint("privacy", __name__, template_folder="templates")


@bp.get("/account/privacy")
@requires(before_factor=True)
def index() -> ResponseReturnValue:
    """Show what can be taken away, the copies that were made, and how to leave."""
    member = current_member()
    return render_template(
        "privacy/index.html",
        exports=pages.exports(member.person_id),
        planned=queries.planned_deletion(member.person_id),
        obstacles=texts.obstacles(queries.obstacles(member.person_id, at=clock.now())),
        may_export_organisation=member.is_owner,
    )


@bp.post("/account/privacy/copy")
@requires(fresh=True)
def copy_own() -> ResponseReturnValue:
    """Have a copy of one's own data made."""
    return _copy(Subject(person_id=current_member().person_id), "privacy.index")


@bp.post("/account/privacy/copy-organisation")
@requires(owner=True, fresh=True)
def copy_organisation() -> ResponseReturnValue:
    """Have a copy of the organisation's data made."""
    return _copy(Subject(organisation_id=current_member().organisation_id), "privacy.index")


def _copy(subject: Subject, back: str) -> ResponseReturnValue:
    actions.ask_for_copy(subject=subject, asked_by=current_member().person_id, at=clock.now())
    flash(_("开始整理数据，好了就能在这里下载"))
    return redirect(url_for(back), HTTPStatus.SEE_OTHER)


@bp.get("/account/privacy/copies/<public_id>.zip")
@requires(fresh=True)
def take(public_id: str) -> ResponseReturnValue:
    """Send a copy to who asked for it; it does not exist for others."""
    path = queries.file_for(public_id=public_id, asked_by=current_member().person_id)
    if path is None:
        abort(HTTPStatus.NOT_FOUND)
    actions.note_taken(public_id=public_id)
    day = i18n.local(clock.now()).date().isoformat()
    return send_file(
        path, mimetype="application/zip", as_attachment=True, download_name=f"tongtu-{day}.zip"
    )


@bp.route("/account/privacy/delete", methods=["GET", "POST"])
@requires(fresh=True)
def delete() -> ResponseReturnValue:
    """Say what deletion does; plan it once the name is typed."""
    member = current_member()
    form = forms.DeleteAccount(expected=member.person_name)
    problems = texts.obstacles(queries.obstacles(member.person_id, at=clock.now()))
    if form.validate_on_submit() and not problems:
        try:
            due_at = actions.plan_deletion(person_id=member.person_id, at=clock.now())
        except actions.Obstructed as error:
            problems = texts.obstacles(error.obstacles)
        else:
            flash(_("账号将在 %(when)s 注销，在那之前可以撤销", when=i18n.moment(due_at)))
            return redirect(url_for("privacy.index"), HTTPStatus.SEE_OTHER)
    refused = request.method == "POST"
    page = render_template("privacy/delete.html", form=form, obstacles=problems)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK


@bp.post("/account/privacy/keep")
@requires(before_factor=True)
def keep() -> ResponseReturnValue:
    """Undo a planned deletion."""
    try:
        actions.undo_deletion(person_id=current_member().person_id, at=clock.now())
    except actions.NothingPlanned:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("注销已撤销，账号和数据都还在"))
    return redirect(url_for("privacy.index"), HTTPStatus.SEE_OTHER)


@bp.route("/privacy", methods=["GET", "POST"])
@requires(Role.OPERATOR, fresh=True)
def requests() -> ResponseReturnValue:
    """Show the deletions that are planned; make a copy for a person or an organisation."""
    form = forms.WhoseCopy()
    if form.validate_on_submit():
        found = queries.named(form.whose.data or "")
        if len(found) == 1:
            subject = Subject(found[0].person_id, found[0].organisation_id)
            return _copy(subject, "privacy.requests")
        form.whose.errors = [
            _("没有找到这个人或组织") if not found else _("不止一个叫这个名字，请用手机号或邮箱")
        ]
    page = render_template(
        "privacy/requests.html",
        form=form,
        exports=pages.exports(current_member().person_id),
        deletions=pages.deletions(at=clock.now()),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK

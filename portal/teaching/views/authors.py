"""An author's pages: courses with their versions, drop-off, questions, reports, publishing."""

from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.i18n import gettext as _
from portal.learning.rules import ReportState, is_name
from portal.paging import requested_page
from portal.questions.queries import answering
from portal.teaching import actions, forms
from portal.teaching.queries import courses, drafts, questions, reports

bp = Blueprint("teaching", __name__, url_prefix="/teaching", template_folder="../templates")
AUTHORS = (Role.AUTHOR, Role.OPERATOR)


@bp.url_value_preprocessor
def _refuse_impossible_names(_endpoint: str | None, values: dict[str, str] | None) -> None:
    """Answer 404 before a database is asked for a name that no course or lesson can have."""
    if not all(is_name((values or {}).get(part, "-")) for part in ("slug", "name")):
        abort(HTTPStatus.NOT_FOUND)


@bp.get("")
@requires(*AUTHORS)
def index() -> ResponseReturnValue:
    """Show all courses: who learns what, and what wants looking after."""
    return render_template(
        "teaching/index.html",
        courses=courses.course_list(today=clock.today()),
        reports=reports.open_by_course(),
        asked=answering.open_by_course() if current_member().role is Role.AUTHOR else None,
    )


@bp.get("/courses/<slug>")
@requires(*AUTHORS)
def course(slug: str) -> ResponseReturnValue:
    """Show one course: its versions, and where learners drop off."""
    page = courses.course_page(slug=slug, version=_version(), today=clock.today())
    if page is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template("teaching/course.html", page=page, open_reports=reports.open_count(slug))


@bp.get("/courses/<slug>/<name>")
@requires(*AUTHORS)
def lesson(slug: str, name: str) -> ResponseReturnValue:
    """Show the questions of one lesson: figures, and what learners chose."""
    page = questions.lesson_page(slug=slug, name=name, version=_version())
    if page is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template("teaching/lesson.html", page=page)


def _version() -> str | None:
    return request.args.get("version", "")[:80] or None


# Publishing


def _content() -> Path:
    folder: Path = current_app.extensions["tongtu.settings"].content_dir / "courses"
    return folder


@bp.get("/publish")
@requires(*AUTHORS)
def draft() -> ResponseReturnValue:
    """Show what publishing would change, and for whom."""
    return _draft_page(moved=False)


def _draft_page(*, moved: bool) -> str:
    page = drafts.page(_content(), today=clock.today())
    form = forms.Publish(None, seen=page.digest)  # what was sent named an older state
    return render_template("teaching/publish.html", page=page, form=form, moved=moved)


@bp.post("/publish")
@requires(*AUTHORS)
def publish() -> ResponseReturnValue:
    """Publish what was looked at; what has changed since then is shown again instead."""
    form = forms.Publish()
    if not form.validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)  # the digest is ours: only a forged form lacks it
    try:
        done = actions.publish(
            folder=_content(), seen=form.seen.data or "", at=clock.now(), today=clock.today()
        )
    except actions.Changed:
        page = drafts.page(_content(), today=clock.today())
        again = render_template(
            "teaching/publish.html",
            page=page,
            form=forms.Publish(None, seen=page.digest),
            moved=True,
        )
        return again, HTTPStatus.UNPROCESSABLE_ENTITY
    flash(
        _(
            "发布好了：新课程 %(new)s 门，改动 %(changed)s 门，下架 %(gone)s 门，"
            "%(moved)s 人换到了新版本。",
            new=len(done.new),
            changed=len(done.changed),
            gone=len(done.withdrawn),
            moved=done.learners_moved,
        ),
        "message",
    )
    if done.paths.any:
        flash(
            _(
                "学习路径：新增 %(new)s 条，改动 %(changed)s 条，下架 %(gone)s 条。",
                new=len(done.paths.new),
                changed=len(done.paths.changed),
                gone=len(done.paths.withdrawn),
            ),
            "message",
        )
    return redirect(url_for("teaching.index"), HTTPStatus.SEE_OTHER)


# Reports about lessons


@bp.get("/reports")
@requires(*AUTHORS)
def all_reports() -> ResponseReturnValue:
    """Show what readers reported as wrong or out of date."""
    is_open = request.args.get("state") != "closed"
    slug = request.args.get("course", "")
    slug = slug if is_name(slug) else ""
    return render_template(
        "teaching/reports.html",
        paged=reports.page(is_open=is_open, slug=slug, page=requested_page()),
        is_open=is_open,
        slug=slug,
    )


@bp.get("/reports/<int:report_id>")
@requires(*AUTHORS)
def report(report_id: int) -> ResponseReturnValue:
    """Show one report, with the form to answer it while it is open."""
    return _report_page(report_id, forms.Answer()), HTTPStatus.OK


@bp.post("/reports/<int:report_id>")
@requires(*AUTHORS)
def answer(report_id: int) -> ResponseReturnValue:
    """Answer a report and close it; who reported is told."""
    form = forms.Answer()
    if not form.validate_on_submit():
        return _report_page(report_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.answer_report(
            report_id=report_id,
            state=ReportState(form.state.data),
            text=form.text.data or "",
            by=current_member(),
            at=clock.now(),
        )
    except actions.NoSuchReport:
        abort(HTTPStatus.NOT_FOUND)
    except actions.AnsweredBefore:
        flash(_("别人刚刚回复过这一条，你写的没有发出"), "info")
        return redirect(url_for("teaching.report", report_id=report_id), HTTPStatus.SEE_OTHER)
    flash(_("已回复，对方会收到通知"), "message")
    return redirect(url_for("teaching.all_reports"), HTTPStatus.SEE_OTHER)


def _report_page(report_id: int, form: forms.Answer) -> str:
    row = reports.one(report_id)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template("teaching/report.html", row=row, form=form)

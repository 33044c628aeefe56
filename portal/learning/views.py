"""Pages of the courses: dealers learn, the alliance's own people look."""

from http import HTTPStatus
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from portal import clock, i18n, security
from portal.access import Role, current_member, member_or_none, public, requires
from portal.i18n import gettext as _
from portal.idempotency.guard import repeatable
from portal.learning import actions, finding, forms, lesson_reports, pages, queries, rules, sheets
from portal.paging import requested_page

bp = Blueprint("learning", __name__, url_prefix="/courses", template_folder="templates")
ASSET_KEPT_S = 3_600
READERS = (Role.DEALER, Role.CONSULTANT, Role.OPERATOR, Role.AUTHOR)


@bp.after_request
def _say_whose(response: Response) -> Response:
    """Name whose page it is: the service worker keeps a page for nobody else."""
    member = member_or_none()
    if member is not None and member.role is Role.DEALER:
        mark = security.mark_of(member.person_id, member.organisation_id)
        response.headers["X-Tongtu-Person"] = mark
    return response


@bp.get("/worker.js")
@public
def worker() -> ResponseReturnValue:
    """Send the service worker of the courses; it changes when one of its files does."""
    not_courses = sorted(rules.RESERVED_COURSES)
    response = make_response(render_template("learning/worker.js", not_courses=not_courses))
    response.mimetype = "text/javascript"
    response.headers["Service-Worker-Allowed"] = url_for("learning.index")
    return response


@bp.get("/offline.html")
@public
def no_page() -> ResponseReturnValue:
    """Say that there is no network and that the page asked for is not on the device."""
    return render_template("learning/no_page.html")


@bp.get("/offline.json")
@public
def who() -> ResponseReturnValue:
    """Tell a page that was kept who is signed in now, and the proof for their forms."""
    member = member_or_none()
    mark = security.mark_of(member.person_id, member.organisation_id) if member else None
    return jsonify(person=mark, token=generate_csrf())


@bp.url_value_preprocessor
def _refuse_impossible_names(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Answer 404 before a database is asked for a name that no course or lesson can have."""
    if not all(rules.is_name((values or {}).get(part, "-")) for part in ("slug", "name")):
        abort(HTTPStatus.NOT_FOUND)


@bp.get("")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """Show all courses."""
    offer = queries.offer(member=current_member(), language=i18n.language_tag())
    return render_template(
        "learning/index.html",
        notes_url=_practice_url("notes.mine") if current_member().role is Role.DEALER else None,
        questions_url=_practice_url("questions.mine")
        if current_member().role is Role.DEALER
        else None,
        paths=offer.paths,
        courses=offer.courses,
        certificates_url=_certificates_url(),
    )


@bp.get("/search")
@requires(*READERS)
def search() -> ResponseReturnValue:
    """Show what courses, lessons and questions have the words that are looked for."""
    found = finding.found(
        member=current_member(),
        query=request.args.get("q", "").strip()[: finding.MAX_QUERY_CHARS],
        language=i18n.language_tag(),
        page=requested_page(),
    )
    return render_template("learning/search.html", found=found)


@bp.get("/paths/<slug>")
@requires(*READERS)
def path(slug: str) -> ResponseReturnValue:
    """Show a learning path: its courses in order, how far the reader is, what comes next."""
    page = queries.path_page(member=current_member(), slug=slug, language=i18n.language_tag())
    if page is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template("learning/path.html", page=page, path=page.path)


@bp.get("/<slug>")
@requires(*READERS)
def course(slug: str) -> ResponseReturnValue:
    """Show a course and its lessons."""
    page = _course_page(slug)
    return render_template(
        "learning/course.html",
        course=page.course,
        lessons=page.lessons,
        actions=page.actions,
        change=page.change,
    )


@bp.post("/<slug>/enrol")
@requires(Role.DEALER)
def enrol(slug: str) -> ResponseReturnValue:
    """Enrol, then go to the lesson the member came from, else to the first."""
    try:
        actions.enrol(member=current_member(), slug=slug, at=clock.now())
    except actions.NoSuchCourse:
        abort(HTTPStatus.NOT_FOUND)
    page = _course_page(slug)
    names = [lesson.name for lesson in page.lessons]
    wanted = request.form.get("lesson", "")
    return _to_lesson(slug, wanted if wanted in names else names[0])


@bp.post("/<slug>/renew")
@requires(Role.DEALER)
def renew(slug: str) -> ResponseReturnValue:
    """Move to the course's newer version."""
    try:
        actions.renew(member=current_member(), slug=slug, at=clock.now())
    except (queries.NotEnrolled, actions.NoSuchCourse):
        abort(HTTPStatus.NOT_FOUND)
    flash(_("已换到新版本，两个版本都有的课时，进度接着算。"), "message")
    return redirect(url_for("learning.course", slug=slug), HTTPStatus.SEE_OTHER)


@bp.post("/<slug>/seen")
@requires(Role.DEALER)
def note_change(slug: str) -> ResponseReturnValue:
    """Put away what the course's page tells of a change."""
    try:
        actions.note_change(member=current_member(), slug=slug)
    except queries.NotEnrolled:
        abort(HTTPStatus.NOT_FOUND)
    return redirect(url_for("learning.course", slug=slug), HTTPStatus.SEE_OTHER)


@bp.get("/<slug>/complete")
@requires(Role.DEALER)
def complete(slug: str) -> ResponseReturnValue:
    """Say well done, and what to do next; who is not there yet sees the course."""
    page = _course_page(slug)
    if not page.course.enrolled:
        abort(HTTPStatus.NOT_FOUND)
    if page.course.state != "complete":
        return redirect(url_for("learning.course", slug=slug))
    return render_template(
        "learning/complete.html",
        course=page.course,
        actions=page.actions,
        upcoming=queries.next_step(member=current_member(), language=i18n.language_tag()),
        booking_url=_booking_url(),
        practice_url=_practice_url("practice.of_course", slug=slug),
        certificate_url=_certificate_url(page.course),
    )


@bp.get("/<slug>/<name>")
@requires(*READERS)
def lesson(slug: str, name: str) -> ResponseReturnValue:
    """Show a lesson: its text, what to do in the shop, its quiz."""
    return _lesson_page(slug, name, again="again" in request.args), HTTPStatus.OK


@bp.post("/<slug>/<name>/open")
@requires(Role.DEALER)
def open_lesson(slug: str, name: str) -> ResponseReturnValue:
    """Record that the member goes on with this lesson, and show it."""
    try:
        actions.open_lesson(member=current_member(), slug=slug, name=name, at=clock.now())
    except (queries.NotEnrolled, queries.NoSuchLesson):
        abort(HTTPStatus.NOT_FOUND)
    return _to_lesson(slug, name)


@bp.post("/<slug>/<name>/read")
@requires(Role.DEALER)
def read(slug: str, name: str) -> ResponseReturnValue:
    """Record that the member came to the end of the text."""
    try:
        actions.mark_read(member=current_member(), slug=slug, name=name, at=clock.now())
    except (queries.NotEnrolled, queries.NoSuchLesson):
        abort(HTTPStatus.NOT_FOUND)
    flash(_("这一课记下了。"), "message")
    return _to_lesson(slug, name)


@bp.post("/<slug>/<name>")
@requires(Role.DEALER)
def answer(slug: str, name: str) -> ResponseReturnValue:
    """Grade the quiz and show the outcome; what is incomplete stays as it was filled in."""
    form = forms.Attempt()
    if not form.validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)  # the key is ours: only a forged form lacks it
    sent = form.answers()
    try:
        actions.answer_quiz(
            member=current_member(), slug=slug, name=name, answers=sent, at=clock.now()
        )
    except (queries.NotEnrolled, queries.NoSuchLesson):
        abort(HTTPStatus.NOT_FOUND)
    except actions.Unanswered as refusal:
        draft = sheets.Draft(
            key=sent.key, asked=sent.asked, values=sent.values, problems=refusal.problems
        )
        return _lesson_page(slug, name, draft=draft), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(
        url_for("learning.lesson", slug=slug, name=name, _anchor="quiz"), HTTPStatus.SEE_OTHER
    )


@bp.post("/<slug>/<name>/watched")
@requires(Role.DEALER)
@repeatable("the last position counts, however often it is sent")
def watched(slug: str, name: str) -> ResponseReturnValue:
    """Keep how far the member watched the film; the page's script sends it."""
    form = forms.Position()
    if not form.validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)
    try:
        actions.save_position(
            member=current_member(),
            slug=slug,
            name=name,
            seconds=form.seconds.data or 0,
            at=clock.now(),
        )
    except (queries.NotEnrolled, queries.NoSuchLesson):
        abort(HTTPStatus.NOT_FOUND)
    return "", HTTPStatus.NO_CONTENT


@bp.post("/<slug>/<name>/report")
@requires(*READERS)
def report(slug: str, name: str) -> ResponseReturnValue:
    """Tell the author what is wrong or out of date."""
    form = forms.LessonReport()
    if not form.validate_on_submit():
        return _lesson_page(slug, name, report=form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        lesson_reports.report(
            member=current_member(),
            slug=slug,
            name=name,
            text=form.text.data or "",
            at=clock.now(),
        )
    except queries.NoSuchLesson:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("已经告诉课程作者，谢谢。"), "message")
    return _to_lesson(slug, name)


@bp.get("/<slug>/assets/<path:file>")
@requires(*READERS)
def asset(slug: str, file: str) -> ResponseReturnValue:
    """Send a picture or a film of a course, or the part of it that the browser asks for.

    Lessons name it relative to their own address.
    """
    folder = current_app.extensions["tongtu.settings"].content_dir / "courses" / slug / "assets"
    answer = send_from_directory(folder, file)
    # Only in this browser, which drops it at sign-out: a film is not loaded anew at each seek.
    answer.headers["Cache-Control"] = f"private, max-age={ASSET_KEPT_S}"
    return answer


def _course_page(slug: str) -> pages.CoursePage:
    page = queries.course_page(member=current_member(), slug=slug, language=i18n.language_tag())
    if page is None:
        abort(HTTPStatus.NOT_FOUND)
    return page


def _lesson_page(
    slug: str,
    name: str,
    *,
    again: bool = False,
    draft: sheets.Draft | None = None,
    report: forms.LessonReport | None = None,
) -> str:
    page = queries.lesson_page(
        member=current_member(),
        slug=slug,
        name=name,
        language=i18n.language_tag(),
        again=again,
        draft=draft,
    )
    if page is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "learning/lesson.html",
        lesson=page,
        quiz=page.quiz,
        practice_url=_practice_url("practice.take_on", slug=slug, name=name)
        if page.enrolled
        else None,
        booking_url=_stuck_url(page) if page.quiz and page.quiz.stuck else None,
        feedback_url=_feedback_url(page),
        notes_url=_notes_url(page),
        questions_url=_practice_url("questions.of_lesson", slug=page.slug, name=page.name),
        report=report,
        limits=forms,
    )


def _to_lesson(slug: str, name: str) -> ResponseReturnValue:
    return redirect(url_for("learning.lesson", slug=slug, name=name), HTTPStatus.SEE_OTHER)


def _certificate_url(course: pages.CourseCard) -> str | None:
    """Return where to claim the course's certificate, None where it earns none."""
    there = "certificates.claim" in current_app.view_functions
    return url_for("certificates.claim", slug=course.slug) if there and course.certificate else None


def _certificates_url() -> str | None:
    """Return where a dealer finds the certificates, None while the portal has none."""
    there = "certificates.mine" in current_app.view_functions
    is_learner = current_member().role is Role.DEALER
    return url_for("certificates.mine") if there and is_learner else None


def _booking_url(*, lesson: str | None = None, topic: str | None = None) -> str | None:
    """Return where to book a consultant, None while the portal has no bookings."""
    if "booking.index" not in current_app.view_functions:
        return None
    return url_for("booking.index", lesson=lesson, topic=topic)


def _stuck_url(page: pages.LessonPage) -> str | None:
    """Return where to book a consultant about this lesson's quiz: they will see what was wrong."""
    topic = _("“%(title)s”的小测没过，想把没想通的地方问清楚。", title=page.title)
    return _booking_url(lesson=page.id, topic=topic)


def _feedback_url(page: pages.LessonPage) -> str | None:
    """Return where a dealer tells what is wrong with the product that the lesson is about."""
    known = "feedback.create" in current_app.view_functions
    if not known or current_member().role is not Role.DEALER:
        return None
    return url_for(
        "feedback.create",
        lesson=page.id,
        version=page.course_version,
        code=page.product or None,
    )


def _notes_url(page: pages.LessonPage) -> str | None:
    """Return where a dealer's notes on the lesson are read and written, None without any."""
    if current_member().role is not Role.DEALER:
        return None
    return _practice_url("notes.write", slug=page.slug, name=page.name)


def _practice_url(endpoint: str, **place: Any) -> str | None:
    """Return where what a lesson asks is taken on, None while the portal has no such thing."""
    return url_for(endpoint, **place) if endpoint in current_app.view_functions else None

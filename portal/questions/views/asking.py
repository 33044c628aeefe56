"""Pages of who asks: the questions on a lesson, and all of one's own."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Role, current_member, requires
from portal.i18n import gettext as _
from portal.learning import queries as learning
from portal.learning import rules as learning_rules
from portal.paging import requested_page
from portal.questions import actions, forms, rules
from portal.questions.queries import asked

bp = Blueprint(
    "questions", __name__, url_prefix="/courses/questions", template_folder="../templates"
)
READERS = (Role.DEALER, Role.CONSULTANT, Role.OPERATOR, Role.AUTHOR)


@bp.get("")
@requires(Role.DEALER)
def mine() -> ResponseReturnValue:
    """Show one's own questions with their answers, newest first."""
    found = asked.page(member=current_member(), page=requested_page(), language=i18n.language_tag())
    return render_template("questions/mine.html", paged=found)


@bp.get("/of-lesson/<slug>/<name>")
@requires(*READERS)
def of_lesson(slug: str, name: str) -> ResponseReturnValue:
    """Show, as a piece of a lesson's page, one's own questions about it, and what all read."""
    _refuse_impossible(slug, name)
    lesson_id = learning_rules.lesson_id(slug=slug, name=name)
    member = current_member()
    is_dealer = member.role is Role.DEALER
    return render_template(
        "questions/_of_lesson.html",
        faq=asked.faq(lesson_id=lesson_id),
        own=asked.of_lesson(member=member, lesson_id=lesson_id) if is_dealer else (),
    )


@bp.post("/of-lesson/<slug>/<name>")
@requires(Role.DEALER)
def ask(slug: str, name: str) -> ResponseReturnValue:
    """Ask the author about a lesson."""
    _refuse_impossible(slug, name)
    form = forms.Question()
    if form.validate_on_submit():
        try:
            actions.ask(
                member=current_member(),
                slug=slug,
                name=name,
                text=form.question.data or "",
                at=clock.now(),
            )
        except learning.NoSuchLesson:
            abort(HTTPStatus.NOT_FOUND)
        except actions.TooMany:
            form.question.errors = [
                _(
                    "你有 %(count)s 个问题还在等回答，等几个有了回答，或者撤回几个再问",
                    count=rules.MAX_OPEN,
                )
            ]
        else:
            flash(_("问题发给作者了，有了回答会通知你。"), "asked")
            return _to_lesson(slug, name)
    page = render_template("questions/refused.html", form=form, slug=slug, name=name)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/<int:question_id>/withdraw")
@requires(Role.DEALER)
def withdraw(question_id: int) -> ResponseReturnValue:
    """Take a question back that nobody has answered yet."""
    try:
        question = actions.withdraw(
            member=current_member(), question_id=question_id, at=clock.now()
        )
    except actions.NoSuchQuestion:
        abort(HTTPStatus.NOT_FOUND)
    except actions.AnsweredBefore:
        flash(_("作者刚刚回答了这个问题，不能再撤回。"), "info")
        return redirect(url_for("questions.mine"), HTTPStatus.SEE_OTHER)
    flash(_("问题撤回了，作者看不到了。"), "message")
    if request.args.get("from") == "lesson":
        return _to_lesson(question.slug, learning_rules.lesson_name(question.lesson_id))
    return redirect(url_for("questions.mine"), HTTPStatus.SEE_OTHER)


def _to_lesson(slug: str, name: str) -> ResponseReturnValue:
    where = url_for("learning.lesson", slug=slug, name=name, _anchor="questions")
    return redirect(where, HTTPStatus.SEE_OTHER)


def _refuse_impossible(*names: str) -> None:
    if not all(learning_rules.is_name(each) for each in names):
        abort(HTTPStatus.NOT_FOUND)

"""Pages of who answers: the questions that wait, and one with its answer."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.i18n import gettext as _
from portal.learning.rules import is_name
from portal.paging import requested_page
from portal.questions import actions, forms, rules
from portal.questions.queries import answering

bp = Blueprint(
    "answering", __name__, url_prefix="/teaching/questions", template_folder="../templates"
)


@bp.get("")
@requires(Role.AUTHOR)
def index() -> ResponseReturnValue:
    """Show the questions of learners: those that wait, or those with an answer."""
    is_open = request.args.get("state") != "answered"
    slug = request.args.get("course", "")
    slug = slug if is_name(slug) else ""
    return render_template(
        "questions/waiting.html",
        paged=answering.page(is_open=is_open, slug=slug, page=requested_page()),
        is_open=is_open,
        slug=slug,
    )


@bp.get("/<int:question_id>")
@requires(Role.AUTHOR)
def show(question_id: int) -> ResponseReturnValue:
    """Show one question, with the form to answer it or to change the answer."""
    return _page(question_id, None), HTTPStatus.OK


@bp.post("/<int:question_id>")
@requires(Role.AUTHOR)
def answer(question_id: int) -> ResponseReturnValue:
    """Answer a question; who asked is told."""
    form = forms.Answer()
    if not form.validate_on_submit():
        return _page(question_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.answer(
            question_id=question_id, answer=_written(form), by=current_member(), at=clock.now()
        )
    except actions.NoSuchQuestion:
        abort(HTTPStatus.NOT_FOUND)
    except actions.AnsweredBefore:
        flash(_("已经回答过了，你写的没有发出"), "info")
        return redirect(url_for("answering.show", question_id=question_id), HTTPStatus.SEE_OTHER)
    except actions.Withdrawn:
        flash(_("对方撤回了这个问题，回答没有发出"), "info")
        return redirect(url_for("answering.index"), HTTPStatus.SEE_OTHER)
    flash(_("回答好了，对方会收到通知"), "message")
    return redirect(url_for("answering.index"), HTTPStatus.SEE_OTHER)


@bp.post("/<int:question_id>/change")
@requires(Role.AUTHOR)
def change(question_id: int) -> ResponseReturnValue:
    """Change an answer, or who reads it; nobody is told again."""
    form = forms.Answer()
    if not form.validate_on_submit():
        return _page(question_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.change_answer(question_id=question_id, answer=_written(form), by=current_member())
    except actions.NoSuchQuestion:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("回答改好了"), "message")
    return redirect(url_for("answering.show", question_id=question_id), HTTPStatus.SEE_OTHER)


def _written(form: forms.Answer) -> actions.Answer:
    faq_text = (form.faq_text.data or "") if form.faq.data else None
    return actions.Answer(text=form.answer.data or "", faq_text=faq_text)


def _page(question_id: int, form: forms.Answer | None) -> str:
    row = answering.one(question_id)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    if form is None:
        asked = " ".join(row.text.split())[: rules.MAX_FAQ_CHARS]
        form = forms.Answer(None, answer=row.answer, faq=row.faq, faq_text=row.faq_text or asked)
    return render_template("questions/answer.html", row=row, form=form)

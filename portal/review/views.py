"""Pages of review cards: one question at a time, its explanation, and the end of the round."""

import secrets
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Role, current_member, requires
from portal.i18n import gettext as _
from portal.learning.sheets import Draft
from portal.review import actions, forms, queries

bp = Blueprint("review", __name__, url_prefix="/review", template_folder="templates")
_KEY_BYTES = 16


@bp.get("")
@requires(Role.DEALER)
def show() -> ResponseReturnValue:
    """Show the question that has waited longest, or when the next ones come."""
    return _page()


def _page(draft: Draft | None = None) -> str:
    found = queries.waiting(member=current_member(), today=clock.today())
    return render_template(
        "review/show.html",
        waiting=found,
        card=queries.first_card(
            found, member=current_member(), language=i18n.language_tag(), draft=draft
        ),
        key=draft.key if draft else secrets.token_urlsafe(_KEY_BYTES),
    )


@bp.post("")
@requires(Role.DEALER)
def answer() -> ResponseReturnValue:
    """Grade one answer and lead to its explanation; an empty one stays on its page."""
    form = forms.Answer()
    if not form.validate_on_submit():
        abort(HTTPStatus.BAD_REQUEST)  # key and question are ours: only a forged form lacks them
    sent = form.sent()
    try:
        answer_id = actions.answer(member=current_member(), sent=sent, at=clock.now())
    except actions.NotDue:
        flash(_("这一题已经答过了，接着做下一题。"), "info")
        return redirect(url_for("review.show"), HTTPStatus.SEE_OTHER)
    except actions.Unanswered as refusal:
        draft = Draft(
            key=sent.key,
            asked=(refusal.key,),
            values=sent.values,
            problems={refusal.key: refusal.problem},
        )
        return _page(draft), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("review.answered", answer_id=answer_id), HTTPStatus.SEE_OTHER)


@bp.get("/<int:answer_id>")
@requires(Role.DEALER)
def answered(answer_id: int) -> ResponseReturnValue:
    """Show how a question was answered, and why what is right is right."""
    found = queries.answered(
        answer_id=answer_id,
        member=current_member(),
        language=i18n.language_tag(),
        today=clock.today(),
    )
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    card, waiting = found
    return render_template("review/answered.html", card=card, waiting=waiting)

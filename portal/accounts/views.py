"""Choosing the language and the organisation; signing in and out are in the sign_in folder."""

from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import current_member, member_or_none, public, requires
from portal.accounts import actions, queries
from portal.accounts.sign_in.rules import path_only
from portal.idempotency.guard import repeatable

bp = Blueprint("accounts", __name__, template_folder="templates")


@bp.post("/language/<code>")
@public
@repeatable("the same choice twice is one choice")
def choose_language(code: str) -> ResponseReturnValue:
    """Keep the visitor's language and go back to where the visitor was."""
    if not i18n.choose(code):
        abort(HTTPStatus.NOT_FOUND)
    member = member_or_none()
    if member is not None:
        actions.keep_language(person_id=member.person_id, language=code)
    return redirect(path_only(request.form.get("next", "/")))


@bp.get("/memberships")
@requires(before_factor=True)
def memberships() -> ResponseReturnValue:
    """Show in which organisations the person is what."""
    rows = queries.memberships_of(current_member().person_id)
    return render_template("accounts/memberships.html", memberships=rows)


@bp.post("/memberships/<int:membership_id>")
@requires(before_factor=True)
@repeatable("only the session changes")
def act_as(membership_id: int) -> ResponseReturnValue:
    """Ask for another of the person's organisations from now on."""
    try:
        actions.act_as(
            session_id=current_member().session_id,
            person_id=current_member().person_id,
            membership_id=membership_id,
        )
    except actions.NoSuchMembership:
        abort(HTTPStatus.NOT_FOUND)
    return redirect(url_for("home.start"), HTTPStatus.SEE_OTHER)

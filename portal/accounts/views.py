"""Choosing the language and the organisation; signing in and out are Flask-Security's routes."""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import current_member, member_or_none, public, requires
from portal.accounts import actions, queries
from portal.idempotency.guard import repeatable

bp = Blueprint("accounts", __name__, template_folder="templates")


@bp.post("/language/<code>")
@public
@repeatable("only the session changes")
def choose_language(code: str) -> ResponseReturnValue:
    """Keep the visitor's language and go back to where the visitor was."""
    if not i18n.choose(code):
        abort(HTTPStatus.NOT_FOUND)
    member = member_or_none()
    if member is not None:
        actions.keep_language(person_id=member.person_id, language=code)
    return redirect(_path_only(request.form.get("next", "/")))


@bp.get("/memberships")
@requires()
def memberships() -> ResponseReturnValue:
    """Show in which organisations the person is what."""
    rows = queries.memberships_of(current_member().person_id)
    return render_template("accounts/memberships.html", memberships=rows)


@bp.post("/memberships/<int:membership_id>")
@requires()
@repeatable("only the session changes")
def act_as(membership_id: int) -> ResponseReturnValue:
    """Ask for another of the person's organisations from now on."""
    try:
        actions.act_as(person_id=current_member().person_id, membership_id=membership_id)
    except actions.NoSuchMembership:
        abort(HTTPStatus.NOT_FOUND)
    return redirect(url_for("home.start"), HTTPStatus.SEE_OTHER)


def _path_only(address: str) -> str:
    parts = urlsplit(address.replace("\\", "/"))
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or address.startswith("//"):
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")

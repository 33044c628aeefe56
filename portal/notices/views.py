"""The list of a member's notices."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, requires
from portal.notices import actions, queries
from portal.paging import requested_page

bp = Blueprint("notices", __name__, url_prefix="/notices", template_folder="templates")


@bp.get("")
@requires()
def index() -> ResponseReturnValue:
    """Show the member's notices, newest first."""
    notices = queries.of_member(member=current_member(), page=requested_page())
    return render_template("notices/index.html", notices=notices)


@bp.post("/read")
@requires()
def read_all() -> ResponseReturnValue:
    """Mark every notice as read."""
    actions.mark_all_read(member=current_member(), at=clock.now())
    return redirect(url_for("notices.index"))

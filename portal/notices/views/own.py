"""The list of a member's notices."""

from http import HTTPStatus

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, requires
from portal.notices import actions, queries
from portal.notices.views.blueprint import bp
from portal.paging import requested_page


@bp.get("")
@requires(while_pending=True)
def index() -> ResponseReturnValue:
    """Show the member's notices, newest first."""
    notices = queries.of_member(member=current_member(), page=requested_page())
    return render_template("notices/index.html", notices=notices)


@bp.post("/read")
@requires(while_pending=True)
def read_all() -> ResponseReturnValue:
    """Mark every notice as read."""
    actions.mark_all_read(member=current_member(), at=clock.now())
    return redirect(url_for("notices.index"))


@bp.post("/<int:notice_id>/open")
@requires(while_pending=True)
def follow(notice_id: int) -> ResponseReturnValue:
    """Mark one notice as read and go where it leads."""
    try:
        path = actions.open_notice(notice_id=notice_id, member=current_member(), at=clock.now())
    except actions.NoSuchNotice:
        abort(HTTPStatus.NOT_FOUND)
    return redirect(path, HTTPStatus.SEE_OTHER)

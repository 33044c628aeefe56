"""How far a job is, for whoever caused it and for operators: a piece that pages ask for again."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from portal.access import Role, current_member, requires
from portal.outbox import presenting, queries

bp = Blueprint("outbox", __name__, template_folder="templates")


@bp.get("/jobs/<int:job_id>/progress")
@requires()
def progress(job_id: int) -> ResponseReturnValue:
    """Show how far a job is: as a piece of a page that is open, or as a page of its own.

    When the job is over, the page that shows the piece is due as a whole.
    """
    member = current_member()
    job = queries.watched(job_id, person_id=member.person_id, sees_all=member.role is Role.OPERATOR)
    if job is None:
        abort(HTTPStatus.NOT_FOUND)
    shown = presenting.progress(job)
    if not request.headers.get("HX-Request"):
        return render_template("outbox/progress.html", job=shown)
    if job.is_over:
        return current_app.response_class("", headers={"HX-Refresh": "true"})
    return _unless_known(make_response(render_template("outbox/_progress.html", job=shown)))


def _unless_known(answer: Response) -> Response:
    """Let the browser keep the piece, and send it again only when it has changed."""
    answer.add_etag()
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.vary.add("HX-Request")
    answer.make_conditional(request)  # changes the answer itself
    return answer

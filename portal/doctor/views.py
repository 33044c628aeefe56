"""The operator's page of the set-up."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, requires
from portal.doctor import examination
from portal.doctor.presenting import page_of

bp = Blueprint("doctor", __name__, template_folder="templates")


@bp.get("/system")
@requires(Role.OPERATOR)
def system() -> ResponseReturnValue:
    """Show how everything stands; mail and PDF only when asked, they take seconds."""
    thorough = request.args.get("all") == "1"
    findings = examination.examine(at=clock.now(), thorough=thorough)
    return render_template("doctor/system.html", page=page_of(findings, thorough=thorough))

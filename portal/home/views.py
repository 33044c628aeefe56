"""The start page of each role, the language-free health check and the static pages."""

from http import HTTPStatus

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import current_member, public, requires
from portal.home import pages

bp = Blueprint("home", __name__, template_folder="templates")


@bp.get("/healthz")
@public
def health() -> ResponseReturnValue:
    """Tell a load balancer that this process answers."""
    return {"status": "ok"}


@bp.get("/")
@requires()
def start() -> ResponseReturnValue:
    """Show the start page of the member's role."""
    return render_template("home/start.html", who=current_member())


@bp.get("/about/<name>")
@public
def page(name: str) -> ResponseReturnValue:
    """Show the help, the privacy notice or what Tongtu is."""
    folder = current_app.extensions["tongtu.settings"].content_dir / "pages"
    try:
        title, body = pages.read(folder=folder, name=name, language_tag=i18n.language_tag())
    except pages.NoSuchPage:
        abort(HTTPStatus.NOT_FOUND)
    return render_template("home/page.html", page_title=title, body=body)

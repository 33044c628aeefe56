"""Choosing the language; signing in and out are Flask-Security's routes under our pages."""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from portal import i18n
from portal.access import public

bp = Blueprint("accounts", __name__, template_folder="templates")


@bp.post("/language/<code>")
@public
def choose_language(code: str) -> ResponseReturnValue:
    """Keep the visitor's language and go back to where the visitor was."""
    if not i18n.choose(code):
        abort(HTTPStatus.NOT_FOUND)
    return redirect(_path_only(request.form.get("next", "/")))


def _path_only(address: str) -> str:
    parts = urlsplit(address.replace("\\", "/"))
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or address.startswith("//"):
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")

"""The blueprint that every page of notices is on."""

from flask import Blueprint

bp = Blueprint("notices", __name__, url_prefix="/notices", template_folder="../templates")

"""The blueprint that every page of rounds is registered on."""

from flask import Blueprint

bp = Blueprint("rounds", __name__, url_prefix="/rounds", template_folder="../templates")

"""The blueprint that every page of the booking room is registered on."""

from flask import Blueprint

bp = Blueprint("booking", __name__, url_prefix="/booking", template_folder="../templates")

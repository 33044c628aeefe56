"""The blueprint that the pages of the calendars share."""

from flask import Blueprint

bp = Blueprint("calendars", __name__, url_prefix="/calendars", template_folder="../templates")

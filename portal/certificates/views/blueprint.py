"""The blueprint that every page of certificates is on."""

from flask import Blueprint

bp = Blueprint("certificates", __name__, template_folder="../templates")

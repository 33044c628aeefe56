"""The blueprint of signing in."""

from flask import Blueprint

bp = Blueprint("security", __name__)

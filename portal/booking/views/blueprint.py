"""The blueprint of every page of the booking room, and who asks as a consultant."""

from http import HTTPStatus

from flask import Blueprint, abort

from portal.access import current_member
from portal.booking.queries import consultants
from portal.booking.queries.consultants import ConsultantRow

bp = Blueprint("booking", __name__, url_prefix="/booking", template_folder="../templates")


def me_or_404() -> ConsultantRow:
    """Return who asks as a consultant whom dealers may book, or end the request."""
    found = consultants.consultant_of_person(current_member().person_id)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found

"""The start page of each role and the static pages."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Member, Role, current_member, public, requires
from portal.home import pages
from portal.home.queries import author, consultant, dealer, operator, supplier

bp = Blueprint("home", __name__, template_folder="templates")


@bp.get("/")
@requires()
def start() -> ResponseReturnValue:
    """Show the start page of the member's role."""
    member = current_member()
    return _PAGES[member.role](member)


def _dealer(member: Member) -> str:
    page = dealer.page(member=member, at=clock.now())
    return render_template("home/dealer.html", who=member, page=page)


def _consultant(member: Member) -> str:
    page = consultant.page(member=member, today=clock.today(), at=clock.now())
    return render_template("home/consultant.html", who=member, page=page)


def _supplier(member: Member) -> str:
    page = supplier.page(member=member, today=clock.today())
    return render_template("home/supplier.html", who=member, page=page)


def _operator(member: Member) -> str:
    page = operator.page(today=clock.today())
    return render_template("home/operator.html", who=member, page=page)


def _author(member: Member) -> str:
    return render_template("home/author.html", who=member, courses=author.page(member=member))


_PAGES: Mapping[Role, Callable[[Member], str]] = {
    Role.DEALER: _dealer,
    Role.CONSULTANT: _consultant,
    Role.SUPPLIER: _supplier,
    Role.OPERATOR: _operator,
    Role.AUTHOR: _author,
}


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

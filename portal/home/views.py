"""The start page of each role and the static pages."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Member, Role, current_member, public, requires
from portal.accounts.membership.actions import organisations
from portal.accounts.membership.forms import TypedName
from portal.home import actions, pages
from portal.home.queries import (
    author,
    closing,
    consultant,
    dealer,
    next_steps,
    operator,
    supplier,
)
from portal.i18n import gettext as _
from portal.idempotency.guard import repeatable

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
    page = author.page(member=member, today=clock.today())
    return render_template("home/author.html", who=member, page=page)


_PAGES: Mapping[Role, Callable[[Member], str]] = {
    Role.DEALER: _dealer,
    Role.CONSULTANT: _consultant,
    Role.SUPPLIER: _supplier,
    Role.OPERATOR: _operator,
    Role.AUTHOR: _author,
}


@bp.get("/first-steps")
@requires(Role.DEALER)
def first_steps() -> ResponseReturnValue:
    """Lead a shop that was just let in to its first lesson."""
    step = next_steps.cards(member=current_member(), session=None, at=clock.now())[0]
    return render_template("home/first_steps.html", step=step)


@bp.route("/organisation/close", methods=["GET", "POST"])
@requires(owner=True, fresh=True)
@repeatable("nobody acts for a closed organisation, so there is nothing to do again")
def close_own() -> ResponseReturnValue:
    """Let an owner close the organisation."""
    return _close(
        current_member().organisation_id,
        back=url_for("organisation.show"),
        then=url_for("home.start"),
    )


@bp.route("/members/<int:organisation_id>/close", methods=["GET", "POST"])
@requires(Role.OPERATOR, fresh=True)
def close_organisation(organisation_id: int) -> ResponseReturnValue:
    """Let an operator close an organisation."""
    page = url_for("members.show", organisation_id=organisation_id)
    return _close(organisation_id, back=page, then=page)


def _close(organisation_id: int, *, back: str, then: str) -> ResponseReturnValue:
    page = closing.page(organisation_id=organisation_id, at=clock.now())
    if page is None:
        abort(HTTPStatus.NOT_FOUND)
    form, status = TypedName(), HTTPStatus.OK
    if form.validate_on_submit():
        try:
            actions.close_organisation(
                by=current_member(),
                organisation_id=organisation_id,
                typed_name=form.name.data or "",
                at=clock.now(),
            )
        except organisations.WrongName:
            form.name.errors = [_("和组织的名称不一样，请照着再输一次")]
        except actions.StillOpen:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        else:
            flash(_("“%(organisation)s”已关闭", organisation=page.organisation.name))
            return redirect(then, HTTPStatus.SEE_OTHER)
    if form.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return render_template("home/close.html", page=page, form=form, back=back), status


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

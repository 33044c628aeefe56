"""The operators' pages about all organisations: look up, add, let in, help with passwords."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.accounts.membership import forms, texts
from portal.accounts.membership.actions import invitations, organisations
from portal.accounts.membership.actions import people as people_actions
from portal.accounts.membership.queries import applications as applied
from portal.accounts.membership.queries import directory, members
from portal.accounts.membership.queries.directory import Search
from portal.accounts.membership.views import people
from portal.accounts.membership.views.people import Place
from portal.i18n import gettext as _
from portal.paging import requested_page

bp = Blueprint("members", __name__)


def _place(organisation_id: int) -> Place:
    return Place(organisation_id=organisation_id, blueprint="members")


@bp.before_request
def _exists() -> None:
    """Answer 404 below the address of an organisation that there is not."""
    organisation_id = (request.view_args or {}).get("organisation_id")
    if organisation_id is not None and directory.profile(organisation_id) is None:
        abort(HTTPStatus.NOT_FOUND)


@bp.get("/members")
@requires(Role.OPERATOR)
def index() -> ResponseReturnValue:
    """Look organisations up by name, person, kind and state."""
    search = Search(
        text=request.args.get("q", "")[:80],
        kind=request.args.get("kind", ""),
        state=request.args.get("state", ""),
    )
    return render_template(
        "accounts/directory.html",
        paged=directory.organisations(search=search, page=requested_page()),
        search=search,
        waiting=directory.waiting(),
        kinds=texts.kinds(),
        states=texts.states(),
    )


@bp.route("/members/new", methods=["GET", "POST"])
@requires(Role.OPERATOR)
def create() -> ResponseReturnValue:
    """Add a dealer or a supplier, and invite its owner."""
    form = forms.Found()
    kinds = texts.kinds()
    form.kind.choices = [(each, kinds[each]) for each in ("dealer", "supplier")]
    if form.validate_on_submit():
        invited = invitations.found(
            by=current_member(),
            kind=form.kind.data,
            name=form.name.data or "",
            region=form.region.data or None,
            identity=form.identity.identity,
            at=clock.now(),
        )
        place = _place(invited.organisation_id)
        if invited.mailed:
            flash(_("邀请邮件已发出"))
        else:
            people.show_link_once(invited.issued)
        return redirect(
            place.url("invitation", link_id=invited.issued.link_id), HTTPStatus.SEE_OTHER
        )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/organisation_new.html", form=form), status


@bp.get("/members/<int:organisation_id>")
@requires(Role.OPERATOR)
def show(organisation_id: int) -> ResponseReturnValue:
    """Show one organisation with its people."""
    return render_template(
        "accounts/organisation.html",
        **people.people_of(_place(organisation_id)),
        application=applied.of_organisation(organisation_id),
    )


@bp.route("/members/<int:organisation_id>/profile", methods=["GET", "POST"])
@requires(Role.OPERATOR)
def profile(organisation_id: int) -> ResponseReturnValue:
    """Change what an organisation says of itself."""
    return people.profile(_place(organisation_id))


@bp.route("/members/<int:organisation_id>/standing", methods=["GET", "POST"])
@requires(Role.OPERATOR)
def standing(organisation_id: int) -> ResponseReturnValue:
    """Change how a dealer is named in the order files, and its level."""
    found = _place(organisation_id).profile
    if found.kind != "dealer":
        abort(HTTPStatus.NOT_FOUND)
    form = forms.Standing(shop_ref=found.shop_ref, level=found.level)
    if form.validate_on_submit():
        try:
            organisations.edit_standing(
                by=current_member(),
                organisation_id=organisation_id,
                shop_ref=form.shop_ref.data or None,
                level=form.level.data,
            )
        except organisations.ShopRefTaken:
            form.shop_ref.errors = [_("别的店已经用了这个编号")]
        else:
            flash(_("已保存"))
            return redirect(
                url_for("members.show", organisation_id=organisation_id), HTTPStatus.SEE_OTHER
            )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("accounts/standing.html", form=form, profile=found), status


@bp.post("/members/<int:organisation_id>/reopen")
@requires(Role.OPERATOR)
def reopen(organisation_id: int) -> ResponseReturnValue:
    """Let the members of a closed organisation act for it again."""
    try:
        organisations.reopen(by=current_member(), organisation_id=organisation_id)
    except organisations.NotClosed:
        flash(_("它没有关闭"), "info")
    else:
        flash(_("已重新开通，成员可以继续用了"))
    return redirect(url_for("members.show", organisation_id=organisation_id), HTTPStatus.SEE_OTHER)


# People


@bp.route("/members/<int:organisation_id>/invite", methods=["GET", "POST"])
@requires(Role.OPERATOR)
def invite(organisation_id: int) -> ResponseReturnValue:
    """Invite somebody to any organisation."""
    return people.invite(_place(organisation_id))


@bp.get("/members/<int:organisation_id>/invitations/<int:link_id>")
@requires(Role.OPERATOR)
def invitation(organisation_id: int, link_id: int) -> ResponseReturnValue:
    """Show an invitation."""
    return people.invitation(_place(organisation_id), link_id)


@bp.post("/members/<int:organisation_id>/invitations/<int:link_id>/again")
@requires(Role.OPERATOR)
def send_again(organisation_id: int, link_id: int) -> ResponseReturnValue:
    """Make a fresh link for an invitation."""
    return people.send_again(_place(organisation_id), link_id)


@bp.post("/members/<int:organisation_id>/invitations/<int:link_id>/withdraw")
@requires(Role.OPERATOR)
def withdraw(organisation_id: int, link_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    return people.withdraw(_place(organisation_id), link_id)


@bp.get("/members/<int:organisation_id>/people/<int:membership_id>")
@requires(Role.OPERATOR)
def member(organisation_id: int, membership_id: int) -> ResponseReturnValue:
    """Show a member."""
    return people.member(_place(organisation_id), membership_id)


@bp.route(
    "/members/<int:organisation_id>/people/<int:membership_id>/phone", methods=["GET", "POST"]
)
@requires(Role.OPERATOR, fresh=True)
def phone(organisation_id: int, membership_id: int) -> ResponseReturnValue:
    """Change a member's phone number, once the operator has checked it."""
    row = members.member(organisation_id=organisation_id, membership_id=membership_id)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    form = forms.Phone()
    if form.validate_on_submit():
        try:
            people_actions.change_phone(
                by=current_member(),
                organisation_id=organisation_id,
                membership_id=membership_id,
                phone=form.number,
                at=clock.now(),
            )
        except people_actions.PhoneTaken:
            form.phone.errors = [_("别的账号已经用了这个手机号")]
        else:
            flash(_("手机号已改"))
            return redirect(
                _place(organisation_id).url("member", membership_id=membership_id),
                HTTPStatus.SEE_OTHER,
            )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    page = render_template(
        "accounts/member_phone.html", form=form, row=row, place=_place(organisation_id)
    )
    return page, status


@bp.post("/members/<int:organisation_id>/people/<int:membership_id>/owner")
@requires(Role.OPERATOR)
def make_owner(organisation_id: int, membership_id: int) -> ResponseReturnValue:
    """Make a member an owner."""
    return people.set_owner(_place(organisation_id), membership_id, is_owner=True)


@bp.post("/members/<int:organisation_id>/people/<int:membership_id>/member")
@requires(Role.OPERATOR)
def make_member(organisation_id: int, membership_id: int) -> ResponseReturnValue:
    """Make an owner a member again."""
    return people.set_owner(_place(organisation_id), membership_id, is_owner=False)


@bp.post("/members/<int:organisation_id>/people/<int:membership_id>/remove")
@requires(Role.OPERATOR)
def remove(organisation_id: int, membership_id: int) -> ResponseReturnValue:
    """Take a member out."""
    return people.remove(_place(organisation_id), membership_id)

"""One's own organisation: who works there, what it says of itself, leaving and handing over."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, requires
from portal.accounts.membership import forms, rules
from portal.accounts.membership.actions import organisations
from portal.accounts.membership.actions.standing import NoSuchMembership
from portal.accounts.membership.queries import members
from portal.accounts.membership.views import people
from portal.accounts.membership.views.people import Place
from portal.i18n import gettext as _
from portal.idempotency.guard import repeatable

bp = Blueprint("organisation", __name__)


def _own() -> Place:
    return Place(organisation_id=current_member().organisation_id, blueprint="organisation")


@bp.get("/organisation")
@requires(while_pending=True)
def show() -> ResponseReturnValue:
    """Show who works here, who is invited, and what the organisation says of itself."""
    return render_template("accounts/organisation.html", **people.people_of(_own()))


@bp.route("/organisation/profile", methods=["GET", "POST"])
@requires(owner=True, while_pending=True)
def profile() -> ResponseReturnValue:
    """Change name and region, and whether suppliers see the name."""
    return people.profile(_own())


@bp.route("/organisation/invite", methods=["GET", "POST"])
@requires(owner=True)
def invite() -> ResponseReturnValue:
    """Invite somebody."""
    return people.invite(_own())


@bp.get("/organisation/invitations/<int:link_id>")
@requires(owner=True)
def invitation(link_id: int) -> ResponseReturnValue:
    """Show an invitation."""
    return people.invitation(_own(), link_id)


@bp.post("/organisation/invitations/<int:link_id>/again")
@requires(owner=True)
def send_again(link_id: int) -> ResponseReturnValue:
    """Make a fresh link for an invitation."""
    return people.send_again(_own(), link_id)


@bp.post("/organisation/invitations/<int:link_id>/withdraw")
@requires(owner=True)
def withdraw(link_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    return people.withdraw(_own(), link_id)


@bp.get("/organisation/people/<int:membership_id>")
@requires(owner=True)
def member(membership_id: int) -> ResponseReturnValue:
    """Show a member."""
    return people.member(_own(), membership_id)


@bp.post("/organisation/people/<int:membership_id>/owner")
@requires(owner=True)
def make_owner(membership_id: int) -> ResponseReturnValue:
    """Make a member an owner."""
    return people.set_owner(_own(), membership_id, is_owner=True)


@bp.post("/organisation/people/<int:membership_id>/member")
@requires(owner=True)
def make_member(membership_id: int) -> ResponseReturnValue:
    """Make an owner a member again."""
    return people.set_owner(_own(), membership_id, is_owner=False)


@bp.post("/organisation/people/<int:membership_id>/remove")
@requires(owner=True)
def remove(membership_id: int) -> ResponseReturnValue:
    """Take a member out."""
    return people.remove(_own(), membership_id)


@bp.route("/organisation/people/<int:membership_id>/hand-over", methods=["GET", "POST"])
@requires(owner=True, fresh=True)
@repeatable("who has handed over owns nothing any more, so there is nothing to do again")
def hand_over(membership_id: int) -> ResponseReturnValue:
    """Make another member the owner in one's own place."""
    place = _own()
    heir = members.member(organisation_id=place.organisation_id, membership_id=membership_id)
    if heir is None or heir.person_id == current_member().person_id:
        abort(HTTPStatus.NOT_FOUND)
    form = forms.TypedName()
    if form.validate_on_submit():
        try:
            organisations.hand_over(
                by=current_member(),
                organisation_id=place.organisation_id,
                membership_id=membership_id,
                typed_name=form.name.data or "",
                at=clock.now(),
            )
        except NoSuchMembership:
            abort(HTTPStatus.NOT_FOUND)
        except organisations.WrongName:
            form.name.errors = [_("和组织的名称不一样，请照着再输一次")]
        else:
            flash(_("已交给 %(who)s，你现在是普通成员", who=heir.name))
            return redirect(url_for("organisation.show"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    page = render_template("accounts/hand_over.html", form=form, row=heir, profile=place.profile)
    return page, status


@bp.route("/organisation/leave", methods=["GET", "POST"])
@requires(while_pending=True)
@repeatable("who has left is no member any more, so there is nothing to do again")
def leave() -> ResponseReturnValue:
    """Leave the organisation; the last owner hands it over or closes it first."""
    form, place = forms.Nothing(), _own()
    is_last_owner = False
    if form.validate_on_submit():
        try:
            organisations.leave(by=current_member(), organisation_id=place.organisation_id)
        except rules.LastOwner:
            is_last_owner = True
        else:
            flash(_("你已离开“%(organisation)s”", organisation=place.profile.name))
            return redirect(url_for("home.start"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_last_owner else HTTPStatus.OK
    page = render_template(
        "accounts/leave.html", form=form, profile=place.profile, is_last_owner=is_last_owner
    )
    return page, status

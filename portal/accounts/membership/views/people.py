"""The people of one organisation, for its owner and for operators: the same steps for both."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member
from portal.accounts.membership import forms, rules, texts
from portal.accounts.membership.actions import invitations, organisations
from portal.accounts.membership.actions.invitations import Invited
from portal.accounts.membership.actions.letters import link_url
from portal.accounts.membership.actions.links import Issued, LinkSpent, NoSuchLink
from portal.accounts.membership.actions.standing import NoSuchMembership
from portal.accounts.membership.queries import directory, members
from portal.accounts.membership.queries.directory import Profile
from portal.i18n import gettext as _

FRESH_LINK = "fresh_link"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose people these are, and from which pages they are looked after."""

    organisation_id: int
    blueprint: str  # "organisation": one's own; "members": an operator's

    def url(self, page: str, **values: Any) -> str:
        """Return the address of a page about this organisation."""
        if self.blueprint == "members":
            values["organisation_id"] = self.organisation_id
        return url_for(f"{self.blueprint}.{page}", **values)

    @property
    def profile(self) -> Profile:
        """The organisation itself; a 404 when there is none."""
        found = directory.profile(self.organisation_id)
        return found or abort(HTTPStatus.NOT_FOUND)


def show_link_once(issued: Issued) -> None:
    """Keep a fresh link for the next page of this browser, which shows it and forgets it."""
    session[FRESH_LINK] = [issued.link_id, issued.token]


def link_shown_once(link_id: int) -> str:
    """Return the whole address of the link that was just made; "" for another, or a second time."""
    kept = session.pop(FRESH_LINK, None)
    if not isinstance(kept, list) or kept[0] != link_id:
        return ""
    return link_url(str(kept[1]))


def people_of(place: Place) -> dict[str, Any]:
    """Return what the list of an organisation's people shows."""
    return {
        "place": place,
        "profile": place.profile,
        "members": members.of_organisation(place.organisation_id),
        "invitations": members.invitations(organisation_id=place.organisation_id, at=clock.now()),
        "role_name": texts.role,
        "states": texts.states(),
        "kinds": texts.kinds(),
    }


# Invitations


def invite(place: Place) -> ResponseReturnValue:
    """Show the invitation's form; invite."""
    profile = place.profile
    form = forms.Invite()
    roles = rules.ROLES_OF_KIND[profile.kind]
    form.role.choices = [(each.value, texts.role(each)) for each in roles]
    if len(roles) == 1:
        form.role.data = roles[0].value
    if form.validate_on_submit():
        try:
            invited = invitations.invite(
                by=current_member(),
                organisation_id=place.organisation_id,
                role=Role(form.role.data),
                is_owner=form.is_owner.data,
                identity=form.identity.identity,
                at=clock.now(),
            )
        except invitations.AlreadyMember:
            form.identity.errors = [_("这个人已经是成员了")]
        except invitations.AlreadyInvited:
            form.identity.errors = [_("已经邀请过了，可以在邀请列表里重新发送")]
        except invitations.NotLiving:
            form.identity.errors = [_("这个组织还没开通或已经关闭，不能邀请成员")]
        else:
            return _sent(place, invited)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    page = render_template(
        "accounts/invite.html", form=form, place=place, profile=profile, one_role=len(roles) == 1
    )
    return page, status


def _sent(place: Place, invited: Invited) -> ResponseReturnValue:
    if invited.mailed:
        flash(_("邀请邮件已发出"))
    else:
        show_link_once(invited.issued)
    return redirect(place.url("invitation", link_id=invited.issued.link_id), HTTPStatus.SEE_OTHER)


def invitation(place: Place, link_id: int) -> ResponseReturnValue:
    """Show an invitation that nobody accepted yet; right after it was made, with its link."""
    rows = members.invitations(organisation_id=place.organisation_id, at=clock.now())
    row = next((each for each in rows if each.link_id == link_id), None)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "accounts/invitation.html",
        place=place,
        profile=place.profile,
        row=row,
        role_name=texts.role(row.role),
        link=link_shown_once(link_id),
    )


def send_again(place: Place, link_id: int) -> ResponseReturnValue:
    """Make a fresh link for an invitation."""
    try:
        invited = invitations.send_again(
            by=current_member(),
            organisation_id=place.organisation_id,
            link_id=link_id,
            at=clock.now(),
        )
    except (NoSuchLink, invitations.NotLiving):
        abort(HTTPStatus.NOT_FOUND)
    return _sent(place, invited)


def withdraw(place: Place, link_id: int) -> ResponseReturnValue:
    """Let an invitation open nothing any more."""
    try:
        invitations.withdraw(
            by=current_member(),
            organisation_id=place.organisation_id,
            link_id=link_id,
            at=clock.now(),
        )
    except NoSuchLink:
        abort(HTTPStatus.NOT_FOUND)
    except LinkSpent:
        flash(_("这个邀请已经不能用了"), "info")
    else:
        flash(_("邀请已撤回，原来的链接打不开了"))
    return redirect(place.url("show"), HTTPStatus.SEE_OTHER)


# Members


def member(place: Place, membership_id: int) -> ResponseReturnValue:
    """Show one member with what can be done about them."""
    row = members.member(organisation_id=place.organisation_id, membership_id=membership_id)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "accounts/member.html",
        place=place,
        profile=place.profile,
        row=row,
        role_name=texts.role(row.role),
        offer_url=_offer_url(row.role, person_id=row.person_id),
    )


def _offer_url(role: Role, *, person_id: int) -> str | None:
    """Return where an operator lets dealers book a consultant; None for anybody else."""
    known = "booking.offer" in current_app.view_functions
    may = current_member().role is Role.OPERATOR and role is Role.CONSULTANT
    return url_for("booking.offer", person_id=person_id) if known and may else None


def set_owner(place: Place, membership_id: int, *, is_owner: bool) -> ResponseReturnValue:
    """Make a member an owner, or an owner a member again."""
    try:
        organisations.set_owner(
            by=current_member(),
            organisation_id=place.organisation_id,
            membership_id=membership_id,
            is_owner=is_owner,
            at=clock.now(),
        )
    except NoSuchMembership:
        abort(HTTPStatus.NOT_FOUND)
    except rules.LastOwner:
        flash(_("至少要有一位负责人，请先让另一个人当负责人"), "bad")
    else:
        flash(_("已设为负责人") if is_owner else _("已改为普通成员"))
    return redirect(place.url("member", membership_id=membership_id), HTTPStatus.SEE_OTHER)


def remove(place: Place, membership_id: int) -> ResponseReturnValue:
    """Take a member out of the organisation."""
    try:
        name = organisations.remove(
            by=current_member(),
            organisation_id=place.organisation_id,
            membership_id=membership_id,
            at=clock.now(),
        )
    except NoSuchMembership:
        abort(HTTPStatus.NOT_FOUND)
    except rules.LastOwner:
        flash(_("至少要有一位负责人，请先让另一个人当负责人"), "bad")
        return redirect(place.url("member", membership_id=membership_id), HTTPStatus.SEE_OTHER)
    flash(_("%(who)s 已移出，马上就不能再以这里的身份操作", who=name))
    return redirect(place.url("show"), HTTPStatus.SEE_OTHER)


def profile(place: Place) -> ResponseReturnValue:
    """Show and change what an organisation says of itself."""
    found = place.profile
    form = forms.Profile(name=found.name, region=found.region, shares_name=found.shares_name)
    if form.validate_on_submit():
        organisations.edit_profile(
            by=current_member(),
            organisation_id=place.organisation_id,
            name=form.name.data or "",
            region=form.region.data or "",
            shares_name=form.shares_name.data,
        )
        flash(_("资料已保存"))
        return redirect(place.url("show"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    page = render_template("accounts/profile.html", form=form, place=place, profile=found)
    return page, status

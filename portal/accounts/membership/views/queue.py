"""What waits for an operator: shops that want to come in, and people who forgot the password."""

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.accounts.membership import forms
from portal.accounts.membership.actions import applications, resets
from portal.accounts.membership.actions.organisations import ShopRefTaken
from portal.accounts.membership.queries import applications as applied
from portal.accounts.membership.queries import directory
from portal.accounts.membership.queries.applications import ApplicationRow
from portal.accounts.membership.views import people
from portal.accounts.membership.views.directory import bp
from portal.i18n import gettext as _
from portal.paging import requested_page


@bp.get("/members/applications")
@requires(Role.OPERATOR)
def waiting_applications() -> ResponseReturnValue:
    """Show which shops wait to be let in."""
    paged = applied.waiting(page=requested_page())
    return render_template("accounts/applications.html", paged=paged)


def _application(application_id: int) -> ApplicationRow:
    found = applied.application(application_id)
    return found or abort(HTTPStatus.NOT_FOUND)


def _application_page(
    row: ApplicationRow, approving: forms.Approve, declining: forms.Decline
) -> ResponseReturnValue:
    status = (
        HTTPStatus.UNPROCESSABLE_ENTITY if approving.errors or declining.errors else HTTPStatus.OK
    )
    page = render_template(
        "accounts/application.html",
        row=row,
        similar=applied.similar(row),
        approving=approving,
        declining=declining,
    )
    return page, status


@bp.get("/members/applications/<int:application_id>")
@requires(Role.OPERATOR)
def application(application_id: int) -> ResponseReturnValue:
    """Show an application with what may be the same shop."""
    row = _application(application_id)
    return _application_page(row, forms.Approve(), forms.Decline())


@bp.post("/members/applications/<int:application_id>/approve")
@requires(Role.OPERATOR)
def approve(application_id: int) -> ResponseReturnValue:
    """Let a shop in."""
    row, form = _application(application_id), forms.Approve()
    if form.validate_on_submit():
        try:
            applications.approve(
                by=current_member(),
                application_id=application_id,
                shop_ref=form.shop_ref.data or None,
                level=form.level.data or 1,
                joined_on=clock.today(),
                at=clock.now(),
            )
        except applications.AlreadyDecided:
            return _decided_before(application_id)
        except ShopRefTaken:
            form.shop_ref.errors = [_("别的店已经用了这个编号")]
        else:
            flash(_("“%(shop)s”已开通，已通知申请人", shop=row.shop_name))
            return redirect(url_for("members.waiting_applications"), HTTPStatus.SEE_OTHER)
    return _application_page(row, form, forms.Decline(formdata=None))


@bp.post("/members/applications/<int:application_id>/decline")
@requires(Role.OPERATOR)
def decline(application_id: int) -> ResponseReturnValue:
    """Refuse a shop, with the reason."""
    row, form = _application(application_id), forms.Decline()
    if form.validate_on_submit():
        try:
            applications.decline(
                by=current_member(),
                application_id=application_id,
                reason=form.reason.data or "",
                at=clock.now(),
            )
        except applications.AlreadyDecided:
            return _decided_before(application_id)
        flash(_("已婉拒“%(shop)s”，原因已告诉申请人", shop=row.shop_name))
        return redirect(url_for("members.waiting_applications"), HTTPStatus.SEE_OTHER)
    return _application_page(row, forms.Approve(formdata=None), form)


def _decided_before(application_id: int) -> ResponseReturnValue:
    flash(_("这份申请刚被处理过"), "info")
    return redirect(
        url_for("members.application", application_id=application_id), HTTPStatus.SEE_OTHER
    )


@bp.get("/members/resets")
@requires(Role.OPERATOR)
def waiting_resets() -> ResponseReturnValue:
    """Show who waits for a reset link."""
    return render_template("accounts/resets.html", paged=directory.resets(page=requested_page()))


@bp.post("/members/resets/<int:request_id>/link")
@requires(Role.OPERATOR, fresh=True)
def give_link(request_id: int) -> ResponseReturnValue:
    """Make a reset link to pass on; the next page shows it, once."""
    try:
        issued = resets.give_link(by=current_member(), request_id=request_id, at=clock.now())
    except resets.NoSuchRequest:
        flash(_("这个请求刚被处理过"), "info")
        return redirect(url_for("members.waiting_resets"), HTTPStatus.SEE_OTHER)
    people.show_link_once(issued)
    return redirect(url_for("members.reset_link", link_id=issued.link_id), HTTPStatus.SEE_OTHER)


@bp.get("/members/resets/links/<int:link_id>")
@requires(Role.OPERATOR)
def reset_link(link_id: int) -> ResponseReturnValue:
    """Show a reset link once, to who made it."""
    return render_template("accounts/reset_link.html", link=people.link_shown_once(link_id))


@bp.post("/members/resets/<int:request_id>/dismiss")
@requires(Role.OPERATOR)
def dismiss_reset(request_id: int) -> ResponseReturnValue:
    """Take a request off the list without a link."""
    try:
        resets.dismiss(by=current_member(), request_id=request_id, at=clock.now())
    except resets.NoSuchRequest:
        flash(_("这个请求刚被处理过"), "info")
    else:
        flash(_("已移出列表，没有给链接"))
    return redirect(url_for("members.waiting_resets"), HTTPStatus.SEE_OTHER)

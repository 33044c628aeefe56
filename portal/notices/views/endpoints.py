"""An organisation's groups and servers: its owners set them up, try them out and turn them off."""

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import current_member, requires
from portal.i18n import gettext as _
from portal.idempotency.guard import repeatable
from portal.notices import actions as notices
from portal.notices import fates, forms, rules, texts
from portal.notices.endpoints import actions, queries
from portal.notices.endpoints.dialects import SECRET_FROM_THEM
from portal.notices.rules import ENDPOINTS, Channel
from portal.notices.views.blueprint import bp


def _back_to(endpoint_id: int) -> ResponseReturnValue:
    address = url_for("notices.endpoint", endpoint_id=endpoint_id)
    return redirect(address, HTTPStatus.SEE_OTHER)


def _channel(name: str) -> Channel:
    if name not in {each.value for each in ENDPOINTS}:
        abort(HTTPStatus.NOT_FOUND)
    return Channel(name)


@bp.get("/endpoints")
@requires(owner=True)
def endpoints() -> ResponseReturnValue:
    """Show where the organisation is told."""
    member = current_member()
    return render_template(
        "notices/endpoints.html",
        endpoints=queries.of_organisation(member.organisation_id),
        channels={each: texts.channel(each) for each in ENDPOINTS},
        kinds=rules.kinds_for_groups(member.role),
        most=actions.MOST,
    )


@bp.get("/endpoints/new/<channel>")
@requires(owner=True)
def new_endpoint(channel: str) -> ResponseReturnValue:
    """Ask for a group's robot or a server."""
    return _new_page(_channel(channel))


def _new_page(channel: Channel, form: forms.NewEndpoint | None = None) -> str:
    kinds = rules.kinds_for_groups(current_member().role)
    return render_template(
        "notices/endpoint_new.html",
        channel=channel,
        channel_text=texts.channel(channel),
        steps=texts.steps(channel),
        form=form or forms.new_endpoint_form(channel, kinds),
        needs_secret=channel in SECRET_FROM_THEM,
    )


@bp.post("/endpoints/new/<channel>")
@requires(owner=True)
def add_endpoint(channel: str) -> ResponseReturnValue:
    """Set up a group's robot or a server."""
    member, kind = current_member(), _channel(channel)
    form = forms.new_endpoint_form(kind, rules.kinds_for_groups(member.role))
    if not form.validate_on_submit():
        return _new_page(kind, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        endpoint_id = actions.add(
            organisation_id=member.organisation_id,
            channel=kind,
            name=form.name.data or "",
            url=form.url.data or "",
            secret=form["secret"].data if "secret" in form else None,
            kinds=form.chosen(),
            language=i18n.language(),
            at=clock.now(),
        )
    except actions.BadAddress:
        form.url.errors = [texts.bad_address(kind)]
        return _new_page(kind, form), HTTPStatus.UNPROCESSABLE_ENTITY
    except actions.TooMany:
        form.name.errors = [_("最多设 %(most)s 个，先删掉不用的。", most=actions.MOST)]
        return _new_page(kind, form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("设好了。试发一条，看看收不收得到。"))
    return _back_to(endpoint_id)


def _own(endpoint_id: int) -> queries.EndpointRow:
    found = queries.of_organisation_by_id(
        endpoint_id=endpoint_id, organisation_id=current_member().organisation_id
    )
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _page(
    endpoint: queries.EndpointRow,
    *,
    form: forms.ChangedEndpoint | None = None,
    secret: str | None = None,
) -> str:
    kinds = rules.kinds_for_groups(current_member().role)
    return render_template(
        "notices/endpoint.html",
        endpoint=endpoint,
        form=form or forms.changed_endpoint_form(endpoint, kinds),
        deliveries=fates.latest_of_endpoint(
            endpoint_id=endpoint.id, organisation_id=current_member().organisation_id
        ),
        secret=secret,
        is_webhook=endpoint.channel is Channel.WEBHOOK,
    )


@bp.get("/endpoints/<int:endpoint_id>")
@requires(owner=True)
def endpoint(endpoint_id: int) -> ResponseReturnValue:
    """Show one group or server and what was sent there lately."""
    return _page(_own(endpoint_id))


@bp.post("/endpoints/<int:endpoint_id>")
@requires(owner=True)
def change_endpoint(endpoint_id: int) -> ResponseReturnValue:
    """Rename it, choose what it is told."""
    member, found = current_member(), _own(endpoint_id)
    form = forms.changed_endpoint_form(found, rules.kinds_for_groups(member.role))
    if not form.validate_on_submit():
        return _page(found, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    actions.change(
        endpoint_id=endpoint_id,
        organisation_id=member.organisation_id,
        name=form.name.data or "",
        kinds=form.chosen(),
    )
    flash(_("保存好了。"))
    return _back_to(endpoint_id)


@bp.post("/endpoints/<int:endpoint_id>/try")
@requires(owner=True)
def try_endpoint(endpoint_id: int) -> ResponseReturnValue:
    """Send it a message to see whether it arrives."""
    actions.try_out(
        endpoint_id=_own(endpoint_id).id,
        organisation_id=current_member().organisation_id,
        at=clock.now(),
    )
    flash(_("试发的消息排上队了，过几秒刷新这一页看结果。"))
    return _back_to(endpoint_id)


@bp.post("/endpoints/<int:endpoint_id>/secret")
@requires(owner=True)
@repeatable("the answer shows a secret that must not be kept; one more does no harm")
def new_endpoint_secret(endpoint_id: int) -> ResponseReturnValue:
    """Make a webhook's secret and show it, the only time."""
    found = _own(endpoint_id)
    try:
        secret = actions.new_secret(
            endpoint_id=found.id,
            organisation_id=current_member().organisation_id,
            at=clock.now(),
        )
    except actions.NoSuchEndpoint:
        abort(HTTPStatus.NOT_FOUND)
    return _page(_own(endpoint_id), secret=secret)


@bp.post("/endpoints/<int:endpoint_id>/<any(on, off):how>")
@requires(owner=True)
def turn_endpoint(endpoint_id: int, how: str) -> ResponseReturnValue:
    """Turn it on or off."""
    actions.turn(
        endpoint_id=_own(endpoint_id).id,
        organisation_id=current_member().organisation_id,
        on=how == "on",
        at=clock.now(),
    )
    flash(_("开启了。") if how == "on" else _("停用了，不再发消息过去。"))
    return _back_to(endpoint_id)


@bp.post("/endpoints/<int:endpoint_id>/remove")
@requires(owner=True)
def remove_endpoint(endpoint_id: int) -> ResponseReturnValue:
    """Forget it and what was sent there."""
    actions.remove(
        endpoint_id=_own(endpoint_id).id, organisation_id=current_member().organisation_id
    )
    flash(_("删掉了。"))
    return redirect(url_for("notices.endpoints"), HTTPStatus.SEE_OTHER)


@bp.post("/endpoints/<int:endpoint_id>/deliveries/<int:delivery_id>/again")
@requires(owner=True)
def send_again_to_endpoint(endpoint_id: int, delivery_id: int) -> ResponseReturnValue:
    """Start a failed delivery to it over."""
    try:
        notices.send_again(
            delivery_id=delivery_id,
            organisation_id=current_member().organisation_id,
            at=clock.now(),
        )
    except notices.CannotTryAgain:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("排上队了，一会儿再试。"))
    return _back_to(endpoint_id)

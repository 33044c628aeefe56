"""The page about how one signs in, from which everything else about it is reached."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import current_member, requires
from portal.accounts.sign_in import queries
from portal.accounts.sign_in.views.blueprint import bp


@bp.get("/account/security")
@requires(before_factor=True)
def overview() -> ResponseReturnValue:
    """Show password, second factors and devices in a few lines each."""
    member = current_member()
    return render_template(
        "accounts/overview.html",
        factors=queries.factors_of(member.person_id),
        device_count=len(queries.devices_of(person_id=member.person_id, at=clock.now())),
    )

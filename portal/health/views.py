"""Liveness, readiness and metrics: words for machines, without a language and without details."""

import hmac
from http import HTTPStatus

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from portal.access import public
from portal.health import metrics, queries

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """Tell a supervisor that this process answers; asks nothing of the database."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Tell a load balancer whether visitors may be sent here, else which check fails."""
    failing = queries.failing()
    if failing:
        return {"status": "not ready", "failing": failing}, HTTPStatus.SERVICE_UNAVAILABLE
    return {"status": "ready"}


@bp.get("/metrics")
@public  # a machine has no account: it shows the token of the setting instead
def counted() -> ResponseReturnValue:
    """Show the metrics to who has the token; without a token set there is no such page."""
    token: str = current_app.extensions["tongtu.settings"].metrics_token
    if not token:
        abort(HTTPStatus.NOT_FOUND)
    given = request.headers.get("Authorization", "")
    # As bytes: texts that are not ASCII cannot be compared so, and a header may hold anything.
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(HTTPStatus.UNAUTHORIZED)
    return Response(metrics.page(), content_type=metrics.CONTENT_TYPE)

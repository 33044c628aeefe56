"""What can be seen from outside of a running portal: a request id, one log line a request, metrics.

The id stands on error pages, in every log line of the request and in the answer's X-Request-ID, so
that what a visitor reads out leads to the lines that tell what happened.
"""

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

log = structlog.get_logger()

HEADER = "X-Request-ID"
# Names of view arguments whose values open something: they are never written down.
SECRET_ARGUMENTS = frozenset({"token", "code", "secret", "key", "signature"})
_LIKE_A_TOKEN = re.compile(r"[\w.=-]{32,}")
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")
REQUESTS = Counter("tongtu_requests_total", "Answered requests.", ("endpoint", "method", "status"))
SECONDS = Histogram(
    "tongtu_request_seconds",
    "Time from a request's arrival to its answer, in seconds.",
    ("endpoint",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
UNAVAILABLE = Counter(
    "tongtu_unavailable_total", "Requests answered 503: database gone, disk full."
)


def request_id() -> str:
    """Return this request's id."""
    if "request_id" not in g:
        # A reverse proxy may have named the request already; anything odd is replaced.
        given = request.headers.get(HEADER, "")
        g.request_id = given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)
    name: str = g.request_id
    return name


def told_path() -> str:
    """Return the path as it may be logged: without what opens something, e.g. a one-time link.

    Never the query: it may carry what was searched for.
    """
    path = request.path
    if request.view_args is None:  # no route: perhaps a link with a slash too many
        return _LIKE_A_TOKEN.sub("…", path)
    for name, value in request.view_args.items():
        if name in SECRET_ARGUMENTS:
            path = path.replace(str(value), "…")
    return path


def _begin() -> None:
    g.began_at_s = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id())


def _tell(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    endpoint = request.endpoint or "unknown"
    if endpoint.endswith("static"):
        return response
    # A request that was refused before it began has no beginning: its time counts as nothing.
    seconds = time.perf_counter() - g.get("began_at_s", time.perf_counter())
    REQUESTS.labels(endpoint, _known_method(), response.status_code).inc()
    SECONDS.labels(endpoint).observe(seconds)
    log.info(
        "request.answered",
        endpoint=endpoint,
        method=request.method,
        path=told_path(),
        status=response.status_code,
        duration_ms=round(seconds * 1000, 1),
        member=_who(),
    )
    return response


def _known_method() -> str:
    # Visitors may make up methods; each would be a time series of its own.
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return request.method if request.method in known else "OTHER"


def _who() -> int | None:
    member = g.get("member")
    return getattr(member, "person_id", None)


def init_app(app: Flask) -> None:
    """Name, count and log every request of `app`."""
    app.before_request(_begin)
    app.after_request(_tell)

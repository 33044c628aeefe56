"""What of a sign-in is in the browser: a token in the signed cookie, and nothing else.

The cookie also holds the visitor's language and the seed of the forms' guard. Everything that
says who somebody is, and since when, is in the row that the token names.
"""

from functools import lru_cache

import structlog
import ua_parser
from flask import Flask, Response, g, request, session
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.accounts.sign_in import queries, rules
from portal.accounts.sign_in.actions import sessions
from portal.accounts.sign_in.actions.sessions import Begun
from portal.accounts.sign_in.queries import LiveSession, Pending
from portal.accounts.sign_in.rules import Origin

log = structlog.get_logger()
SESSION, PENDING = "sign_in", "second_step"
STAYS = ("language",)  # what of the cookie outlives a change of who is signed in


@lru_cache(maxsize=512)
def _device(agent: str) -> str:
    parsed = ua_parser.parse(agent[:400])
    parts = (parsed.user_agent, parsed.os)
    return " · ".join(part.family for part in parts if part and part.family != "Other")[:80]


def origin() -> Origin:
    """Return where this request comes from."""
    return Origin(
        address=request.remote_addr or "",
        device=_device(request.headers.get("User-Agent", "")),
    )


def live_session() -> LiveSession | None:
    """Return the sign-in of this request, or None when there is none that counts."""
    if "sign_in_session" not in g:
        token = session.get(SESSION)
        g.sign_in_session = (
            queries.live_session(token=token, at=clock.now()) if isinstance(token, str) else None
        )
    found: LiveSession | None = g.sign_in_session
    return found


def pending() -> Pending | None:
    """Return the sign-in of this browser that waits for its second factor."""
    token = session.get(PENDING)
    return queries.pending(token=token, at=clock.now()) if isinstance(token, str) else None


def adopt(begun: Begun) -> None:
    """Let this browser be signed in from now on; what an earlier visitor left here goes.

    An earlier sign-in of this browser ends.
    """
    _end_earlier()
    session[SESSION] = begun.token
    session.permanent = begun.keep


def hold(pending_token: str) -> None:
    """Let this browser go on to the second step; an earlier sign-in of it ends."""
    _end_earlier()
    session[PENDING] = pending_token


def _end_earlier() -> None:
    earlier = live_session()
    if earlier is not None:
        sessions.end(session_id=earlier.id, person_id=earlier.person_id)
    _clear()


def replace(token: str) -> None:
    """Let this browser go on under the session's new token."""
    session[SESSION] = token


def forget() -> None:
    """Let this browser be nobody's from now on."""
    _clear()


def _clear() -> None:
    kept = {name: session[name] for name in STAYS if name in session}
    session.clear()
    session.permanent = False
    session.update(kept)
    for name in ("sign_in_session", "member"):
        g.pop(name, None)


def _note_use(response: Response) -> Response:
    """Write down that the session is in use, at most every few minutes."""
    found: LiveSession | None = g.get("sign_in_session")
    if found is None:
        return response
    at = clock.now()
    if at - found.seen_at >= rules.SEEN_EVERY:
        try:
            sessions.see(session_id=found.id, at=at)
        except OperationalError as error:
            # The page was answered; a busy database must not take it back for a time stamp.
            log.warning("sign_in.not_noted", session_id=found.id, exc_info=error)
    return response


def init_app(app: Flask) -> None:
    """Note for every request of `app` that its session is in use."""
    # Runs after the request's own transaction has ended: the functions run in reverse order.
    app.after_request_funcs.setdefault(None, []).insert(0, _note_use)

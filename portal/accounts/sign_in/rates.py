"""How often one may send what: Flask-Limiter, counting in our database.

Besides this, wrong passwords and codes lead to pauses of their own (actions/attempts.py): the
rates hold off floods, the pauses hold off guessing.
"""

import hashlib
import math
from collections.abc import Mapping

from flask import Flask, request, session
from flask_limiter import Limiter, RequestLimit
from werkzeug.exceptions import TooManyRequests

from portal import clock
from portal.accounts.sign_in import counting, rules
from portal.accounts.sign_in.cookie import SESSION

DOOR = "30 per minute; 300 per hour"  # a whole shop or office may share one address
PROOF = "20 per minute; 100 per hour"
# What is sent to each endpoint (POST), per address, or per sign-in for who is signed in.
RATES: Mapping[str, str] = {
    "security.login": DOOR,
    "security.second_step": DOOR,
    "security.verify": PROOF,
    "security.password": PROOF,
    "security.start_authenticator": PROOF,
    "security.authenticator": PROOF,
    "security.recovery_codes": PROOF,
    "security.passkey_sign_in_options": DOOR,
    "security.passkey_sign_in": DOOR,
    "security.passkey_second_options": DOOR,
    "security.passkey_second": DOOR,
    "security.passkey_verify_options": PROOF,
    "security.passkey_verify": PROOF,
    "security.passkey_options": PROOF,
    "security.add_passkey": PROOF,
    "joining.apply": "10 per hour",
    "joining.forgot": "10 per hour",
    "links.join": PROOF,
    "links.join_as_me": PROOF,
    "links.set_password": PROOF,
    "links.confirm": PROOF,
    "account.mail": "10 per hour",
    "organisation.invite": "60 per hour",
    "organisation.send_again": "60 per hour",
    "accounts.choose_language": "60 per minute",
    "sales.create": "30 per hour",
}


def _who() -> str:
    token = session.get(SESSION)
    if isinstance(token, str):  # signed by us, so nobody makes up a new one for each request
        return f"sign-in:{hashlib.sha256(token.encode()).hexdigest()[:32]}"
    return rules.address_key(request.remote_addr or "")


def _refuse(limit: RequestLimit) -> None:
    waits_s = max(1, math.ceil(limit.window[0] - clock.now().timestamp()))
    raise TooManyRequests(retry_after=waits_s)


def init_app(app: Flask) -> Limiter:
    """Limit what `app` takes; to be called before anything asks the database in a request."""
    limiter = Limiter(
        _who,
        app=app,
        storage_uri=f"{counting.SCHEME}://",
        strategy="fixed-window",
        on_breach=_refuse,
        key_prefix="",
    )
    app.extensions["tongtu.limiter"] = limiter
    return limiter


def limit_routes(app: Flask) -> None:
    """Put the rates on the routes; raises KeyError for a route that does not exist."""
    limiter: Limiter = app.extensions["tongtu.limiter"]
    for endpoint, rate in RATES.items():
        view = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit(rate, methods=["POST"])(view)  # type: ignore[assignment]  # none of ours is async

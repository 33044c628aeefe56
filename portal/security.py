"""Headers that every answer carries, and the forms' guard against forged requests."""

import hashlib
import hmac
from functools import lru_cache

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFProtect, generate_csrf

csrf = CSRFProtect()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "media-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
A_YEAR_S = 31_536_000
SIGN_OUT = "security.logout"


def mark_of(person_id: int, organisation_id: int) -> str:
    """Return a name for who asks for whom that tells nothing: browsers keep pages under it."""
    return _mark(current_app.config["SECRET_KEY"], f"{person_id}:{organisation_id}")


@lru_cache(maxsize=4096)
def _mark(secret: str, who: str) -> str:
    return hmac.new(f"browser:{secret}".encode(), who.encode(), hashlib.sha256).hexdigest()[:24]


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault(
            "Strict-Transport-Security", f"max-age={A_YEAR_S}; includeSubDomains"
        )
    if request.endpoint == SIGN_OUT:
        # Whoever takes the shop's phone next finds neither pages nor drafts of the last person.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    _say_who_may_keep(response)
    return response


def _say_who_may_keep(response: Response) -> None:
    """Let nobody keep an answer, unless it is an asset or its view said something itself."""
    if request.endpoint == "static":
        if "v" in request.args:  # the address changes with the content (portal/home/shell.py)
            response.headers["Cache-Control"] = f"public, max-age={A_YEAR_S}, immutable"
        return
    # "no-cache" is what send_file says on its own: it lets a shared browser keep a copy.
    if response.headers.get("Cache-Control", "no-cache") == "no-cache":
        response.headers["Cache-Control"] = "private, no-store"


def _token() -> str:
    """Return the page's proof for its forms; a page has eight, and asks the library once."""
    kept: str | None = g.get("csrf_token")  # where the library keeps it
    return kept or str(generate_csrf())


def init_app(app: Flask) -> None:
    """Add the headers and the guard to `app`."""
    csrf.init_app(app)
    app.jinja_env.globals["csrf_token"] = _token
    app.after_request(_add_headers)

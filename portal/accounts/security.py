"""Flask-Security's parts that we stand on: the hashing of passwords and the store of persons.

None of its routes is registered: signing in has our own pages (docs/decisions/0021).
"""

from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.core import RoleMixin

from portal.access import Access
from portal.accounts.models import Person
from portal.accounts.sign_in import passwords
from portal.db import db

FOREIGN_ROUTES = {"static": Access(public=True)}
# Blueprints whose posts run again with the same key, and why (portal/idempotency/guard.py).
REPEATABLE = {
    "security": "signing in and out is about the session; an old answer must never stand for it"
}


def config(*, password_cost: str) -> dict[str, Any]:
    """Return Flask-Security's configuration."""
    return {
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [],
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": passwords.COSTS[password_cost],
        "SECURITY_PASSWORD_SINGLE_HASH": False,
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
    }


def init_app(app: Flask) -> None:
    """Let `app` hash and check passwords."""
    before = list(app.before_request_funcs.get(None, ()))
    known = list(app.template_context_processors[None])
    datastore = SQLAlchemyUserDatastore(db, Person, RoleMixin)
    Security(app, datastore, register_blueprint=False)
    # Its own idea of who is signed in is asked for on every request, and nobody reads the answer:
    # ours is portal/accounts/sign_in/cookie.py.
    app.before_request_funcs[None] = before
    app.template_context_processors[None] = known

"""Flask-Security behind our own forms, pages and words."""

from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.core import RoleMixin

from portal.access import Access
from portal.accounts.forms import SignIn
from portal.accounts.models import Person
from portal.db import db

# 46 MiB, one pass: about 60 ms on a small server; quick to sign in, dear to guess.
PASSWORD_COSTS = {
    "interactive": {"argon2__rounds": 1, "argon2__memory_cost": 47_104, "argon2__parallelism": 1},
    "test": {"argon2__rounds": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1},
}
FOREIGN_ROUTES = {
    "security.login": Access(public=True),
    "security.logout": Access(public=True),
    "security.verify": Access(),
    "security.static": Access(public=True),
    "static": Access(public=True),
}
# Blueprints whose posts run again with the same key, and why (portal/idempotency/guard.py).
REPEATABLE = {
    "security": "signing in and out is about the session; an old answer must never stand for it"
}


def config(*, password_cost: str) -> dict[str, Any]:
    """Return Flask-Security's configuration."""
    return {
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [],
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": PASSWORD_COSTS[password_cost],
        "SECURITY_PASSWORD_SINGLE_HASH": False,
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_CHANGEABLE": False,
        "SECURITY_RECOVERABLE": False,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS": False,
        "SECURITY_TWO_FACTOR": False,
    }


def init_app(app: Flask) -> None:
    """Let persons sign in to `app`."""
    datastore = SQLAlchemyUserDatastore(db, Person, RoleMixin)
    Security(app, datastore, login_form=SignIn, register_blueprint=True)

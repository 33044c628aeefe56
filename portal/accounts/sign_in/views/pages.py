"""Every page of signing in on its blueprint, for the application to register."""

from portal.accounts.sign_in.views import (
    devices,
    door,
    factors,
    operators,
    overview,
    passkeys,
    password,
)
from portal.accounts.sign_in.views.blueprint import bp

__all__ = ["bp", "devices", "door", "factors", "operators", "overview", "passkeys", "password"]

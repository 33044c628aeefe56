"""Every page of certificates on its blueprint, for the application to register."""

from portal.certificates.views import badges, operators, own, public
from portal.certificates.views.blueprint import bp

__all__ = ["badges", "bp", "operators", "own", "public"]

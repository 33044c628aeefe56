"""Every page of rounds on its blueprint, for the application to register."""

from portal.rounds.views import dealer, operator
from portal.rounds.views.blueprint import bp

__all__ = ["bp", "dealer", "operator"]

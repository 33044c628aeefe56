"""Every page of notices on its blueprint, for the application to register."""

from portal.notices.views import choices, deliveries, endpoints, own
from portal.notices.views.blueprint import bp

__all__ = ["bp", "choices", "deliveries", "endpoints", "own"]

"""Every blueprint of belonging to an organisation, for the application to register."""

from portal.accounts.membership.views import (
    account,
    directory,
    joining,
    links,
    organisation,
    queue,
)

__all__ = ["BLUEPRINTS", "queue"]

BLUEPRINTS = (account.bp, directory.bp, joining.bp, links.bp, organisation.bp)

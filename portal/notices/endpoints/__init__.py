"""Addresses outside the portal that an organisation is told at: webhooks and group robots."""

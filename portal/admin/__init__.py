"""Operators' pages that belong to no room: what runs behind the portal, and how it stands."""

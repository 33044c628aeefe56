"""Organisations, their members, and signing in. Knows nothing of what members do."""

"""The built site: which reports exist, built only where they changed, switched in one step."""

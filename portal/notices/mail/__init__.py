"""Mails: what they look like, and how they reach a mail server. Knows nobody's tables."""

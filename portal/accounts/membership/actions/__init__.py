"""Writes about who belongs to an organisation: one module per subject."""

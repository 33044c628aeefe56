"""Backups: take one while the portal runs, put one back, prove that one is whole."""

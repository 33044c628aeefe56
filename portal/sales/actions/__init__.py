"""Writes of order imports: receive and judge, confirm or discard, carry out."""

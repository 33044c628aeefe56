"""Reads for the start pages, one module per role; texts are final."""

"""Writes about sign-ins, one module per matter."""

"""Builds the growth reports and guards who may open them."""

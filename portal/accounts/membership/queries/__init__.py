"""Reads about who belongs to an organisation."""

"""Reads of the booking room: consultants and what is free; sessions and their notes."""

"""Writes of the booking room: bookings, what came of a session, consultants and their hours."""

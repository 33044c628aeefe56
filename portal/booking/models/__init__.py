"""Tables of consultants and their hours, and of sessions with the guard against overlap."""

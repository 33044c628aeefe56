"""Pages of the calendars: one's own feed, and a consultant's own calendars elsewhere."""

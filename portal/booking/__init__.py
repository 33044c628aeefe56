"""Hours, slots, bookings and session notes. Knows no report and no course."""

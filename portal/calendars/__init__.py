"""Calendars outside the portal: private feeds that people subscribe to, and consultants' own
calendars read in as busy time. Booking knows the busy time, not where it came from.
"""

"""The pages of notices: the list, one's own choices, and what became of what was sent."""

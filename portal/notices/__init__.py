"""In-app notices: what happened that somebody should know. Knows nobody's tables."""

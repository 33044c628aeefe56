"""Review cards: questions of completed lessons that come back after 1, 7 and 30 days."""

"""What happened: who did what to which record, from where. Knows nobody's tables but its own."""

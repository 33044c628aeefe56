"""Facts -> figures of a dealer, each with its definition."""

"""Is everything set up, and does it work? For operators, at the terminal and in the browser."""

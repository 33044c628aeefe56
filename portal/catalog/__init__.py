"""Products and categories that suppliers offer. Knows nobody who talks about them."""

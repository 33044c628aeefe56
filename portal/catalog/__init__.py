"""What the suppliers offer: categories and products. Knows nothing of who sells or complains."""

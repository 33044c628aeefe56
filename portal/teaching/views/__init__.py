"""Pages about learning: for authors, for who owns a shop, for operators."""

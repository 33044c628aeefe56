"""What is kept of persons and shops: one registry, the copy they take away, and being forgotten."""

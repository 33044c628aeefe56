"""Pure decisions about hours, free slots and the life of a session."""

"""Pure decisions about who gets an hour, what it would bring, and how a round goes on."""

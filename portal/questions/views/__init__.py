"""Pages of questions: for who asks and for who answers."""

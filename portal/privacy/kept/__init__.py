"""The registry itself, by what the tables are about."""

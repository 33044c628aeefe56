"""The demo alliance: an invented, seeded little world to look at, to learn in and to test with.

It knows the words of the product and nothing of the portal: no Flask, no database, no clock.
"""

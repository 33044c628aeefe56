"""Signing in: sessions, passwords, second factors, and what slows a guesser down.

Knows persons and what they are where; knows nothing of invitations and registration.
"""

"""Dealer feedback: intake and triage. Tickets link to feedback; feedback does not know tickets."""

"""Feedback: intake by dealers, the supplier's inbox. Tickets link to it; it knows no tickets."""

"""The Flask application of Tongtu: one folder per business module, thin web edge."""

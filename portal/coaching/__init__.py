"""What joins session and report: the consultant's view of a dealer before and after a session."""

"""Certificates: issued once per learner, course and version; printed, verified, revoked."""

"""Improvement work of a supplier: tickets, asks, releases. Pulls feedback."""

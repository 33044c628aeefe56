"""Courses in an author's browser while they are written: like the portal, remarks beside."""

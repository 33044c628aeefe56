"""Reads of questions: by who asked, by who answers, and by everybody who reads a lesson."""

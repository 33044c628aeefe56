"""Suppliers' improvement work: who asked for it, how it goes, and what was released."""

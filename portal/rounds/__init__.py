"""Allocation rounds: a week of scarce hours goes where it helps most, a part of it by lottery."""

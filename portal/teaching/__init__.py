"""What authors, operators and owners see of learning: drop-off, item statistics, staff, cohorts.

Reads what the room learning keeps; learners and their pages do not know this room.
"""

"""Course engine: files -> course, quiz, grading, progress. Knows no Flask and no SQLAlchemy."""

"""What learners ask the author of a lesson, the answers, and those that everybody reads."""

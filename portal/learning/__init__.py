"""Enrolment, lessons, quizzes and progress of members. The course engine does the thinking."""

"""Courses for dealers: published versions, enrolment, what a learner did, and progress from it."""

"""What a learner writes down about a lesson: their own words, which nobody else reads."""

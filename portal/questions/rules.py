"""How long questions and answers may be, and how many of them wait or are shown at once."""

MAX_CHARS = 1_000
MIN_ANSWER, MAX_ANSWER = 2, 2_000
MAX_FAQ_CHARS = 300  # of a question as everybody reads it
MAX_OPEN = 20  # of one person: more would only wait longer
MAX_ON_LESSON = 20  # of one's own, and of those that everybody reads, on the page of a lesson

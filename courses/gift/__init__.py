"""GIFT, the text format of quizzes: parse it with line and column, write it back."""

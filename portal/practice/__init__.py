"""What a shop took on to do, and by what it was closed: order facts, a picture or words.

For dealers and who helps them. Lessons (later sessions) do not know it; facts are only read.
"""

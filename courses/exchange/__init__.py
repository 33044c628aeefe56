"""Questions and courses in other systems' formats: GIFT files, SCORM packages, plain Markdown."""

"""One start page per role. Pulls from every module below; nobody pulls from it."""

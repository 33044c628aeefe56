"""The job ledger: what must happen after a commit, written in the transaction that causes it."""

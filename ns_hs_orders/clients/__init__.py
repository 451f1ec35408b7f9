"""One HTTP call each, with its auth, limit, retry and errors."""

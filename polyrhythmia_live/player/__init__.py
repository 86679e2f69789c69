"""WHEN x WHAT: the process that keeps time. Nothing that is slow may live here."""

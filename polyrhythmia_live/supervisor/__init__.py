"""The process that starts the others, watches them, and stops them in reverse."""

"""The door to people and paper: a local socket, and the performance log. Nothing waits for it."""

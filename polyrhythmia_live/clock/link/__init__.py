"""The beat of a network: Ableton Link, and the only door to its library."""

"""SIDEWAYS: from knobs, pedals and keys to the table in `rhythm.control`."""

"""SIDEWAYS: from knobs, pedals and keys to the table in `control.base`."""

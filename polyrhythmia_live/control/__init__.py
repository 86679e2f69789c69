"""SIDEWAYS: the performer's table (`control.base`), its decoder, keys, words and status line."""

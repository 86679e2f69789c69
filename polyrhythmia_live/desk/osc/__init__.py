"""OSC over UDP: one more client of the same snapshots and commands; see docs/osc.md."""

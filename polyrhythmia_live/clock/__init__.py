"""WHEN: where the beat comes from. Arithmetic on arrival times; no ports, no threads of its own."""

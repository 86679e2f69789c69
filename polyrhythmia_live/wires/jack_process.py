"""The process whose one work is to fill JACK's periods: what is due in each goes to its frame.

Started by `wires.jack`, as `system.jack_worker` says. It ends after the end of every note.
"""

from __future__ import annotations

from polyrhythmia_live.system.jack_ring import RingReader
from polyrhythmia_live.system.jack_worker import given_memory, work_in_periods
from polyrhythmia_live.wires.jack_cycle import Cycle


def main() -> None:
    """Entry point."""
    cycle = Cycle(RingReader(given_memory()))
    # Of a player that was killed, notes may sound.
    work_in_periods(cycle.fill, are_inputs=False, at_end=cycle.end_notes)


if __name__ == "__main__":
    main()

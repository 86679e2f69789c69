"""What was heard while a clock was followed, against the pulses that the clock sent."""

import bisect
import itertools
import statistics

from polyrhythmia_live.testing.recorder import Heard, Recorder

CLOCK, START, STOP = b"\xf8", b"\xfa", b"\xfc"
CLOCK_PORT = "jack_midi_clock"
DAEMON_PORT = "Polyrhythmia Out"
PULSES_PER_STEP = 6


class Take:
    """What the recorder heard between Start and Stop."""

    def __init__(self, recorder: Recorder) -> None:
        clock = recorder.heard(CLOCK_PORT)
        self.start = next(it.seconds for it in clock if it.message == START)
        self.stop = next(
            (it.seconds for it in clock if it.message == STOP and it.seconds > self.start),
            float("inf"),
        )
        self.pulses = [
            it.seconds for it in clock if it.message == CLOCK and self.start <= it.seconds
        ]
        self.grid = sixteenths(self.start, self.pulses)
        self.notes: list[Heard] = [it for it in recorder.heard(DAEMON_PORT) if it.is_note_on]

    def off_grid_seconds(self, note: Heard) -> float:
        """How far a note lies from the nearest sixteenth of the pulses that were received."""
        grid = self.grid
        place = bisect.bisect(grid, note.seconds)
        return min(
            (note.seconds - grid[i] for i in (place - 1, place) if 0 <= i < len(grid)), key=abs
        )


def sixteenths(start: float, pulses: list[float]) -> list[float]:
    """Every sixth pulse, counted from the first, which comes with Start.

    One that JACK lost on the way to the recorder leaves a gap of two.
    """
    gaps = [later - earlier for earlier, later in itertools.pairwise([start, *pulses])]
    period_seconds = statistics.median(gaps)
    first, *others = (round(gap / period_seconds) for gap in gaps)
    numbers = itertools.accumulate((max(1, other) for other in others), initial=first)
    return [
        pulse
        for pulse, number in zip(pulses, numbers, strict=True)
        if number % PULSES_PER_STEP == 0
    ]

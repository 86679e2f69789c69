"""Sixteenths at 120 bpm by another Python library: `python -m _peers NAME PORT [--at-work]`.

Each as its documentation says, with one note on every sixteenth. `--at-work`: one busy Python
thread beside it, since what generates the music and shows the interface lives in its process.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import _stamps
from _grid import BPM, CALM_SECONDS

NOTE, VELOCITY = 42, 100


def subsequence(port: str) -> None:
    from subsequence import Composition

    composition = Composition(bpm=BPM, output_device=port)

    @composition.pattern(channel=10, beats=4)
    def hats(pattern: object) -> None:
        pattern.hit_steps(NOTE, range(16), velocity=VELOCITY)  # type: ignore[attr-defined]

    composition.play()


def isobar(port: str) -> None:
    from isobar import MidiOutputDevice, Timeline

    timeline = Timeline(BPM, output_device=MidiOutputDevice(port))
    timeline.schedule({"note": NOTE, "amplitude": VELOCITY, "duration": 0.25, "channel": 9})
    timeline.run()


def mido(port: str) -> None:
    import mido as library

    ticks = 120
    file = library.MidiFile(ticks_per_beat=4 * ticks)
    track = file.add_track()
    track.append(library.MetaMessage("set_tempo", tempo=library.bpm2tempo(BPM)))
    for _ in range(10_000):
        track.append(library.Message("note_on", channel=9, note=NOTE, velocity=VELOCITY))
        track.append(library.Message("note_off", channel=9, note=NOTE, time=ticks))
    with library.open_output(port) as output:
        for message in file.play():
            output.send(message)


PEERS: dict[str, Callable[[str], None]] = {
    "subsequence": subsequence,
    "isobar": isobar,
    "mido": mido,
}


def spin() -> None:
    """Work without a rest, once the grid is laid."""
    while not _stamps.begun():
        time.sleep(0.01)
    time.sleep(CALM_SECONDS)
    while True:
        pass


if __name__ == "__main__":
    name, port, *flags = sys.argv[1:]
    _stamps.install()
    if flags:
        threading.Thread(target=spin, daemon=True).start()
    PEERS[name](port)

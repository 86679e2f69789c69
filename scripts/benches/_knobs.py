"""A controller whose knobs never rest: `python _knobs.py RATE`, control changes per second."""

import itertools
import sys
import time

from polyrhythmia_live.player.realtime import ask_for_real_time
from polyrhythmia_live.testing.daemon import Knobs

TEMPERATURE_CC = 22


def main(rate: float) -> None:
    ask_for_real_time()  # hardware does not slow down with the machine, nor make up for it
    knobs = Knobs()
    knobs.take_hold(TEMPERATURE_CC)
    began = time.monotonic()
    for number in itertools.count():
        knobs.turn(TEMPERATURE_CC, 40 + number % 8)
        time.sleep(max(0.0, began + number / rate - time.monotonic()))


if __name__ == "__main__":
    main(float(sys.argv[1]))

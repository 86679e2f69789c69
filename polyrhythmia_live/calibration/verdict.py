"""What the hits that were heard say about an output."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from polyrhythmia_live.errors import CalibrationError

HITS = 20
HEARD_AT_LEAST = 15
SPREAD_MAX_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late an output sounds: median, and spread from the 10th to the 90th percentile."""

    median_seconds: float
    spread_seconds: float
    heard: int

    def __str__(self) -> str:
        return (
            f"{1000 * self.median_seconds:.1f} ms late "
            f"(spread {1000 * self.spread_seconds:.1f} ms, {self.heard} of {HITS} hits heard)"
        )


def judge(heard_seconds: Sequence[float | None]) -> Lateness:
    """The lateness, if enough hits were heard, and evenly.

    Raises CalibrationError, with what to do, if not.
    """
    heard = [seconds for seconds in heard_seconds if seconds is not None]
    if not heard:
        raise CalibrationError(
            f"heard none of {len(heard_seconds)} hits: turn the output up, connect it to the "
            "audio input (or hold a microphone to it), and choose that with --audio-in"
        )
    if len(heard) < HEARD_AT_LEAST:
        raise CalibrationError(
            f"heard {len(heard)} of {len(heard_seconds)} hits above the noise, expected at least "
            f"{HEARD_AT_LEAST}: turn the output up, or use a cable in place of a microphone"
        )
    tenths = statistics.quantiles(heard, n=10, method="inclusive")
    lateness = Lateness(statistics.median(heard), tenths[-1] - tenths[0], len(heard))
    if lateness.spread_seconds > SPREAD_MAX_SECONDS:
        raise CalibrationError(
            f"expected every hit equally late, got a spread of "
            f"{1000 * lateness.spread_seconds:.1f} ms (at most {1000 * SPREAD_MAX_SECONDS:g}): "
            "stop what else sounds, choose a dry and short drum with --sound, and close other "
            "programs"
        )
    return lateness

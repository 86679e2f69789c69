"""Clocks as they are in the wild: lists of when each pulse truly is, or when it arrives."""

import math
from collections.abc import Sequence
from random import Random

Times = Sequence[float]


def steady(tempo_bpm: float, pulses: int, start_seconds: float = 0.0) -> list[float]:
    period = 60.0 / (tempo_bpm * 24)
    return [start_seconds + k * period for k in range(pulses)]


def stepping(tempo_bpm: float, factor: float, pulses_before: int, pulses_after: int) -> list[float]:
    before = steady(tempo_bpm, pulses_before)
    return before + steady(
        tempo_bpm * factor, pulses_after, before[-1] + 60.0 / (tempo_bpm * factor * 24)
    )


def ramping(
    from_bpm: float, to_bpm: float, beats: int, pulses_before: int = 0, pulses_after: int = 0
) -> list[float]:
    """The tempo changes linearly with the beat, a little at every pulse."""
    tempos = [float(from_bpm)] * pulses_before
    tempos += [from_bpm + (to_bpm - from_bpm) * k / (beats * 24) for k in range(beats * 24)]
    tempos += [to_bpm] * pulses_after
    times = [0.0]
    for tempo in tempos[:-1]:
        times.append(times[-1] + 60.0 / (tempo * 24))
    return times


def wandering(
    tempo_bpm: float, pulses: int, far_seconds: float, every_seconds: float
) -> list[float]:
    """A clock that is now ahead and now behind, as those of some sound cards are."""
    turn = 2.0 * math.pi / every_seconds
    return [time + far_seconds * math.sin(turn * time) for time in steady(tempo_bpm, pulses)]


def swung(tempo_bpm: float, pulses: int, share: float, half: int = 6) -> list[float]:
    """Of each pair of so many pulses a half, the first half takes `share` of the time of both."""
    period = 60.0 / (tempo_bpm * 24)
    times = []
    for number in range(pulses):
        pair, place = divmod(number, 2 * half)
        late = min(place, 2 * half - place) * (2.0 * share - 1.0)
        times.append((2 * half * pair + place + late) * period)
    return times


def gaussian(truth: Times, sigma_seconds: float, rng: Random) -> list[float]:
    return sorted(time + rng.gauss(0.0, sigma_seconds) for time in truth)


def framed(truth: Times, frame_seconds: float, rng: Random) -> list[float]:
    """Rounded up to the next audio buffer or USB frame."""
    start = rng.random() * frame_seconds
    return [math.ceil((time - start) / frame_seconds) * frame_seconds + start for time in truth]


def spiked(
    truth: Times,
    rng: Random,
    share: float = 0.02,
    low_seconds: float = 0.005,
    high_seconds: float = 0.030,
) -> list[float]:
    return sorted(
        time + rng.uniform(low_seconds, high_seconds) if rng.random() < share else time
        for time in truth
    )


def stalled(
    truth: Times, at_seconds: float, stall_seconds: float, spacing_seconds: float = 0.0005
) -> list[float]:
    """The sender hangs, then clears its backlog all at once."""
    end = at_seconds + stall_seconds
    arrivals: list[float] = []
    free = 0.0
    for time in truth:
        arrival = max(time, end, free) if at_seconds <= time < end else max(time, free)
        arrivals.append(arrival)
        free = arrival + spacing_seconds if at_seconds <= time else 0.0
    return arrivals


def faulty(
    truth: Times,
    rng: Random,
    lost_share: float = 0.0,
    doubled_share: float = 0.0,
    first: int = 48,
) -> list[float]:
    """From pulse `first` on, some pulses never arrive and some arrive twice."""
    arrivals = []
    for number, time in enumerate(truth):
        if number >= first and rng.random() < lost_share:
            continue
        arrivals.append(time)
        if number >= first and rng.random() < doubled_share:
            arrivals.append(time + rng.uniform(0.0, 0.002))
    return arrivals


def merged(*trains: Times) -> list[float]:
    """Several senders on one wire."""
    return sorted(time for train in trains for time in train)

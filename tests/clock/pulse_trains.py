"""Clocks as they are in the wild: lists of when each pulse truly is, or when it arrives."""

import math


def steady(tempo_bpm, pulses, start_seconds=0.0):
    period = 60.0 / (tempo_bpm * 24)
    return [start_seconds + k * period for k in range(pulses)]


def stepping(tempo_bpm, factor, pulses_before, pulses_after):
    before = steady(tempo_bpm, pulses_before)
    return before + steady(
        tempo_bpm * factor, pulses_after, before[-1] + 60.0 / (tempo_bpm * factor * 24)
    )


def ramping(from_bpm, to_bpm, beats, pulses_before=0, pulses_after=0):
    """The tempo changes linearly with the beat, a little at every pulse."""
    tempos = [from_bpm] * pulses_before
    tempos += [from_bpm + (to_bpm - from_bpm) * k / (beats * 24) for k in range(beats * 24)]
    tempos += [to_bpm] * pulses_after
    times = [0.0]
    for tempo in tempos[:-1]:
        times.append(times[-1] + 60.0 / (tempo * 24))
    return times


def gaussian(truth, sigma_seconds, rng):
    return sorted(time + rng.gauss(0.0, sigma_seconds) for time in truth)


def framed(truth, frame_seconds, rng):
    """Rounded up to the next audio buffer or USB frame."""
    start = rng.random() * frame_seconds
    return [math.ceil((time - start) / frame_seconds) * frame_seconds + start for time in truth]


def spiked(truth, rng, share=0.02, low_seconds=0.005, high_seconds=0.030):
    return sorted(
        time + rng.uniform(low_seconds, high_seconds) if rng.random() < share else time
        for time in truth
    )


def stalled(truth, at_seconds, stall_seconds, spacing_seconds=0.0005):
    """The sender hangs, then clears its backlog all at once."""
    end = at_seconds + stall_seconds
    arrivals, free = [], 0.0
    for time in truth:
        arrival = max(time, end, free) if at_seconds <= time < end else max(time, free)
        arrivals.append(arrival)
        free = arrival + spacing_seconds if at_seconds <= time else 0.0
    return arrivals


def faulty(truth, rng, lost_share=0.0, doubled_share=0.0, first=48):
    """From pulse `first` on, some pulses never arrive and some arrive twice."""
    arrivals = []
    for number, time in enumerate(truth):
        if number >= first and rng.random() < lost_share:
            continue
        arrivals.append(time)
        if number >= first and rng.random() < doubled_share:
            arrivals.append(time + rng.uniform(0.0, 0.002))
    return arrivals


def merged(*trains):
    """Several senders on one wire."""
    return sorted(time for train in trains for time in train)

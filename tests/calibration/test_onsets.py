"""Hits at known moments in noise, as an audio input would hear them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from polyrhythmia_live.calibration.onsets import hear_hits
from polyrhythmia_live.calibration.recording import Recording
from polyrhythmia_live.calibration.striking import PATIENCE_SECONDS

Floats = NDArray[np.floating[Any]]

RATE_HZ = 48_000
BLOCK_FRAMES = 256
BEGAN_SECONDS = 1234.5
INPUT_LATENCY_SECONDS = 0.005
SENT_SECONDS = tuple(BEGAN_SECONDS + 0.6 + 0.5 * hit + 0.013 * (hit % 7) for hit in range(20))


def snare(rng: np.random.Generator) -> Floats:
    """A burst of noise that dies away in 40 ms."""
    frames = np.arange(round(0.15 * RATE_HZ))
    return 0.5 * rng.standard_normal(len(frames)) * np.exp(-frames / (0.01 * RATE_HZ))


def heard_in_the_room(
    late_seconds: float,
    noise: float,
    rng: np.random.Generator,
    drum: Callable[[np.random.Generator], Floats] = snare,
    late_blocks: float = 0.0,
) -> Recording:
    """Each hit sounds this late, between two frames too; `late_blocks`: how unpunctual they are."""
    frames = round(12 * RATE_HZ / BLOCK_FRAMES) * BLOCK_FRAMES
    samples = noise * rng.standard_normal((frames, 2))
    for seconds in SENT_SECONDS:
        at = round((seconds + late_seconds - BEGAN_SECONDS) * RATE_HZ)
        sound = drum(rng)
        samples[at : at + len(sound), 1] += sound
    starts = np.arange(0, frames, BLOCK_FRAMES)
    return Recording(
        samples=samples.astype(np.float32),
        rate_hz=RATE_HZ,
        block_frames=starts,
        block_seconds=BEGAN_SECONDS + INPUT_LATENCY_SECONDS + starts / RATE_HZ
        + rng.exponential(late_blocks, len(starts)),
        block_stretches=np.zeros(len(starts), np.int64),
        latency_seconds=INPUT_LATENCY_SECONDS,
    )  # fmt: skip


@settings(max_examples=10)
@given(late_seconds=st.floats(0.0, 0.2), seed=st.integers(0, 1000))
def test_hits_in_noise_are_timed_within_half_a_millisecond(late_seconds: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    recording = heard_in_the_room(late_seconds, 0.003, rng, late_blocks=0.002)
    heard = np.array(hear_hits(recording, SENT_SECONDS, PATIENCE_SECONDS), float)
    assert np.median(heard) == pytest.approx(late_seconds, abs=0.0005)
    assert np.ptp(heard) < 0.003


def test_a_latency_that_is_overstated_can_make_a_hit_early() -> None:
    recording = heard_in_the_room(-0.01, 0.001, np.random.default_rng(1))
    heard = np.array(hear_hits(recording, SENT_SECONDS, PATIENCE_SECONDS), float)
    assert np.median(heard) == pytest.approx(-0.01, abs=0.0005)


def test_hum_and_a_converters_offset_are_not_heard() -> None:
    recording = heard_in_the_room(0.02, 0.001, np.random.default_rng(1))
    frames = np.arange(len(recording.samples))
    recording.samples[:, 1] += (0.1 + 0.3 * np.sin(2 * np.pi * 50 * frames / RATE_HZ)).astype("f4")
    heard = np.array(hear_hits(recording, SENT_SECONDS, PATIENCE_SECONDS), float)
    assert np.median(heard) == pytest.approx(0.02, abs=0.0005)


def silence(rng: np.random.Generator) -> Floats:
    return np.zeros(1)


@pytest.mark.parametrize("noise", [0.0, 0.001, 0.2])
def test_where_nothing_sounds_nothing_is_heard(noise: float) -> None:
    recording = heard_in_the_room(0.02, noise, np.random.default_rng(1), silence)
    assert hear_hits(recording, SENT_SECONDS, PATIENCE_SECONDS) == [None] * len(SENT_SECONDS)


def test_hits_that_drown_in_noise_are_not_guessed() -> None:
    recording = heard_in_the_room(0.02, 0.3, np.random.default_rng(1))
    assert hear_hits(recording, SENT_SECONDS, PATIENCE_SECONDS).count(None) == len(SENT_SECONDS)


def test_hits_that_the_recording_does_not_reach_are_not_heard() -> None:
    recording = heard_in_the_room(0.02, 0.001, np.random.default_rng(1))
    beyond = (BEGAN_SECONDS + 0.01, BEGAN_SECONDS + 11.9, BEGAN_SECONDS + 99)
    assert hear_hits(recording, beyond, PATIENCE_SECONDS) == [None, None, None]


def test_after_a_gap_time_is_taken_from_what_follows_it() -> None:
    """Half a second went missing in the middle: the frames after it are later than they seem."""
    whole = heard_in_the_room(0.02, 0.001, np.random.default_rng(1))
    gap, at = round(0.5 * RATE_HZ / BLOCK_FRAMES), len(whole.block_frames) // 2
    kept = np.r_[0:at, at + gap : len(whole.block_frames)]
    frames = np.concatenate([np.arange(BLOCK_FRAMES) + whole.block_frames[k] for k in kept])
    recording = Recording(
        samples=whole.samples[frames],
        rate_hz=RATE_HZ,
        block_frames=np.arange(len(kept)) * BLOCK_FRAMES,
        block_seconds=whole.block_seconds[kept],
        block_stretches=(np.arange(len(kept)) >= at).astype(np.int64),
        latency_seconds=INPUT_LATENCY_SECONDS,
    )
    heard = [late for late in hear_hits(recording, SENT_SECONDS, PATIENCE_SECONDS) if late]
    assert len(heard) >= 17
    assert np.median(heard) == pytest.approx(0.02, abs=0.0005)

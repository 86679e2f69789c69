"""Every drum is heard, in the soundfonts that are played unless another is asked for."""

import math
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.midi.base import note_on
from polyrhythmia_live.wires.base import SynthSound
from polyrhythmia_live.wires.fluid import FluidSynth

RATE_HZ = 44_100
SNARE = GENERAL_MIDI.notes["snare"]
ALL_SOUND_OFF = b"\xb9\x78\x00"


@pytest.fixture(params=["standard", "black pearl", "red zeppelin"])
def synth(request: pytest.FixtureRequest) -> Iterator[FluidSynth]:
    try:
        opened = FluidSynth(SynthSound(kit=request.param), rate_hz=RATE_HZ)
    except SynthUnavailable:
        pytest.skip("needs a drum kit: `sudo apt-get install avldrums.lv2-soundfont`")
    with closing(opened):
        yield opened


def peak_db(synth: FluidSynth, note: int, velocity: int) -> float:
    """Of the second after a hit, once nothing else rings."""
    synth.play(ALL_SOUND_OFF)
    synth.render(2 * RATE_HZ)
    synth.play(note_on(9, note, velocity))
    samples = memoryview(synth.render(RATE_HZ)).cast("h")
    return 20 * math.log10(max(1, max(samples), -min(samples)))


def test_no_drum_hides_behind_the_snare(synth: FluidSynth) -> None:
    snare_db = peak_db(synth, SNARE, 100)
    for name, note in GENERAL_MIDI.notes.items():
        assert -8 < peak_db(synth, note, 100) - snare_db < 4, name


def test_a_ghost_note_is_heard_beside_an_accent(synth: FluidSynth) -> None:
    accent_db = peak_db(synth, SNARE, 127)
    assert -30 < peak_db(synth, SNARE, 20) - accent_db < -12
    assert -20 < peak_db(synth, SNARE, 45) - accent_db < -6


def test_three_toms_are_three_pitches(synth: FluidSynth) -> None:
    pitches_hz = []
    for name in ("low-tom", "mid-tom", "high-tom"):
        synth.play(ALL_SOUND_OFF)
        synth.render(2 * RATE_HZ)
        synth.play(note_on(*GENERAL_MIDI.keys[name], 100))
        synth.render(RATE_HZ // 20)  # past the stick
        samples = np.frombuffer(synth.render(RATE_HZ // 2), np.int16)[::2]
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 2 * RATE_HZ))
        pitches_hz.append(spectrum.argmax() / 2)
    low, mid, high = pitches_hz
    third = 2 ** (2 / 12)
    assert mid > third * low
    assert high > third * mid

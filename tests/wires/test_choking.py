"""Hats and cymbals that are choked, heard in what the synth renders."""

import array
import math
from contextlib import closing
from dataclasses import replace

import pytest

from polyrhythmia_live.drums.kit import RINGING, Kit
from polyrhythmia_live.midi.base import note_off, note_on
from polyrhythmia_live.wires.base import SynthSound
from polyrhythmia_live.wires.fluid import BLOCK_FRAMES, FluidSynth

RATE_HZ = 48_000
CLOSED_HAT, PEDAL_HAT, OPEN_HAT, CRASH, RIDE = 42, 44, 46, 49, 51
GENTLY = 1
"""So soft that of the two only the choked sound is heard."""
STRUCK_AT_BLOCK = 75
"""The second hit comes after 100 ms."""
CYMBALS = replace(RINGING, chokes=(*RINGING.chokes, frozenset({"crash", "ride"})))


def loudness_db(kit_name: str, hits: list[tuple[int, bytes]], kit: Kit = RINGING) -> float:
    """Of the 100 ms that begin 60 ms after the second hit; `hits` are (block, message)."""
    with closing(FluidSynth(SynthSound(kit=kit_name), kit.chokes_by_note(), RATE_HZ)) as synth:
        block = 0
        for at, message in hits:
            synth.render((at - block) * BLOCK_FRAMES)
            synth.play(message)
            block = at
        synth.render((STRUCK_AT_BLOCK + 45 - block) * BLOCK_FRAMES)
        samples = array.array("h", synth.render(75 * BLOCK_FRAMES))
    return 10 * math.log10(1 + sum(sample**2 for sample in samples) / len(samples))


def strike(note: int, velocity: int = 110) -> bytes:
    return note_on(9, note, velocity)


@pytest.mark.parametrize("kit_name", ["standard", "tr-808", "jazz"])
@pytest.mark.parametrize("other", [CLOSED_HAT, PEDAL_HAT])
def test_an_open_hat_ends_with_the_closed_one(kit_name: str, other: int) -> None:
    alone = loudness_db(kit_name, [(0, strike(OPEN_HAT))])
    choked = loudness_db(
        kit_name, [(0, strike(OPEN_HAT)), (STRUCK_AT_BLOCK, strike(other, GENTLY))]
    )
    assert choked < alone - 20, "what is left is the reverb"


def test_groups_that_the_soundfont_knows_nothing_of_choke_too() -> None:
    hits = [(0, strike(CRASH)), (STRUCK_AT_BLOCK, strike(RIDE, GENTLY))]
    assert loudness_db("standard", hits, CYMBALS) < loudness_db("standard", hits) - 20


def test_a_note_that_is_over_already_is_choked_as_well() -> None:
    hits = [(0, strike(CRASH)), (45, note_off(9, CRASH)), (STRUCK_AT_BLOCK, strike(RIDE, GENTLY))]
    assert loudness_db("standard", hits, CYMBALS) < loudness_db("standard", hits) - 20


def test_after_a_choke_the_cymbal_rings_again() -> None:
    struck = [(STRUCK_AT_BLOCK, strike(CRASH)), (STRUCK_AT_BLOCK + 5, note_off(9, CRASH))]
    choked_before = [(0, strike(CRASH)), (30, strike(RIDE, GENTLY)), *struck]
    assert loudness_db("standard", choked_before, CYMBALS) > loudness_db("standard", struck) - 1


def test_an_open_hat_rings_through_a_whole_beat() -> None:
    note_ends_at = round(RINGING.gate_ms / 1000 * RATE_HZ / BLOCK_FRAMES)
    assert note_ends_at > STRUCK_AT_BLOCK + 120
    cut = loudness_db("tr-808", [(0, strike(OPEN_HAT)), (45, note_off(9, OPEN_HAT))])
    assert loudness_db("tr-808", [(0, strike(OPEN_HAT))]) > cut + 20

"""FluidSynth's sequencer, heard in what the synth renders."""

import array
import math
from collections.abc import Callable
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.drums.kit import RINGING
from polyrhythmia_live.midi.base import note_off, note_on
from polyrhythmia_live.wires.base import SynthSound
from polyrhythmia_live.wires.fluid import BLOCK_FRAMES, FluidSynth
from polyrhythmia_live.wires.sequencer import ERA_BLOCKS, Sequencer

CROSS_STICK, CLOSED_HAT, OPEN_HAT = 37, 42, 46
GENTLY = 1
LOUD = 300
PERIODS = [64, 256, 1024]


class Stage:
    """A synth that is rendered by hand, a period in one go, and its sequencer."""

    def __init__(self, period: int, rate_hz: int = 48_000) -> None:
        sound = SynthSound(kit="standard")
        self.synth = FluidSynth(sound, RINGING.chokes_by_note(), rate_hz)
        self.sequencer = Sequencer(self.synth)
        self.period = period
        self.left = array.array("h")

    def play(self, message: bytes, frame: float | None) -> None:
        self.sequencer.place(frame)
        self.synth.play(message, self.sequencer)

    def render_to(self, frame: int) -> None:
        while len(self.left) < frame:
            self.left.extend(array.array("h", self.synth.render(self.period))[::2])

    def onset(self) -> int:
        return next(frame for frame, sample in enumerate(self.left) if abs(sample) > LOUD)

    def loudness_db(self, first: int, end: int) -> float:
        samples = self.left[first:end]
        return 10 * math.log10(1 + sum(sample**2 for sample in samples) / len(samples))

    def close(self) -> None:
        self.sequencer.close()
        self.synth.close()


def strike(note: int, velocity: int = 110) -> bytes:
    return note_on(9, note, velocity)


def rise_frames() -> int:
    """From the block in which the cross-stick is struck to its first loud frame."""
    with closing(FluidSynth(SynthSound(kit="standard"))) as synth:
        synth.play(strike(CROSS_STICK))
        samples = array.array("h", synth.render(64 * BLOCK_FRAMES))[::2]
        return next(frame for frame, sample in enumerate(samples) if abs(sample) > LOUD)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize("period", PERIODS)
def test_a_hit_begins_in_the_block_that_is_nearest_to_its_frame(period: int, rate_hz: int) -> None:
    for frame in (3_000, 5_055, 10_000, 12_345):
        with closing(Stage(period, rate_hz)) as stage:
            stage.render_to(2_048)
            stage.play(strike(CROSS_STICK), frame)
            stage.render_to(frame + 4_096)
            begins = stage.onset() - rise_frames()
            assert abs(begins - frame) <= BLOCK_FRAMES // 2 + 1
            assert begins % BLOCK_FRAMES in (0, 1, BLOCK_FRAMES - 1)


def test_a_hit_that_is_late_begins_with_the_next_block() -> None:
    with closing(Stage(64)) as stage:
        stage.render_to(6_400)
        stage.play(strike(CROSS_STICK), 100)
        stage.render_to(12_800)
        assert 0 <= stage.onset() - rise_frames() - 6_400 <= 2 * BLOCK_FRAMES


def test_what_is_played_at_once_comes_after_what_was_placed_there() -> None:
    with closing(Stage(64)) as stage:
        stage.render_to(6_400)
        stage.play(strike(OPEN_HAT), 6_400 + BLOCK_FRAMES)
        stage.play(bytes((0xB9, 120, 0)), None)
        stage.render_to(6_400 + 3 * BLOCK_FRAMES)
        assert stage.synth.sounding_voices() == 0


@pytest.mark.parametrize("period", PERIODS)
def test_an_open_hat_rings_until_the_closed_one_is_heard(period: int) -> None:
    """The choke belongs to the hit, not to the moment at which that was handed over."""

    def loudness(choke: bool, first: int, end: int) -> float:
        with closing(Stage(period)) as stage:
            stage.play(strike(OPEN_HAT), 1_000)
            if choke:
                stage.play(strike(CLOSED_HAT, GENTLY), 12_000)
            stage.render_to(28_000)
            return stage.loudness_db(first, end)

    before, after = (6_000, 12_000), (20_000, 28_000)
    assert abs(loudness(True, *before) - loudness(False, *before)) < 0.1
    assert loudness(True, *after) < loudness(False, *after) - 20


def test_an_open_hat_that_follows_a_closed_one_in_the_same_block_rings() -> None:
    def loudness(*notes: int) -> float:
        with closing(Stage(1_024)) as stage:
            for note in notes:
                stage.play(strike(note, GENTLY if note == CLOSED_HAT else 110), 4_000)
            stage.play(note_off(9, OPEN_HAT), 4_800)
            stage.render_to(20_000)
            return stage.loudness_db(8_000, 14_000)

    assert loudness(CLOSED_HAT, OPEN_HAT) == pytest.approx(loudness(OPEN_HAT), abs=1.0)


def test_what_is_taken_back_is_not_heard() -> None:
    with closing(Stage(1_024)) as stage:
        stage.play(strike(CROSS_STICK), 5_000)
        stage.render_to(2_048)
        stage.sequencer.clear()
        stage.render_to(12_000)
        assert max(map(abs, stage.left)) <= 1, "dither at most"


def test_after_a_choke_was_taken_back_the_open_hat_rings_as_ever() -> None:
    def loudness(choke_and_regret: bool) -> float:
        with closing(Stage(1_024)) as stage:
            if choke_and_regret:
                stage.play(strike(CLOSED_HAT, GENTLY), 0)
                stage.render_to(2_048)
                stage.play(strike(OPEN_HAT), 9_000)  # lifts the choke, and is taken back
                stage.sequencer.clear()
                stage.synth.forget_chokes()
            stage.render_to(20_480)
            stage.play(strike(OPEN_HAT), 24_000)
            stage.play(note_off(9, OPEN_HAT), 25_000)
            stage.render_to(40_000)
            return stage.loudness_db(28_000, 36_000)

    assert loudness(True) == pytest.approx(loudness(False), abs=1.0)


def test_it_counts_what_the_synth_renders() -> None:
    with closing(Stage(64)) as stage:
        for blocks in (1, 2, 3, 100):
            stage.render_to(blocks * BLOCK_FRAMES)
            assert stage.sequencer.rendered_frames() == blocks * BLOCK_FRAMES


# FluidSynth's time, as its sample timer tells it, on a double: a day is long


class Timer:
    """As much of FluidSynth as a sequencer needs.

    `block` is the one that was begun last; its time has so many `orders` a millisecond.
    """

    def __init__(self, rate_hz: int, orders: int = 30) -> None:
        self.rate_hz = rate_hz
        self.orders = orders
        self.block = 0
        self.sent: list[int] = []
        self.fluid = SimpleNamespace(synth=None)
        self.library = self

    def cfunc(self, name: str, *_: object) -> Callable[..., Any]:
        return getattr(self, name, lambda *_: 0)

    def __getattr__(self, name: str) -> Callable[..., int]:
        if not name.startswith(("fluid_", "new_fluid_")):
            raise AttributeError(name)
        return lambda *_: 0

    def milliseconds(self, block: int) -> int:
        frames = block * BLOCK_FRAMES % (1 << 32)
        return int(1000.0 * float(frames) / float(self.rate_hz))

    def fluid_sequencer_get_time_scale(self, _: object) -> float:
        return 1000.0 * self.orders

    def fluid_sequencer_get_tick(self, _: object) -> int:
        return int(float(self.milliseconds(self.block)) * self.orders)

    def fluid_sequencer_send_at(self, _s: object, _e: object, tick: int, _a: int) -> int:
        assert 0 <= tick < 1 << 32
        self.sent.append(tick)
        return 0

    def first_block_from(self, tick: int, block: int) -> int:
        """The first block from one on before which FluidSynth sends what is due at a tick."""
        while self.milliseconds(block) * self.orders < tick:
            block += 1
        return block


rates = st.sampled_from([32_000, 44_100, 48_000])


@given(rates, st.sampled_from([1, 30]), st.integers(2, ERA_BLOCKS - 2), st.integers(0, 40))
def test_each_block_has_a_time_of_its_own(
    rate_hz: int, orders: int, block: int, events: int
) -> None:
    timer = Timer(rate_hz, orders)
    sequencer = Sequencer(timer)  # type: ignore[arg-type]
    sequencer.place((block + 1) * BLOCK_FRAMES)
    for _ in range(events):
        sequencer.release(9, CROSS_STICK)
    assert timer.sent == sorted(timer.sent)
    assert all(timer.first_block_from(tick, block - 2) == block for tick in timer.sent)


@given(rates, st.integers(0, 3 * ERA_BLOCKS))
def test_the_frames_are_counted_on_when_fluidsynths_count_begins_anew(
    rate_hz: int, blocks: int
) -> None:
    timer = Timer(rate_hz)
    sequencer = Sequencer(timer)  # type: ignore[arg-type]
    for block in [*range(0, blocks, ERA_BLOCKS // 8), blocks]:
        timer.block = block
        assert sequencer.rendered_frames() == (block + 1) * BLOCK_FRAMES


def test_a_hit_beyond_the_end_of_fluidsynths_count_comes_just_before_it() -> None:
    """Once a day, and by no more than what is handed over ahead."""
    timer = Timer(48_000)
    sequencer = Sequencer(timer)  # type: ignore[arg-type]
    sequencer.place((ERA_BLOCKS + 10) * BLOCK_FRAMES)
    sequencer.release(9, CROSS_STICK)
    assert timer.first_block_from(timer.sent[0], ERA_BLOCKS - 10) == ERA_BLOCKS - 1


def test_after_it_hits_are_placed_as_before() -> None:
    timer = Timer(48_000)
    sequencer = Sequencer(timer)  # type: ignore[arg-type]
    for timer.block in (0, ERA_BLOCKS // 2 + 1, ERA_BLOCKS - 1, ERA_BLOCKS + 100):
        sequencer.rendered_frames()
    sequencer.place((ERA_BLOCKS + 501) * BLOCK_FRAMES)
    sequencer.release(9, CROSS_STICK)
    assert timer.first_block_from(timer.sent[0], ERA_BLOCKS + 100) == ERA_BLOCKS + 500

"""Lights: what they show, and how little they send."""

import itertools
from dataclasses import replace

import pytest

from polyrhythmia_live.control.base import CHOICES, LEVELS, ControlState
from polyrhythmia_live.control.controller.base import ControllerMap, Light
from polyrhythmia_live.lights.drawing import share
from polyrhythmia_live.lights.panel import AT_ONCE, Out, Panel
from polyrhythmia_live.messages import Cue, Snapshot, Turn
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import HALF_TIME
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from tests.control.test_status_line import PLAYING, SNAPSHOT

GENRES = ("funk", "jazz", "rock")
STOPPED = replace(SNAPSHOT, status=replace(PLAYING, transport=Transport.STOPPED))


def shown(control: str, snapshot: Snapshot, meters: MeterMap | None = None) -> float:
    return share(control, snapshot, GENRES, meters or MeterMap())


def at_tick(tick: int) -> Snapshot:
    return replace(SNAPSHOT, seconds=Timeline(120.04).time_at(tick) + 1e-6,
                   status=replace(PLAYING, tick=tick))  # fmt: skip


def test_play_is_lit_while_it_plays_and_stop_while_it_does_not() -> None:
    assert [shown(it, SNAPSHOT) for it in ("play/stop", "stop")] == [1.0, 0.0]
    assert [shown(it, STOPPED) for it in ("play/stop", "stop")] == [0.0, 1.0]
    assert [shown(it, Snapshot(None, ())) for it in ("play/stop", "stop", "density")] == [0.0] * 3


def test_a_level_is_lit_as_far_as_its_knob_would_stand() -> None:
    assert shown("density", SNAPSHOT) == 0.25
    assert shown("tempo", SNAPSHOT) == pytest.approx((120.04 - 60) / 127)
    assert shown("genre", SNAPSHOT) == 0.5


@pytest.mark.parametrize("name", [name for name in LEVELS if name not in CHOICES])
def test_a_ring_and_a_knob_are_of_one_mind(name: str) -> None:
    for position in (0.0, 0.3, 1.0):
        level = LEVELS[name]
        assert level.to_unit(level.from_unit(position)) == pytest.approx(position)
    assert level.to_unit(level.high) == 1.0


@pytest.mark.parametrize("name", LEVELS)
def test_every_level_of_the_table_can_be_shown(name: str) -> None:
    assert 0.0 <= shown(name, SNAPSHOT) <= 1.0


def test_a_morph_shows_how_far_it_is_and_where_to() -> None:
    mixed = replace(SNAPSHOT, levels=ControlState(genre=(("jazz", 0.8), ("funk", 0.2))).levels)
    assert shown("morph", mixed) == pytest.approx(0.2)
    assert (shown("genre", mixed), shown("towards", mixed)) == (0.5, 0.0)


def test_a_cue_is_lit_until_it_is_over() -> None:
    coming = replace(at_tick(0), cues=(Cue("fill", 8, 16),))
    assert shown("fill", coming) == 1.0
    assert shown("break", coming) == 0.0
    over = replace(at_tick(16 * TICKS_PER_STEP), cues=(Cue("fill", 8, 16),))
    assert shown("fill", over) == 0.0


def test_now_is_lit_while_a_genre_waits() -> None:
    waiting = replace(at_tick(0), turn=Turn("funk", 16))
    assert shown("now", waiting) == 1.0
    assert shown("now", replace(at_tick(16 * TICKS_PER_STEP), turn=Turn("funk", 16))) == 0.0


def test_half_time_and_a_ramp_are_lit_while_they_hold() -> None:
    halved = replace(SNAPSHOT, status=replace(PLAYING, ratio=HALF_TIME))
    assert [shown(it, halved) for it in ("half time", "double time")] == [1.0, 0.0]
    slower = replace(SNAPSHOT, status=replace(PLAYING, target_bpm=100.0))
    assert [shown(it, slower) for it in ("ritardando", "accelerando")] == [1.0, 0.0]


def test_tap_flashes_on_the_beat_as_the_meter_counts() -> None:
    def beats(meter: Meter) -> list[int]:
        steps = range(meter.bar_steps)
        return [step for step in steps
                if shown("tap", at_tick(step * TICKS_PER_STEP), MeterMap.of(meter))]  # fmt: skip

    assert beats(Meter.parse("4/4")) == [0, 4, 8, 12]
    assert beats(Meter.parse("7/8=2+2+3")) == [0, 4, 8, 9]  # a long beat, a long flash
    assert shown("tap", STOPPED) == 0.0


class Wire(Out):
    """Where lights are, as far as it is plugged in."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.open = True
        self.returns = False

    @property
    def is_open(self) -> bool:
        return self.open

    def watch(self) -> bool:
        return self.returns

    def send(self, message: bytes) -> None:
        self.sent.append(message)


@pytest.fixture
def wire() -> Wire:
    return Wire()


def panel(wire: Wire, *lights: Light) -> Panel:
    box = ControllerMap(
        "Box", lights=lights, opening=(b"\x9f\x0c\x7f",), closing=(b"\x9f\x0c\x00",)
    )
    moments = itertools.count(1.0, 0.6)
    return Panel(box, lambda: wire, now=lambda: next(moments), pause=lambda _: None)


def settled(box: Panel) -> None:
    """A port that has just come is left to settle, and then shown all twice."""
    for _ in range(3):
        box.draw(lambda _: 1.0)


FILL, CRASH = Light("fill", b"\x90\x01", (0, 127)), Light("crash", b"\x90\x02", (5, 60))


def test_lights_are_sent_on_change_only(wire: Wire) -> None:
    box = panel(wire, FILL, CRASH)
    settled(box)
    wire.sent.clear()
    for lit in (1.0, 0.0, 0.0, 1.0, 1.0):
        box.draw(lambda name, lit=lit: lit if name == "fill" else 1.0)  # type: ignore[misc]
    assert wire.sent == [b"\x90\x01\x00", b"\x90\x01\x7f"]


def test_a_controller_is_opened_before_it_is_lit_and_shown_all_again_a_little_later(
    wire: Wire,
) -> None:
    box = panel(wire, FILL)
    sent = []
    for _ in range(5):
        box.draw(lambda _: 0.0)
        sent.append(len(wire.sent))
    assert wire.sent == [b"\x9f\x0c\x7f", b"\x90\x01\x00"] * 2
    assert sent == [0, 2, 4, 4, 4]


def test_all_is_dark_at_the_end_and_the_controller_as_it_was(wire: Wire) -> None:
    box = panel(wire, FILL, CRASH)
    settled(box)
    wire.sent.clear()
    box.end()
    assert wire.sent == [b"\x90\x01\x00", b"\x90\x02\x05", b"\x9f\x0c\x00"]


def test_a_flood_is_sent_bit_by_bit_and_nothing_is_lost(wire: Wire) -> None:
    many = [Light("fill", bytes((0x90, note)), (0, 127)) for note in range(60)]
    box = panel(wire, *many)
    for _ in range(3):
        settled(box)
    counts = []
    for _ in range(4):
        before = len(wire.sent)
        box.draw(lambda _: 0.0)
        counts.append(len(wire.sent) - before)
    assert counts == [AT_ONCE, AT_ONCE, AT_ONCE, 60 - 3 * AT_ONCE]


def test_a_controller_that_returns_is_lit_anew(wire: Wire) -> None:
    box = panel(wire, FILL)
    settled(box)
    wire.sent.clear()
    wire.returns = True
    box.draw(lambda _: 1.0)
    assert wire.sent == []
    wire.returns = False
    box.draw(lambda _: 1.0)
    assert wire.sent == [b"\x9f\x0c\x7f", b"\x90\x01\x7f"]


def test_nothing_is_sent_to_a_controller_that_is_away(wire: Wire) -> None:
    wire.open = False
    box = panel(wire, FILL)
    settled(box)
    box.end()
    assert wire.sent == []

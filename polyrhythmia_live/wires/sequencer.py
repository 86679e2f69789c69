"""FluidSynth's own sequencer: each event in the block of frames that it is meant for.

FluidSynth asks its sequencer before each block that it renders, however many it renders in one go.
It tells it the time in whole milliseconds, which names a block up to 64 kHz.
"""

from __future__ import annotations

from ctypes import c_double, c_int, c_uint, c_void_p

from polyrhythmia_live.wires.fluid import BLOCK_FRAMES, FluidSynth, bound

ERA_BLOCKS = (1 << 32) // BLOCK_FRAMES
"""FluidSynth counts frames in 32 bits: after a day at 48 kHz its time begins anew."""

_ORDERS = 30
"""Of a millisecond: events of one block keep their order. FluidSynth's own would be any. As many as
its 32 bits have room for, down to 32 kHz."""
_LEADS_BLOCKS = 1
"""What FluidSynth is told before it renders a block begins with the next one."""
_PLACES_KEPT = 256
_ABSOLUTE = 1
_NUMBERS = 1 << 10
"""So many messages later, a number is another one's: more than wait at a time."""


class Sequencer:
    """A keyboard of a synth that plays at a chosen frame. Implements `Keyboard`.

    To be made before the synth renders, closed when it no longer does. `rate_hz` is the synth's.
    Threads: dispatcher only. Real-time: yes. But where a method says otherwise.
    """

    def __init__(self, synth: FluidSynth) -> None:
        library = synth.library
        self.rate_hz = synth.rate_hz
        self._library = library
        self._sequencer = library.new_fluid_sequencer2(0)
        scale = bound(library, "fluid_sequencer_set_time_scale", c_void_p, c_double)
        scale(self._sequencer, 1000.0 * _ORDERS)
        self._orders = int(library.fluid_sequencer_get_time_scale(self._sequencer)) // 1000
        """FluidSynth before 2.2 gives one: there the events of a block have no order."""
        self._prompt_order = self._orders // 2
        """What is played at once comes after all that was placed in the same block."""
        to = library.fluid_sequencer_register_fluidsynth(self._sequencer, synth.fluid.synth)
        self._event = library.new_fluid_event()  # FluidSynth keeps copies
        library.fluid_event_set_source(self._event, -1)
        library.fluid_event_set_dest(self._event, to)
        event = (c_void_p, *[c_int] * 3)
        self._press = bound(library, "fluid_event_key_pressure", *event)
        self._control = bound(library, "fluid_event_control_change", *event)
        self._bend = bound(library, "fluid_event_pitch_bend", *event[:3])
        self._send_at = bound(library, "fluid_sequencer_send_at", c_void_p, c_void_p, c_uint, c_int)
        self._remove = bound(library, "fluid_sequencer_remove_events", c_void_p, *[c_int] * 3)
        self._eras = 0
        self._rendered_blocks = 0
        self._block: int | None = None
        self._placed: dict[int, int] = {}
        """How many events were placed in a block."""
        self._number = 0
        self._prompt = (0, 0)
        """The block after which was played at once, and how many events."""

    def rendered_frames(self) -> int:
        """How many frames the synth has rendered since it was made.

        Threads: any one. Real-time: yes.
        """
        blocks = self._eras * ERA_BLOCKS + self._block_now() + 1
        if blocks < self._rendered_blocks - ERA_BLOCKS // 2:
            self._eras += 1
            blocks += ERA_BLOCKS
        self._rendered_blocks = blocks
        return blocks * BLOCK_FRAMES

    def _block_now(self) -> int:
        """The block that was begun last, in FluidSynth's era."""
        milliseconds = int(self._library.fluid_sequencer_get_tick(self._sequencer)) // self._orders
        return -(-milliseconds * self.rate_hz // (1000 * BLOCK_FRAMES))

    def begun_frames(self) -> int:
        """Up to where what was placed has begun, and cannot be withdrawn any more."""
        return (self._eras * ERA_BLOCKS + self._block_now() + 2) * BLOCK_FRAMES

    def withdraw(self, number: int) -> None:
        """Forget what was sent after `place` gave this number, unless it has begun."""
        self._remove(self._sequencer, number, -1, -1)

    def place(self, frame: float | None) -> int:
        """Choose where what follows begins: at the block nearest to a frame, or None = at once.

        What would begin in FluidSynth's next era begins at the end of this one. What follows has
        the number that is given, which some later message will have again.
        """
        self._number = self._number % _NUMBERS + 1
        self._library.fluid_event_set_source(self._event, self._number)
        if frame is None:
            self._block = None
            return self._number
        block = round(frame / BLOCK_FRAMES) - _LEADS_BLOCKS - self._eras * ERA_BLOCKS
        self._block = min(max(0, block), ERA_BLOCKS - 1)
        return self._number

    def strike(self, channel: int, key: int, velocity: int) -> None:
        self._library.fluid_event_noteon(self._event, channel, key, velocity)
        self._send()

    def release(self, channel: int, key: int) -> None:
        self._library.fluid_event_noteoff(self._event, channel, key)
        self._send()

    def press(self, channel: int, key: int, pressure: int) -> None:
        self._press(self._event, channel, key, pressure)
        self._send()

    def control(self, channel: int, number: int, value: int) -> None:
        self._control(self._event, channel, number, value)
        self._send()

    def bend(self, channel: int, value: int) -> None:
        self._bend(self._event, channel, value)
        self._send()

    def clear(self) -> None:
        """Forget what has not begun. Threads: any. Real-time: yes."""
        self._remove(self._sequencer, -1, -1, -1)

    def close(self) -> None:
        """Leave the synth, whose driver plays no more. Threads: any one. Real-time: no."""
        self._library.delete_fluid_sequencer(self._sequencer)
        self._library.delete_fluid_event(self._event)

    def _send(self) -> None:
        self._send_at(self._sequencer, self._event, self._tick(), _ABSOLUTE)

    def _tick(self) -> int:
        """Of the sequencer: within the block, after all that was sent there before."""
        if self._block is None:
            now = self._block_now()
            block, order = self._prompt if self._prompt[0] == now else (now, 0)
            self._prompt = block, order + 1
            return self._tick_in(block + 1, self._prompt_order + order, self._orders)
        if len(self._placed) > _PLACES_KEPT:
            self._placed.clear()
        order = self._placed.get(self._block, 0)
        self._placed[self._block] = order + 1
        return self._tick_in(self._block, order, self._prompt_order or 1)

    def _tick_in(self, block: int, order: int, orders: int) -> int:
        milliseconds = 1000 * BLOCK_FRAMES * block // self.rate_hz
        return max(0, (milliseconds - 1) * self._orders + 1 + min(order, orders - 1))

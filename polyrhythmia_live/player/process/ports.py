"""The player's wires and inputs, opened, watched and closed.

Nothing that we send may come back as an order. So the clock is never sent to the port that it is
read from, whenever and under whatever name that port turns up. Notes are: a drum machine that leads
and is played is one port; what it echoes is no clock. Control inputs may be of a machine that we
play, too: its notes and its clock mean nothing there, and the one thing that we send and would
obey, All Sound Off, is obeyed once (`Decoder`). Our own ports are never found by a name; but what
others send to our control port may be the clock, where that was asked for.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from functools import partial

from polyrhythmia_live.config import PlayerConfig, PortOutput, SynthConfig
from polyrhythmia_live.control.base import CHOICES, consumer_of
from polyrhythmia_live.control.decoder import Decoder
from polyrhythmia_live.errors import PortError, PortMissing, SynthUnavailable
from polyrhythmia_live.messages import ClockState, Command, PortState
from polyrhythmia_live.midi.base import START, SYSTEM, TIMING_CLOCK, Receive
from polyrhythmia_live.midi.inputs import MidiInPort
from polyrhythmia_live.midi.listen import InPort, MidiInputs
from polyrhythmia_live.midi.names import (
    OWN_CLIENT,
    VIRTUAL_CONTROL,
    folded,
    machine,
    stable,
)
from polyrhythmia_live.midi.probe import MidiProbe
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.player.base import Route
from polyrhythmia_live.player.inbox import ClockIn, WireBack
from polyrhythmia_live.rhythm.control import NOTE_CHANNEL, Consumer
from polyrhythmia_live.wires.base import Wire
from polyrhythmia_live.wires.midi import MidiWires
from polyrhythmia_live.wires.silent import SilentWire

CLOCK_UNHEEDED = "a clock arrives there; start with --clock-in control to follow it"


class Ports:
    """Wires, control inputs, the clock's input.

    Notes go over `routes`, the clock over `clock_wires`; one wire may be among both. A port that is
    not there is waited for. Raises PortError for a name that means several ports or one that would
    be fed with its own clock, and SynthUnavailable.
    """

    def __init__(self, config: PlayerConfig) -> None:
        self._config = config
        self._system, self._no_system = self._find_system()
        self._refuse_feedback()
        self._probe = MidiProbe(config.midi_system)
        self._clock_input: MidiInPort | None = None
        self._clock_lost = False
        self._found: dict[str, str] = {}
        """Which of the names asked for means each port, as the system names it."""
        self._midi_inputs = MidiInputs(self._system) if self._system is not None else None
        self._midi_wires = MidiWires(self._system, OWN_CLIENT) if self._system is not None else None
        opened = [(port, self._wire(port)) for port in config.ports]
        routes = [Route(wire, port.kit) for port, wire in opened if port.notes]
        wires = [wire for _, wire in opened]
        if config.synth is not None:
            synth = self._synth(config.synth)
            routes.append(Route(synth, config.synth.kit))
            wires.append(synth)
        self.routes = tuple(routes)
        self.clock_wires = tuple(wire for port, wire in opened if port.clock)
        self.wires = tuple(wires)
        self.inputs: list[InPort] = []
        self._controllers: list[tuple[InPort, Decoder]] = []
        self._obey: Callable[[Command], None] = lambda _: None
        self._clock_unheeded = False
        """Whether somebody sends a clock to our control port, and we follow none."""

    def listen(
        self, inbox_put: Callable[[object], None], send_to_brain: Callable[[Command], None]
    ) -> None:
        """Open the inputs. From here on, commands arrive with whoever obeys them.

        The clock's messages, and the commands that are the player's, go to the dispatcher's inbox.
        """

        def obey(command: Command) -> None:
            ours = consumer_of(command) is Consumer.PLAYER
            (inbox_put if ours else send_to_brain)(command)

        def clock(message: bytes, arrival_seconds: float) -> None:
            if message[0] >= SYSTEM:  # a machine that leads may be played as well
                inbox_put(ClockIn(message, arrival_seconds))

        def notice_clock(message: bytes, _: float) -> None:
            self._clock_unheeded |= message[0] in (TIMING_CLOCK, START)

        def plug(
            opened: Callable[[Receive], InPort],
            also: Receive | None = None,
            plugged_seconds: float = -math.inf,
        ) -> None:
            decoder = Decoder(
                dict.fromkeys(CHOICES, len(self._config.genres)),
                self._may_have_pads(),
                self._config.control_channel,
                plugged_seconds,
            )

            def receive(message: bytes, arrival_seconds: float) -> None:
                if also is not None:
                    also(message, arrival_seconds)
                command = decoder.command(message, arrival_seconds)
                if command is not None:
                    obey(command)

            port = opened(receive)
            decoder.use(self._config.controllers.at(port.name))
            self._controllers.append((port, decoder))
            self.inputs.append(port)

        inputs = self._midi_inputs
        if self._system is None or inputs is None:
            return
        self._obey = obey
        at_own_port = {VIRTUAL_CONTROL: clock, None: notice_clock}.get(self._config.clock_in)
        plug(inputs.virtual, at_own_port)
        for name in self._config.control_ports:
            self._refuse_several(self._system, name)
            plug(partial(inputs.named, name), plugged_seconds=time.monotonic())
        if self._config.clock_in not in (None, VIRTUAL_CONTROL):
            self._refuse_several(self._system, self._config.clock_in)
            self._clock_input = inputs.named(self._config.clock_in, clock)
            self.inputs.append(self._clock_input)

    @property
    def output_notice(self) -> str:
        """What the performer should be told of the outputs once, or nothing.

        Threads: player's main. Real-time: no.
        """
        return "" if self._midi_wires is None else self._midi_wires.notice

    def notice(self, port: InPort) -> str:
        """What the performer should be told of an input once, or nothing.

        Threads: player's main. Real-time: no.
        """
        ours = port.name == VIRTUAL_CONTROL
        if ours and self._clock_unheeded:
            return CLOCK_UNHEEDED
        if self._midi_inputs is not None and self._midi_inputs.notice:
            return self._midi_inputs.notice
        controller = self._config.controllers.at(port.name)
        listened = any(port is it for it, _ in self._controllers)
        return f"by the map of {controller.name}" if listened and controller.name else ""

    def _may_have_pads(self) -> bool:
        """Not where a machine is played on the pads' channel: what it echoes is no order."""
        return not any(
            NOTE_CHANNEL in port.kit.channels for port in self._config.ports if not port.virtual
        )

    @property
    def unknown(self) -> int:
        """How many control changes came that the control table has no row for."""
        return sum(decoder.unknown for _, decoder in self._controllers)

    @property
    def untouchable(self) -> bool:
        """The MIDI server died or stands still: its ports must not even be closed."""
        return self._system is not None and self._system.trouble is not None

    @property
    def stale(self) -> bool:
        """There is a MIDI system, and only a new process may open its ports.

        This one found none, or has seen another one die.
        """
        return (self._system is None or self._system.lost) and self._probe.found()

    def watch(self, inbox_put: Callable[[object], None]) -> None:
        """Reopen what has come back, and tell the dispatcher."""
        for port in self.inputs:  # first: where the clock comes from decides where it may go
            plugged = port.watch()
            for controller, decoder in self._controllers:
                if plugged and controller is port:
                    decoder.use(self._config.controllers.at(port.name))
        for port, decoder in self._controllers:
            if port.condition.state is not PortState.OPEN:
                for command in decoder.unplugged(time.monotonic()):
                    self._obey(command)
        for wire in self.wires:
            if wire.watch():
                inbox_put(WireBack(wire))

    def unstick(self, clock: ClockState) -> None:
        """Listen anew where a clock fell silent under the song, once each time.

        A system exclusive message that does not end swallows the clock, and nothing tells it from
        a source that is gone.
        """
        lost = clock is ClockState.HOLDOVER
        if lost and not self._clock_lost and self._clock_input is not None:
            self._clock_input.replug()
        self._clock_lost = lost

    def unplug(self) -> None:
        """Let nothing more arrive; `close` must not come before what is under way has."""
        for port in self.inputs:
            port.unplug()

    def close(self) -> None:
        self._probe.close()
        for port in self.inputs:
            port.close()
        if self._midi_inputs is not None:
            self._midi_inputs.close()
        for wire in self.wires:
            wire.close()
        if self._midi_wires is not None:
            self._midi_wires.close()
        if self._system is not None:
            self._system.close()

    def _find_system(self) -> tuple[MidiSystem | None, str]:
        """No MIDI system is an error only where a port was asked for by name."""
        named = (
            self._config.clock_in is not None
            or bool(self._config.control_ports)
            or any(not port.virtual or port.clock for port in self._config.ports)
        )
        try:
            return MidiSystem(self._config.midi_system), ""
        except PortError as error:
            if named and not self._config.patient:
                raise
            return None, str(error)

    def _refuse_feedback(self) -> None:
        """Raise while an error can still be shown; a port found later is shunned."""
        clock_in = self._config.clock_in
        if clock_in is None:
            return
        for port in self._config.ports:
            if port.clock and self._is_same(port.name, clock_in):
                raise PortError(
                    f"expected the clock to go out on another port than it comes in from, got "
                    f"'{port.name}' for both: leave out --clock-in or that --clock-out"
                )

    def _is_same(self, out_name: str, in_name: str) -> bool:
        if folded(out_name) == folded(in_name):
            return True
        system = self._system
        if system is None or self._config.patient:
            return False
        try:
            return machine(system.find_output(out_name)) == machine(system.find_input(in_name))
        except PortError:  # not there, which is said elsewhere, or waited for
            return False

    def _refuse_again(self, wanted: str, found: str) -> None:
        """A wrong name is an error, told at once; and so are two names of one port."""
        other = self._found.setdefault(found, wanted)
        if other != wanted:
            raise PortError(
                f"expected a port for each name, got '{stable(found)}' for '{other}' and for "
                f"'{wanted}': leave one of them away"
            )

    def _gives_the_clock(self, name: str) -> bool:
        clock_input = self._clock_input
        return clock_input is not None and machine(clock_input.name) == machine(name)

    def _wire(self, port: PortOutput) -> Wire:
        if self._system is None or self._midi_wires is None:
            return SilentWire(port.name, self._no_system)
        if port.virtual:
            return self._midi_wires.virtual(port.name, port.offset_seconds)
        if not self._config.patient:
            with contextlib.suppress(PortMissing):
                self._refuse_again(port.name, self._system.find_output(port.name))
        return self._midi_wires.named(
            port.name,
            port.offset_seconds,
            shuns=lambda name: port.clock and self._gives_the_clock(name),
        )

    def _refuse_several(self, system: MidiSystem, name: str) -> None:
        """A name that means several inputs is an error, while it can still be shown."""
        if not self._config.patient:
            with contextlib.suppress(PortMissing):
                system.find_input(name)

    def _synth(self, config: SynthConfig) -> Wire:
        from polyrhythmia_live.wires.synth import SynthWire  # loads libfluidsynth

        try:
            chokes_by_note = config.kit.chokes_by_note()
            synth = SynthWire(
                config.sound,
                config.driver,
                chokes_by_note,
                patient=self._config.patient or not config.required,
            )
        except SynthUnavailable as error:
            if config.required:
                raise
            return SilentWire("synth", str(error))
        # Played ahead by as much as its buffer holds it back, it sounds with the MIDI ports.
        synth.offset_seconds = config.offset_seconds - synth.latency_seconds
        return synth

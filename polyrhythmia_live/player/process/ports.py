"""Everything with a wire: the player's outputs and inputs, opened, watched and closed.

Nothing that we send may come back as an order. So the clock is never sent to the port that it is
read from, whenever and under whatever name that port turns up. Notes are: a drum machine that leads
and is played is one port; what it echoes is no clock. Control inputs may be of a machine that we
play, too: notes and clock that come in there mean nothing, and the one thing that we send and would
obey, All Sound Off, is obeyed once (`ControlMap`). Our own ports are never found by a name.
"""

from __future__ import annotations

from collections.abc import Callable

from polyrhythmia_live.config import PlayerConfig, PortOutput, SynthConfig
from polyrhythmia_live.errors import PortError, SynthUnavailable
from polyrhythmia_live.messages import ClockState, ControlIn
from polyrhythmia_live.midi.base import SYSTEM
from polyrhythmia_live.midi.inputs import MidiInPort, Receive, VirtualMidiInPort
from polyrhythmia_live.midi.names import VIRTUAL_CONTROL, stable
from polyrhythmia_live.midi.outputs import MidiOutPort, VirtualMidiOutPort
from polyrhythmia_live.midi.probe import MidiProbe
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.player.inbox import ClockIn, OutputBack
from polyrhythmia_live.wires.base import Output
from polyrhythmia_live.wires.silent import SilentOutput


class Ports:
    """Outputs, control inputs, the clock's input.

    `outputs` get notes, `clock_outputs` get the clock; one port may be among both. Raises
    PortError for a port that is not there or would be fed with its own clock, and
    SynthUnavailable.
    """

    def __init__(self, config: PlayerConfig) -> None:
        self._config = config
        self._system, self._no_system = self._find_system()
        self._refuse_feedback()
        self._probe = MidiProbe(config.midi_system)
        self._clock_input: MidiInPort | None = None
        self._clock_lost = False
        opened = [(port, self._output(port)) for port in config.ports]
        synth = () if config.synth is None else (self._synth(config.synth),)
        self.outputs: tuple[Output, ...] = (*(out for port, out in opened if port.notes), *synth)
        self.clock_outputs: tuple[Output, ...] = tuple(out for port, out in opened if port.clock)
        self.all_outputs: tuple[Output, ...] = (*(out for _, out in opened), *synth)
        self.inputs: list[MidiInPort | VirtualMidiInPort] = []

    def listen(self, inbox_put: Callable[[object], None]) -> None:
        """Open the inputs; from here on, their messages arrive in the dispatcher's inbox."""

        def control(message: bytes, _: float) -> None:
            if message[0] < SYSTEM:
                inbox_put(ControlIn(message))

        def clock(message: bytes, arrival_seconds: float) -> None:
            inbox_put(ClockIn(message, arrival_seconds))

        if self._system is None:
            return
        self.inputs.append(VirtualMidiInPort(self._system, control, VIRTUAL_CONTROL))
        for name in self._config.control_ports:
            self.inputs.append(self._input(self._system, name, control))
        if self._config.clock_in is not None:
            self._clock_input = self._input(self._system, self._config.clock_in, clock)
            self.inputs.append(self._clock_input)

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
            port.watch()
        for output in self.all_outputs:
            if output.watch():
                inbox_put(OutputBack(output))

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
        for output in self.all_outputs:
            output.close()
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
        """An error as long as one can be told; a port found later is shunned."""
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
        if out_name.casefold() == in_name.casefold():
            return True
        system = self._system
        if system is None or self._config.patient:
            return False
        try:
            return stable(system.find_output(out_name)) == stable(system.find_input(in_name))
        except PortError:  # not there, which is said elsewhere, or waited for
            return False

    def _gives_the_clock(self, name: str) -> bool:
        return self._clock_input is not None and self._clock_input.name == name

    def _output(self, port: PortOutput) -> Output:
        if self._system is None:
            return SilentOutput(port.name, self._no_system, port.kit)
        if port.virtual:
            return VirtualMidiOutPort(self._system, port.name, port.kit, port.offset_seconds)
        if not self._config.patient:
            self._system.find_output(port.name)  # a wrong name is an error, told at once
        return MidiOutPort(
            self._system,
            port.name,
            port.kit,
            port.offset_seconds,
            shuns=lambda name: port.clock and self._gives_the_clock(name),
        )

    def _input(self, system: MidiSystem, name: str, receive: Receive) -> MidiInPort:
        if not self._config.patient:
            system.find_input(name)
        return MidiInPort(system, name, receive)

    @staticmethod
    def _synth(config: SynthConfig) -> Output:
        from polyrhythmia_live.wires.synth import SynthOutput  # loads libfluidsynth

        try:
            synth = SynthOutput(sound=config.sound, driver=config.driver, kit=config.kit)
        except SynthUnavailable as error:
            if config.required:
                raise
            return SilentOutput("synth", str(error), config.kit)
        # Played ahead by as much as its buffer holds it back, it sounds with the MIDI ports.
        synth.offset_seconds = config.offset_seconds - synth.latency_seconds
        return synth

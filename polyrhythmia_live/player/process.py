"""The player process: puts clock, dispatcher, outputs and inputs together, and watches them.

Started by the supervisor as `python -m polyrhythmia_live.player.process PIPE LEDGER`, two file
descriptors; the first message on the pipe is a `PlayerConfig`. If the supervisor dies the pipe
closes; then, as on SIGTERM, every open note is ended and the process exits.
"""

from __future__ import annotations

import contextlib
import gc
import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from polyrhythmia_live.clock.base import Clock, Follow
from polyrhythmia_live.clock.internal import InternalClock
from polyrhythmia_live.clock.midi_clock import MidiClock
from polyrhythmia_live.clock.midi_transport import MidiTransport
from polyrhythmia_live.clock.monotonic import MonotonicTimebase
from polyrhythmia_live.config import VIRTUAL_CONTROL, PlayerConfig, PortOutput, SynthConfig
from polyrhythmia_live.errors import PolyrhythmiaError, PortError, SynthUnavailable
from polyrhythmia_live.midi.base import SYSTEM
from polyrhythmia_live.midi.ports import (
    MidiInPort,
    MidiOutPort,
    Receive,
    VirtualMidiInPort,
    VirtualMidiOutPort,
)
from polyrhythmia_live.midi.probe import MidiProbe
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.output.base import Output
from polyrhythmia_live.output.silent import SilentOutput
from polyrhythmia_live.player.dispatcher import ClockIn, Dispatcher
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.player.ledger import LEDGER_BYTES, Ledger
from polyrhythmia_live.player.link import BrainLink
from polyrhythmia_live.player.messages import ControlIn, Failed, Quit, Status
from polyrhythmia_live.player.realtime import ask_for_real_time
from polyrhythmia_live.rhythm.timeline import Transport

STATUS_SECONDS = 0.1
WATCH_SECONDS = 0.5
QUIT_SECONDS = 0.5
LEAVE_SECONDS = 0.05
"""The last note-offs leave with JACK's next period (21 ms at most, as a rule); a port that closes
before takes them along."""

EXIT_STALE = 75
"""Exit status (EX_TEMPFAIL) of a player that wants to be started again at once."""

SWITCH_INTERVAL_SECONDS = 0.0005
"""At the interpreter's default of 5 ms, one busy thread delays the dispatcher by as much."""


class Ports:
    """Everything with a wire: outputs, control inputs, the clock's input."""

    def __init__(self, config: PlayerConfig) -> None:
        self._config = config
        self._system, self._no_system = self._find_system()
        self._probe = MidiProbe(config.midi_system)
        self.outputs: tuple[Output, ...] = (
            *(self._output(port) for port in config.ports),
            *(() if config.synth is None else (self._synth(config.synth),)),
        )
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
            self.inputs.append(self._input(self._system, self._config.clock_in, clock))

    @property
    def stale(self) -> bool:
        """The MIDI system went away, or has come: only a new process may open its ports.

        After a server's death the old objects must not even be closed.
        """
        return self._probe.found() if self._system is None else self._system.lost

    def watch(self) -> None:
        """Reopen what has come back."""
        for output in self.outputs:
            output.watch()
        for port in self.inputs:
            port.watch()

    def close(self) -> None:
        for port in self.inputs:
            port.close()
        for output in self.outputs:
            output.close()
        if self._system is not None:
            self._system.close()

    def _find_system(self) -> tuple[MidiSystem | None, str]:
        """No MIDI system is an error only where a port was asked for by name."""
        named = (
            self._config.clock_in is not None
            or bool(self._config.control_ports)
            or any(not port.virtual for port in self._config.ports)
        )
        try:
            return MidiSystem(self._config.midi_system), ""
        except PortError as error:
            if named and not self._config.patient:
                raise
            return None, str(error)

    def _output(self, port: PortOutput) -> Output:
        if self._system is None:
            return SilentOutput(port.name, self._no_system, port.kit)
        if port.virtual:
            return VirtualMidiOutPort(self._system, port.name, port.kit, port.offset_seconds)
        if not self._config.patient:
            self._system.find_output(port.name)  # a wrong name is an error, told at once
        return MidiOutPort(self._system, port.name, port.kit, port.offset_seconds)

    def _input(self, system: MidiSystem, name: str, receive: Receive) -> MidiInPort:
        if not self._config.patient:
            system.find_input(name)
        return MidiInPort(system, name, receive)

    @staticmethod
    def _synth(config: SynthConfig) -> Output:
        from polyrhythmia_live.output.synth import SynthOutput  # loads libfluidsynth

        try:
            return SynthOutput(
                soundfont=config.soundfont, driver=config.driver, kit=config.kit,
                offset_seconds=config.offset_seconds,
            )  # fmt: skip
        except SynthUnavailable as error:
            if config.required:
                raise
            return SilentOutput("synth", str(error), config.kit)


class Player:
    """The process, put together. Threads: main; starts the dispatcher and the brain's link."""

    def __init__(self, config: PlayerConfig, supervisor: Connection, ledger: Ledger) -> None:
        self._supervisor = supervisor
        self._ports = Ports(config)
        self._link = BrainLink(config.address, lambda message: inbox.put(message))
        self._dispatcher = Dispatcher(
            timebase=MonotonicTimebase(),
            clock=_make_clock(config),
            outputs=self._ports.outputs,
            ledger=ledger,
            ladder=Ladder(config.meter, config.groove),
            report=self._link.send,
            autostart=config.autostart,
        )
        inbox = self._dispatcher.inbox
        self._ports.listen(inbox.put)
        self._thread = threading.Thread(target=self._dispatch, name="dispatcher", daemon=True)
        self.priority = ""

    def run(self) -> None:
        """Play until the supervisor says Quit, dies, or a signal asks for the end."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
        signal.signal(signal.SIGTERM, lambda *_: self._dispatcher.inbox.put(Quit()))
        self._link.start()
        self._thread.start()
        _settle_garbage_collector()
        try:
            self._serve()
        finally:
            self._dispatcher.inbox.put(Quit())
            self._thread.join(QUIT_SECONDS)
            time.sleep(LEAVE_SECONDS)
            self._ports.close()

    def _dispatch(self) -> None:
        self.priority = ask_for_real_time()
        self._dispatcher.run()

    def _serve(self) -> None:
        """Pass the performer's commands on, report, and watch the ports, at their intervals."""
        status_at = watch_at = time.monotonic()
        rolling = False
        while self._thread.is_alive():
            now_seconds = time.monotonic()
            if now_seconds >= watch_at:
                if self._ports.stale:
                    self._supervisor.send(self._status())  # why, before there is nobody to say it
                    os._exit(EXIT_STALE)  # without a word to the ports; see `Ports.stale`
                self._ports.watch()
                watch_at = now_seconds + WATCH_SECONDS
            if now_seconds >= status_at:
                status = self._status()
                self._supervisor.send(status)
                status_at = now_seconds + STATUS_SECONDS
                if rolling and status.transport is Transport.STOPPED:
                    gc.collect()  # automatic collection is off while playing
                rolling = status.transport is Transport.ROLLING
            if self._supervisor.poll(max(0.0, min(status_at, watch_at) - now_seconds)):
                self._dispatcher.inbox.put(self._supervisor.recv())

    def _status(self) -> Status:
        dispatcher = self._dispatcher
        clock: Clock = dispatcher.clock
        full, last_bar, groove, kick_and_hat = dispatcher.rung_steps
        return Status(
            clock=clock.name,
            clock_condition=clock.condition,
            transport=clock.transport,
            timeline=clock.timeline,
            tick=dispatcher.tick(),
            rung=dispatcher.rung,
            late=dispatcher.counters.late,
            dropped=dispatcher.counters.dropped,
            bad_input=sum(port.refused for port in self._ports.inputs),
            rung_steps=(full, last_bar, groove, kick_and_hat),
            outputs=tuple((output.name, output.condition) for output in self._ports.outputs),
            inputs=tuple((port.name, port.condition) for port in self._ports.inputs),
            priority=self.priority,
        )


def _make_clock(config: PlayerConfig) -> Clock:
    clock = _stopped_clock(config)
    if config.resume is not None:
        clock.take_over(config.resume)
    return clock


def _stopped_clock(config: PlayerConfig) -> Clock:
    if config.clock_in is None:
        return InternalClock(config.tempo_bpm)
    if config.follow is Follow.TRANSPORT:
        return MidiTransport(config.tempo_bpm)
    return MidiClock(
        tempo_bpm=config.tempo_bpm,
        meter=config.meter,
        on_clock_loss=config.on_clock_loss,
        clock_offset_seconds=config.clock_offset_seconds,
        follow_transport=config.follow is Follow.BOTH,
    )


def _settle_garbage_collector() -> None:
    """All that is alive now stays; a collection while playing would stop the dispatcher."""
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    gc.collect()
    gc.freeze()
    gc.disable()


@contextlib.contextmanager
def _failing_aloud(supervisor: Connection) -> Iterator[None]:
    """Tell the supervisor in one line why this process cannot go on."""
    try:
        yield
    except PolyrhythmiaError as error:
        supervisor.send(Failed(str(error)))
        sys.exit(1)
    except (EOFError, BrokenPipeError):
        sys.exit(0)  # the supervisor is gone; nothing left to serve


def main() -> None:
    """Entry point: file descriptors of the supervisor's pipe and of the ledger's memory."""
    supervisor = Connection(int(sys.argv[1]))
    memory = mmap.mmap(int(sys.argv[2]), LEDGER_BYTES)
    with _failing_aloud(supervisor):
        Player(supervisor.recv(), supervisor, Ledger(memory)).run()


if __name__ == "__main__":
    main()

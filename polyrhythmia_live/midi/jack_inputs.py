"""MIDI inputs on JACK that know the frame of each message.

What a message's arrival is: the moment at which its frame begins, on the same scale on which our
outputs place what is due. What is due when something arrived lies on the frame on which that lay.
So on average an arrival is half a period later than the one that rtmidi tells, and we are told of
it up to a period before it is over; what comes from a sound card's MIDI jack is stamped one period
after it was there, always.
"""

from __future__ import annotations

import os
import threading

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.midi.base import JackSystem, Receive
from polyrhythmia_live.midi.inputs import MidiInPort, VirtualMidiInPort
from polyrhythmia_live.system.jack_ports import JackPort, JackPorts
from polyrhythmia_live.system.jack_ring import MICROSECONDS, RingReader

_MODULE = "polyrhythmia_live.midi.jack_intake"
_WAKINGS = 4096
"""So many are taken in one go."""


class JackInputs(JackPorts[RingReader]):
    """The process that listens in JACK's periods, and our inputs in it. Implements `MidiInSystem`.

    Its client has no output: what comes from a machine that we play would otherwise be a period
    late, as JACK breaks a circle of clients.
    """

    _system: JackSystem

    def __init__(self, system: JackSystem, client: str) -> None:
        self._woken, self._waking = os.pipe()
        self._open: dict[int, Inlet] = {}
        self._closed = False
        super().__init__(system, _MODULE, client, RingReader, (self._waking,))
        self._thread = threading.Thread(target=self._listen, name="JACK inputs", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        """Pass on what arrives, in a thread of its own."""
        while os.read(self._woken, _WAKINGS) and not self._closed:
            ring = self.ring
            for arrival_us, _, number, message in ring.records():
                inlet = self._open.get(number)
                if inlet is not None:
                    inlet.arrived(message, arrival_us / MICROSECONDS)
            ring.settle(0)
            for number, inlet in tuple(self._open.items()):
                inlet.notice_lost(ring.lost(number))

    def revive(self) -> bool:
        """As `JackPorts.revive`. Threads: player's main. Real-time: no."""
        revived = super().revive()
        if revived:
            self._open = {}
        return revived

    def in_client(self, _name: str, arrived: Receive) -> Inlet:
        """An input that is not open yet. Threads: player's main. Real-time: no."""
        return Inlet(self, arrived)

    def listed_by(self, _client: Inlet) -> list[str]:
        """As `PortFinder.listed_by`. Threads: player's main. Real-time: no."""
        return self._system.jack_outputs()

    def opened(self, client: Inlet, port: str, _listed: list[str], own_port: str) -> bool:
        """As `PortFinder.opened`. Threads: player's main. Real-time: no."""
        try:
            client.open_virtual_port(own_port)
        except PortError:
            return False
        if not self._system.jack_connect(port, client.full_name):
            client.close_port()
            return False
        return True

    def unplug_input(self, own_port: str) -> None:
        """As `MidiInSystem.unplug_input`. Threads: player's main. Real-time: no."""
        self._system.unplug_input(own_port)

    def connect(self, peers: tuple[str, ...], input_: str) -> None:
        """Connect an input to what it was connected to. Threads: player's main. Real-time: no."""
        for peer in peers:
            self._system.jack_connect(peer, input_)

    def attend(self, number: int, inlet: Inlet) -> None:
        """Pass on to an inlet what arrives at the input of that number.

        Threads: player's main. Real-time: no.
        """
        inlet.notice_lost(self.ring.lost(number), counted=False)
        self._open = {**self._open, number: inlet}

    def unregister(self, number: int) -> None:
        """As `JackPorts.unregister`. Threads: player's main. Real-time: no."""
        self._open = {other: it for other, it in self._open.items() if other != number}
        super().unregister(number)

    def close(self) -> None:
        """As `JackPorts.close`. Threads: player's main. Real-time: no."""
        super().close()
        self._closed = True
        os.write(self._waking, b"\0")
        self._thread.join()
        os.close(self._waking)
        os.close(self._woken)


class Inlet(JackPort[RingReader]):
    """One input of the process. `arrived` is called in the thread of the inputs."""

    _ports: JackInputs

    def __init__(self, inputs: JackInputs, arrived: Receive) -> None:
        super().__init__(inputs)
        self.arrived = arrived
        self._lost = 0

    def open_virtual_port(self, name: str) -> None:
        """As `JackPort.open_virtual_port`. Threads: player's main. Real-time: no."""
        super().open_virtual_port(name)
        if self._number is not None:
            self._ports.attend(self._number, self)

    def notice_lost(self, lost: int, counted: bool = True) -> None:
        """What had no room in the ring arrives as nothing, which is refused and counted.

        Threads: any one. Real-time: no.
        """
        for _ in range(lost - self._lost if counted else 0):
            self.arrived(b"", 0.0)
        self._lost = lost


class VirtualJackInPort(VirtualMidiInPort):
    """An input that appears in JACK for others to connect to."""

    _system: JackInputs
    _client: Inlet
    _peers: tuple[str, ...] = ()

    def watch(self) -> bool:
        """True when it has just come back: with a new process, connected as it was.

        May block and allocate. Threads: player's main. Real-time: no.
        """
        inputs, inlet = self._system, self._client
        inputs.revive()
        if self._silence() is not None:
            return False
        if not inlet.gone:
            self._peers = inputs.peers(inlet.full_name) or self._peers
            return False
        try:
            inlet.open_virtual_port(self.name)
        except PortError:
            return False
        inputs.connect(self._peers, inlet.full_name)
        return True


class JackInPort(MidiInPort):
    """An input that follows a port by name, as `MidiInPort` does."""

    _system: JackInputs

    def watch(self) -> bool:
        """As `MidiInPort.watch`. Threads: player's main. Real-time: no."""
        self._system.revive()
        return super().watch()

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
from polyrhythmia_live.messages import PortCondition, PortState
from polyrhythmia_live.midi.base import JackSystem, Receive
from polyrhythmia_live.midi.inputs import MidiInPort, VirtualMidiInPort
from polyrhythmia_live.system.jack_host import JackHost
from polyrhythmia_live.system.jack_ring import MICROSECONDS, RingReader

STARTS_AGAIN = PortCondition(PortState.STILL, "its process starts again")

_MODULE = "polyrhythmia_live.midi.jack_intake"
_WAKINGS = 4096
"""So many are taken in one go."""


class JackInputs:
    """The process that listens in JACK's periods, and our inputs in it. Implements `MidiInSystem`.

    `client` is the name of the one JACK client that all of them belong to, and no output: what
    comes from a machine that we play would otherwise be a period late, as JACK breaks a circle of
    clients. The process comes up while we do something else: see `await_up`.
    """

    def __init__(self, system: JackSystem, client: str) -> None:
        library = system.jack_library
        if library is None:
            raise PortError("expected JACK to listen to, got another MIDI system")
        self._system = system
        self._woken, self._waking = os.pipe()
        self._host = JackHost(_MODULE, library, client, (self._waking,))
        self._open: dict[int, Inlet] = {}
        self._closed = False
        self.ring = RingReader(self._host.memory)
        self._thread = threading.Thread(target=self._listen, name="JACK inputs", daemon=True)
        self._thread.start()

    def await_up(self) -> None:
        """Wait until ports can be opened, once; raises PortError where the process does not come.

        Threads: player's main. Real-time: no.
        """
        try:
            self._host.await_up()
        except PortError:
            self.close()
            raise

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

    @property
    def trouble(self) -> PortCondition | None:
        """As `PortFinder.trouble`. Threads: player's main. Real-time: no."""
        return self._system.trouble or (STARTS_AGAIN if self._host.ended else None)

    def revive(self) -> None:
        """Start the process again where it has ended or is stuck.

        Threads: player's main. Real-time: no.
        """
        if self._system.trouble is not None:
            self._host.excuse()
        elif self._host.tend():
            self._open = {}
            self.ring = RingReader(self._host.memory)

    def in_client(self, _name: str, arrived: Receive) -> Inlet:
        """An input that is not open yet. Threads: player's main. Real-time: no."""
        return Inlet(self, arrived)

    def listed_by(self, _client: Inlet) -> list[str]:
        """As `PortFinder.listed_by`. Threads: player's main. Real-time: no."""
        return self._system.jack_outputs()

    def find_foreign(self, wanted: str, listed: list[str], found: str | None = None) -> str | None:
        """As `PortFinder.find_foreign`. Threads: player's main. Real-time: no."""
        return self._system.find_foreign(wanted, listed, found)

    def absent(self, listed: list[str]) -> PortCondition:
        """As `PortFinder.absent`. Threads: player's main. Real-time: no."""
        return self._system.absent(listed)

    def stable(self, port: str) -> str:
        """As `PortFinder.stable`. Threads: player's main. Real-time: no."""
        return self._system.stable(port)

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

    def connected(self, port: str, own_port: str, listed: list[str]) -> bool:
        """As `PortFinder.connected`. Threads: player's main. Real-time: no."""
        return self._system.connected(port, own_port, listed)

    def unplug_input(self, own_port: str) -> None:
        """As `MidiInSystem.unplug_input`. Threads: player's main. Real-time: no."""
        self._system.unplug_input(own_port)

    def peers(self, input_: str) -> tuple[str, ...]:
        """What an input is connected to. Threads: player's main. Real-time: no."""
        return self._system.jack_peers(input_)

    def connect(self, peers: tuple[str, ...], input_: str) -> None:
        """Connect an input to what it was connected to. Threads: player's main. Real-time: no."""
        for peer in peers:
            self._system.jack_connect(peer, input_)

    def register(self, name: str, inlet: Inlet) -> tuple[int, str]:
        """A new input's number and full name; raises PortError.

        Threads: player's main. Real-time: no.
        """
        number, full_name = self._host.register(name)
        inlet.notice_lost(self.ring.lost(number), counted=False)
        self._open = {**self._open, number: inlet}
        return number, full_name

    def unregister(self, number: int) -> None:
        """Take an input away. Threads: player's main. Real-time: no."""
        self._open = {other: it for other, it in self._open.items() if other != number}
        self._host.unregister(number)

    def close(self) -> None:
        """Leave the server, and end the process. Threads: player's main. Real-time: no."""
        if self.trouble is None:
            self._host.leave()
        else:
            self._host.kill()
        self._closed = True
        os.write(self._waking, b"\0")
        self._thread.join()
        os.close(self._waking)
        os.close(self._woken)


class Inlet:
    """One input of the process, as rtmidi's client is one of rtmidi's.

    `arrived` is called in the thread of the inputs.
    """

    def __init__(self, inputs: JackInputs, arrived: Receive) -> None:
        self.arrived = arrived
        self.full_name = ""
        self._inputs = inputs
        self._ring = inputs.ring
        self._number: int | None = None
        self._lost = 0

    @property
    def gone(self) -> bool:
        """The process that had this input is another one by now.

        Threads: player's main. Real-time: no.
        """
        return self._ring is not self._inputs.ring

    def notice_lost(self, lost: int, counted: bool = True) -> None:
        """What had no room in the ring arrives as nothing, which is refused and counted.

        Threads: any one. Real-time: no.
        """
        for _ in range(lost - self._lost if counted else 0):
            self.arrived(b"", 0.0)
        self._lost = lost

    def open_virtual_port(self, name: str) -> None:
        """Appear in the system; raises PortError. Threads: player's main. Real-time: no."""
        number, self.full_name = self._inputs.register(name, self)
        self._ring, self._number = self._inputs.ring, number

    def cancel_callback(self) -> None:
        """There is nothing to cancel. Threads: player's main. Real-time: no."""

    def close_port(self) -> None:
        """Disappear. Threads: player's main. Real-time: no."""
        number, self._number = self._number, None
        if number is not None and not self.gone and self._inputs.trouble is None:
            self._inputs.unregister(number)

    def delete(self) -> None:
        """There is nothing to free. Threads: player's main. Real-time: no."""


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

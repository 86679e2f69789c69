"""MIDI ports on JACK that play each message at its frame.

The periods are filled in a process of its own (`wires.jack_process`), which this one starts.
"""

from __future__ import annotations

import time

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.midi.base import Guard, JackSystem
from polyrhythmia_live.system.jack_ports import JackPort, JackPorts
from polyrhythmia_live.system.jack_ring import MICROSECONDS, Figure, RingWriter
from polyrhythmia_live.wires.rtmidi import MidiWire, PortWire, VirtualMidiWire

MARGIN_SECONDS = 0.002
"""How long before a period begins all that is due in it is handed over: see docs/measured.md."""

PLACE_SECONDS = 0.5
"""How long what was handed over may take to be placed, at the most."""

_MODULE = "polyrhythmia_live.wires.jack_process"


class JackOutputs(JackPorts[RingWriter]):
    """The process that fills JACK's periods, and our outputs in it. Implements `MidiOutSystem`.

    It is up when this returns; raises PortError where it does not come up.
    """

    _system: JackSystem

    def __init__(self, system: JackSystem, client: str) -> None:
        super().__init__(system, _MODULE, client, RingWriter)
        self.await_up()

    @property
    def lost(self) -> bool:
        """As `MidiOutSystem.lost`. Threads: any. Real-time: yes."""
        return self._system.lost

    @property
    def lookahead_seconds(self) -> float:
        """How long before it is due a message is to be handed over.

        Threads: any. Real-time: yes.
        """
        return self.ring.figure(Figure.PERIOD_US) / MICROSECONDS + MARGIN_SECONDS

    def firm_until(self, now_seconds: float) -> float:
        """As `Wire.firm_until`: the end of the period that was filled last, or of the next one
        where that may be filled at any moment.

        Threads: dispatcher only. Real-time: yes.
        """
        end_seconds = self.ring.figure(Figure.END_US) / MICROSECONDS
        if now_seconds + MARGIN_SECONDS < end_seconds:
            return end_seconds
        return max(now_seconds, end_seconds) + self.lookahead_seconds

    def ring_guard(self) -> Guard:
        """As `MidiOutSystem.ring_guard`. Threads: player's main. Real-time: no."""
        return self._system.ring_guard()

    def out_client(self, _name: str | None) -> Outlet:
        """An output that is not open yet. Threads: player's main. Real-time: no."""
        return Outlet(self)

    def listed_by(self, _client: Outlet) -> list[str]:
        """As `PortFinder.listed_by`. Threads: player's main. Real-time: no."""
        return self._system.jack_inputs()

    def opened(self, client: Outlet, port: str, _listed: list[str], own_port: str) -> bool:
        """As `PortFinder.opened`. Threads: player's main. Real-time: no."""
        try:
            client.open_virtual_port(own_port)
        except PortError:
            return False
        if not self._system.jack_connect(client.full_name, port):
            client.close_port()
            return False
        return True

    def connect(self, output: str, peers: tuple[str, ...]) -> None:
        """Connect an output to what it was connected to. Threads: player's main. Real-time: no."""
        for peer in peers:
            self._system.jack_connect(output, peer)


class Outlet(JackPort[RingWriter]):
    """One output of the process."""

    @property
    def lost(self) -> int:
        """How many messages could not be placed. Threads: any. Real-time: yes."""
        return 0 if self._number is None else self._ring.lost(self._number)

    def put(self, message: bytes, due_seconds: float) -> bool:
        """Hand over a message; False where there is no room.

        Threads: dispatcher only. Real-time: yes.
        """
        number = self._number
        if number is None:
            return False
        due_us = int(max(due_seconds, time.monotonic()) * MICROSECONDS)
        return self._ring.put(number, message, due_us)

    def take_back(self) -> None:
        """As `Wire.take_back`. Threads: dispatcher only. Real-time: yes."""
        if self._number is not None:
            self._ring.take_back(self._number, int(time.monotonic() * MICROSECONDS))

    def withdraw(self, message: bytes, due_seconds: float) -> None:
        """As `Wire.withdraw`. Threads: dispatcher only. Real-time: yes."""
        if self._number is not None:
            self._ring.withdraw(self._number, message, int(due_seconds * MICROSECONDS))

    def finish(self) -> None:
        """Wait until what was handed over is placed. Threads: player's main. Real-time: no."""
        deadline = time.monotonic() + PLACE_SECONDS
        while not self._ring.empty and time.monotonic() < deadline:
            time.sleep(0.001)


class _PlacingWire(PortWire):
    """Sending to an outlet, which knows the future; shared by both kinds of port."""

    _system: JackOutputs
    _client: Outlet
    _lost = 0

    @property
    def lookahead_seconds(self) -> float:  # type: ignore[override]
        """As `Wire.lookahead_seconds`. Threads: any. Real-time: yes."""
        return self._system.lookahead_seconds

    def send(self, message: bytes) -> None:
        """As `Wire.send`. Threads: dispatcher only. Real-time: yes."""
        self.send_at(message, 0.0)

    def send_at(self, message: bytes, due_seconds: float) -> None:
        """As `Wire.send_at`. Threads: dispatcher only. Real-time: yes."""
        outlet = self._taker(message)
        if outlet is not None:
            lost = outlet.lost
            if not outlet.put(message, due_seconds):
                self.dropped += 1
            if lost != self._lost:
                self.dropped, self._lost = self.dropped + max(0, lost - self._lost), lost

    def take_back(self) -> None:
        """As `Wire.take_back`. Threads: dispatcher only. Real-time: yes."""
        outlet = self._connected
        if outlet is not None:
            outlet.take_back()

    def firm_until(self, now_seconds: float) -> float:
        """As `Wire.firm_until`. Threads: dispatcher only. Real-time: yes."""
        return self._system.firm_until(now_seconds)

    def withdraw(self, message: bytes, due_seconds: float) -> None:
        """As `Wire.withdraw`. Threads: dispatcher only. Real-time: yes."""
        outlet = self._connected
        if outlet is not None:
            outlet.withdraw(message, due_seconds)

    def close(self) -> None:
        """As `Wire.close`. Threads: player's main. Real-time: no."""
        self._connected = None
        if self._silence() is None:
            self._client.finish()
        super().close()


class VirtualJackWire(_PlacingWire, VirtualMidiWire):
    """A port that appears in JACK for others to connect to. Implements `Wire`."""

    _peers: tuple[str, ...] = ()

    def watch(self) -> bool:
        """As `Wire.watch`. A port whose process had to be replaced is connected as it was.

        Threads: player's main. Real-time: no.
        """
        outputs, outlet = self._system, self._client
        outputs.revive()
        if self._silence() is not None:
            return False
        if not outlet.gone:
            self._peers = outputs.peers(outlet.full_name) or self._peers
            return super().watch()
        try:
            outlet.open_virtual_port(self.name)
        except PortError:
            return False
        outputs.connect(outlet.full_name, self._peers)
        return True


class JackWire(_PlacingWire, MidiWire):
    """Follows a port by name, as `MidiWire` does. Implements `Wire`."""

    def watch(self) -> bool:
        """As `Wire.watch`. Threads: player's main. Real-time: no."""
        self._system.revive()
        return super().watch()

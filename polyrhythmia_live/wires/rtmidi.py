"""MIDI ports to play to: virtual ones that others connect to, named ones that we reconnect to.

Nothing in a MIDI system says that the other end has left, so named ports are looked at four
times a second and opened again when they return. One rtmidi object serves a port for life where
it can: a new one stops every thread for 10 ms or more (measured on JACK; closing and opening the
same one, 2 to 5 ms).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from polyrhythmia_live.messages import CLOSED, OPEN, PortCondition, PortState
from polyrhythmia_live.midi.base import MidiOutSystem, is_exclusive, is_message
from polyrhythmia_live.wires.base import PromptWire

SHUNNED = PortCondition(PortState.SHUNNED, "it is where the clock comes from")


class PortWire(PromptWire):
    """Sending, shared by both kinds of port; `client` None = one of our plain clients."""

    def __init__(
        self, system: MidiOutSystem, client: str | None, name: str, offset_seconds: float
    ) -> None:
        self.name = name
        self.offset_seconds = offset_seconds
        self.dropped = 0
        """Messages that had nowhere to go, or that a server that stands still did not take."""
        self.refused = 0
        """Messages that were not MIDI."""
        self._system = system
        self._client = system.out_client(client)
        self._guard = system.ring_guard()
        self._connected: Any = None
        """The client while it has an end to send to."""
        self._missed = False
        """Something was not sent because the server stood still."""

    def send(self, message: bytes) -> None:
        """As `Wire.send`. Threads: dispatcher only. Real-time: yes."""
        client = self._taker(message)
        if client is not None:
            try:
                client.send_message(message)
            except Exception:
                self.dropped += 1

    def _taker(self, message: bytes) -> Any:
        """The client that takes this message; None, and it is counted, where none does."""
        # Read once: `watch` takes the client away from another thread.
        client = self._connected
        if client is None or self._system.lost:
            self.dropped += 1
        elif not is_message(message) and not is_exclusive(message):
            self.refused += 1
        elif not self._guard.admits(message):
            self.dropped += 1
            self._missed = True
        else:
            return client
        return None

    def close(self) -> None:
        """As `Wire.close`; a client of a server in trouble is left where it is.

        Threads: player's main. Real-time: no.
        """
        self._connected = None
        if self._client is not None and self._system.trouble is None:
            self._client.close_port()
            self._client.delete()
        self._client = None

    def _silence(self) -> PortCondition | None:
        return CLOSED if self._client is None else self._system.trouble

    def _returns(self) -> bool:
        """Whether the server goes on after the other end missed something."""
        returns = self._missed and self._silence() is None
        if returns:
            self._missed = False
        return returns


class VirtualMidiWire(PortWire):
    """A port that appears in the system for others to connect to. Implements `Wire`."""

    def __init__(self, system: MidiOutSystem, name: str, offset_seconds: float = 0.0) -> None:
        super().__init__(system, name, name, offset_seconds)
        self._client.open_virtual_port(name)
        self._connected = self._client

    @property
    def condition(self) -> PortCondition:
        """As `Wire.condition`. Threads: player's main. Real-time: no."""
        return self._silence() or OPEN

    def watch(self) -> bool:
        """As `Wire.watch`: a virtual port comes and goes with its server only.

        Threads: player's main. Real-time: no.
        """
        return self._returns()


class MidiWire(PortWire):
    """Follows a port by name. Implements `Wire`.

    A port that is not there is waited for: raises nothing. Once found, it is that one that is
    waited for, whatever numbers its name has by then. `shuns` is asked at each look, about a port's
    name: where it says yes, the port is left alone.
    """

    def __init__(
        self,
        system: MidiOutSystem,
        wanted: str,
        offset_seconds: float = 0.0,
        shuns: Callable[[str], bool] = lambda _name: False,
    ) -> None:
        super().__init__(system, None, wanted, offset_seconds)
        self._shuns = shuns
        self._shunned = False
        self._wanted = wanted
        self._found: str | None = None
        """The stable name of the port that it meant, once there was one."""
        self._own_port = f"to {wanted}"
        self._peer: str | None = None
        self._absent = system.absent([])
        self.watch()

    @property
    def condition(self) -> PortCondition:
        """As `Wire.condition`. Threads: player's main. Real-time: no."""
        if self._connected is not None:
            return self._silence() or OPEN
        if self._shunned:
            return SHUNNED
        return self._silence() or self._absent

    def watch(self) -> bool:
        """As `Wire.watch`. Threads: player's main. Real-time: no."""
        if self._silence() is not None:
            return False
        system = self._system
        listed = system.listed_by(self._client)
        if self._peer is not None:
            there = system.connected(self._peer, self._own_port, listed)
            if there and not self._shuns(self.name):
                return self._returns()
            # First of all: the dispatcher must not write to a port that is being closed.
            self._connected = self._peer = None
            self._client.close_port()
        peer = system.find_foreign(self._wanted, listed, self._found)
        self._absent = system.absent([it for it in listed if it != peer])
        self._shunned = peer is not None and self._shuns(system.stable(peer))
        if peer is None or self._shunned:
            return False
        if not system.opened(self._client, peer, listed, self._own_port):
            return False
        self.name = self._found = system.stable(peer)
        self._peer = peer
        self._connected = self._client
        return True

"""Ports: virtual ones that others connect to, and named ones that we connect to and reconnect.

Nothing in a MIDI system says that the other end has left, so named ports are looked at about
twice a second and opened again when they return. One rtmidi object serves a port for life where
it can: a new one stops every thread for 10 ms or more (measured on JACK; closing and opening the
same one, 2 to 5 ms).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import rtmidi

from polyrhythmia_live.config import VIRTUAL_CONTROL, VIRTUAL_OUT
from polyrhythmia_live.errors import PortError
from polyrhythmia_live.midi.base import is_message
from polyrhythmia_live.midi.names import OWN_CLIENT, foreign, match, stable
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.rhythm.kit import GENERAL_MIDI, Kit

Receive = Callable[[bytes, float], None]
"""Called with one whole message and its arrival in `time.monotonic()` seconds."""


class _OutPort:
    """Sending, shared by both kinds of output."""

    def __init__(
        self, system: MidiSystem, client: str, name: str, kit: Kit, offset_seconds: float
    ) -> None:
        self.name = name
        self.kit = kit
        self.offset_seconds = offset_seconds
        self.dropped = 0
        """Messages that had nowhere to go."""
        self.refused = 0
        """Messages that were not MIDI."""
        self._system = system
        self._client = system.out_client(client)
        self._wire: Any = None

    def send(self, message: bytes) -> None:
        """As `Output.send`. Threads: dispatcher only. Real-time: yes."""
        # Read once: `watch` takes the wire away from another thread.
        wire = self._wire
        if wire is None or self._system.lost:
            self.dropped += 1
        elif not is_message(message):
            self.refused += 1
        else:
            try:
                wire.send_message(message)
            except Exception:
                self.dropped += 1

    def close(self) -> None:
        """As `Output.close`; after the server's death the client is left where it is."""
        self._wire = None
        if self._client is not None and not self._system.lost:
            self._client.close_port()
            self._client.delete()
        self._client = None

    def _silence(self) -> str | None:
        if self._client is None:
            return "closed"
        return "MIDI server gone" if self._system.lost else None


class VirtualMidiOutPort(_OutPort):
    """An output that appears in the system for others to connect to. Implements `Output`."""

    def __init__(
        self,
        system: MidiSystem,
        name: str = VIRTUAL_OUT,
        kit: Kit = GENERAL_MIDI,
        offset_seconds: float = 0.0,
    ) -> None:
        super().__init__(system, name, name, kit, offset_seconds)
        self._client.open_virtual_port(name)
        self._wire = self._client

    @property
    def condition(self) -> str:
        return self._silence() or "open"

    def watch(self) -> bool:
        """Always False: a virtual port does not come and go."""
        return False


class MidiOutPort(_OutPort):
    """An output that follows a port by name. Implements `Output`.

    A port that is not there is waited for: raises nothing (ask `MidiSystem.find_output` first
    where a wrong name must be an error). Once found, it is that very name that is waited for.
    """

    def __init__(
        self,
        system: MidiSystem,
        wanted: str,
        kit: Kit = GENERAL_MIDI,
        offset_seconds: float = 0.0,
    ) -> None:
        super().__init__(system, OWN_CLIENT, wanted, kit, offset_seconds)
        self._own_port = f"to {wanted}"
        self._peer: str | None = None
        self.watch()

    @property
    def condition(self) -> str:
        return self._silence() or ("open" if self._wire is not None else f"no port '{self.name}'")

    def watch(self) -> bool:
        """As `Output.watch`. Threads: player's main thread only. Real-time: no."""
        if self._silence() is not None:
            self._wire = None
            return False
        listed = self._client.get_ports()
        if self._peer is not None:
            if self._system.connected(self._peer, self._own_port, listed):
                return False
            # The wire first: the dispatcher must not write to a port that is being closed.
            self._wire = self._peer = None
            self._client.close_port()
        peer = _find(self.name, listed)
        if peer is None or not _opened(self._client, listed.index(peer), self._own_port):
            return False
        self.name, self._peer = stable(peer), peer
        self._wire = self._client
        return True


class _InPort:
    """Receiving, shared by both kinds of input."""

    def __init__(self, system: MidiSystem, client: str, name: str, receive: Receive) -> None:
        self.name = name
        self.refused = 0
        """Messages that were not MIDI, or that `receive` failed on."""
        self._system = system
        self._receive = receive
        self._client_name = client
        self._client = system.in_client(client)

    def _arrived(self, event: tuple[list[int], float], _data: object = None) -> None:
        # First of all: what follows may wait for the interpreter lock.
        arrival_seconds = time.monotonic()
        try:
            message = bytes(event[0])
            if is_message(message):
                self._receive(message, arrival_seconds)
            else:
                self.refused += 1
        except Exception:
            # It would vanish without a trace in rtmidi's thread: count it.
            self.refused += 1

    def close(self) -> None:
        """Stop listening. Threads: player's main thread only."""
        if self._client is not None and not self._system.lost:
            _discard(self._client)
        self._client = None

    def _silence(self) -> str | None:
        if self._client is None:
            return "closed"
        return "MIDI server gone" if self._system.lost else None


class VirtualMidiInPort(_InPort):
    """An input that appears in the system for others to connect to.

    `receive` runs in rtmidi's thread: it must return at once.
    """

    def __init__(self, system: MidiSystem, receive: Receive, name: str = VIRTUAL_CONTROL) -> None:
        super().__init__(system, name, name, receive)
        self._client.set_callback(self._arrived)
        self._client.open_virtual_port(name)

    @property
    def condition(self) -> str:
        return self._silence() or "open"

    def watch(self) -> bool:
        """Always False: a virtual port does not come and go."""
        return False


class MidiInPort(_InPort):
    """An input that follows a port by name, as `MidiOutPort` does.

    `receive` runs in rtmidi's thread: it must return at once.
    """

    def __init__(self, system: MidiSystem, wanted: str, receive: Receive) -> None:
        super().__init__(system, OWN_CLIENT, wanted, receive)
        self._own_port = f"from {wanted}"
        self._peer: str | None = None
        self._used = False
        self.watch()

    @property
    def condition(self) -> str:
        return self._silence() or ("open" if self._peer is not None else f"no port '{self.name}'")

    def watch(self) -> bool:
        """Open the port when it is there; True when it has just come.

        May block and allocate. Threads: player's main thread only. Real-time: no.
        """
        if self._silence() is not None:
            return False
        listed = self._client.get_ports()
        if self._peer is not None:
            if self._system.connected(self._peer, self._own_port, listed):
                return False
            self._peer = None
            self._client.cancel_callback()
            self._client.close_port()
        peer = _find(self.name, listed)
        if peer is None:
            return False
        self._renew()
        self._client.set_callback(self._arrived)
        self._used = True
        if not _opened(self._client, listed.index(peer), self._own_port):
            return False
        self.name, self._peer = stable(peer), peer
        return True

    def _renew(self) -> None:
        """Replace a client that has listened before.

        A device unplugged within a system exclusive message leaves RtMidi waiting for its end:
        everything after it, clock included, would be swallowed. Only a new object forgets it.
        """
        if self._used:
            fresh = self._system.in_client(self._client_name)
            _discard(self._client)
            self._client = fresh


def _find(wanted: str, listed: list[str]) -> str | None:
    try:
        return match(wanted, foreign(listed))
    except PortError:
        return None


def _opened(client: Any, index: int, own_port: str) -> bool:
    try:
        client.open_port(index, own_port)
    except (rtmidi.RtMidiError, ValueError):  # it left between the look and the opening
        return False
    return True


def _discard(client: Any) -> None:
    # In this order: a callback into a closing port has crashed others (mido issue 368).
    client.cancel_callback()
    client.close_port()
    client.delete()

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
from polyrhythmia_live.midi.pulse import RingGuard
from polyrhythmia_live.midi.system import MidiSystem, listed_by
from polyrhythmia_live.rhythm.kit import GENERAL_MIDI, Kit

Receive = Callable[[bytes, float], None]
"""Called with one whole message and its arrival in `time.monotonic()` seconds."""

QUIET_SECONDS = 0.05
"""What was under way when an input was unplugged has arrived by then: JACK's period, 21 ms as a
rule, and the interpreter lock."""


class _OutPort:
    """Sending, shared by both kinds of output."""

    def __init__(
        self, system: MidiSystem, client: str, name: str, kit: Kit, offset_seconds: float
    ) -> None:
        self.name = name
        self.kit = kit
        self.offset_seconds = offset_seconds
        self.dropped = 0
        """Messages that had nowhere to go, or that a server that stands still did not take."""
        self.refused = 0
        """Messages that were not MIDI."""
        self._system = system
        self._client = system.out_client(client)
        self._guard = RingGuard(system.pulse())
        self._wire: Any = None
        self._missed = False
        """Something was not sent because the server stood still."""

    def send(self, message: bytes) -> None:
        """As `Output.send`. Threads: dispatcher only. Real-time: yes."""
        # Read once: `watch` takes the wire away from another thread.
        wire = self._wire
        if wire is None or self._system.lost:
            self.dropped += 1
        elif not is_message(message):
            self.refused += 1
        elif not self._guard.admits(message):
            self.dropped += 1
            self._missed = True
        else:
            try:
                wire.send_message(message)
            except Exception:
                self.dropped += 1

    def close(self) -> None:
        """As `Output.close`; a client of a server in trouble is left where it is."""
        self._wire = None
        if self._client is not None and self._system.trouble is None:
            self._client.close_port()
            self._client.delete()
        self._client = None

    def _silence(self) -> str | None:
        return "closed" if self._client is None else self._system.trouble

    def _returns(self) -> bool:
        """Whether the server goes on after the other end missed something."""
        returns = self._missed and self._silence() is None
        if returns:
            self._missed = False
        return returns


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
        """As `Output.watch`: a virtual port comes and goes with its server only."""
        return self._returns()


class MidiOutPort(_OutPort):
    """An output that follows a port by name. Implements `Output`.

    A port that is not there is waited for: raises nothing (ask `MidiSystem.find_output` first
    where a wrong name must be an error). Once found, it is that very name that is waited for.
    `shuns` is asked at each look, about a port's name: where it says yes, the port is left alone.
    """

    def __init__(
        self,
        system: MidiSystem,
        wanted: str,
        kit: Kit = GENERAL_MIDI,
        offset_seconds: float = 0.0,
        shuns: Callable[[str], bool] = lambda _name: False,
    ) -> None:
        super().__init__(system, OWN_CLIENT, wanted, kit, offset_seconds)
        self._shuns = shuns
        self._shunned = False
        self._own_port = f"to {wanted}"
        self._peer: str | None = None
        self.watch()

    @property
    def condition(self) -> str:
        if self._wire is not None:
            return self._silence() or "open"
        if self._shunned:
            return "it is where the clock comes from"
        return self._silence() or f"no port '{self.name}'"

    def watch(self) -> bool:
        """As `Output.watch`. Threads: player's main thread only. Real-time: no."""
        if self._silence() is not None:
            return False
        listed = listed_by(self._client)
        if self._peer is not None:
            there = self._system.connected(self._peer, self._own_port, listed)
            if there and not self._shuns(self.name):
                return self._returns()
            # The wire first: the dispatcher must not write to a port that is being closed.
            self._wire = self._peer = None
            self._client.close_port()
        peer = _find(self.name, listed)
        self._shunned = peer is not None and self._shuns(stable(peer))
        if peer is None or self._shunned:
            return False
        if not _opened(self._client, listed.index(peer), self._own_port):
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
        self._own_port = name
        self._client = system.in_client(client)
        self._quiet_at = 0.0
        """When an unplugged port may be closed, in monotonic seconds; 0.0 while it listens."""

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

    def unplug(self) -> None:
        """Let nothing more arrive; what is under way still does. Threads: player's main only."""
        if self._quiet_at == 0.0:
            self._system.unplug_input(self._own_port)
            self._quiet_at = time.monotonic() + QUIET_SECONDS

    def close(self) -> None:
        """Stop listening; waits until it is quiet. Threads: player's main thread only."""
        if self._client is not None and self._system.trouble is None:
            self.unplug()
            time.sleep(max(0.0, self._quiet_at - time.monotonic()))
            _discard(self._client)
        self._client = None

    def _silence(self) -> str | None:
        return "closed" if self._client is None else self._system.trouble


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
        listed = listed_by(self._client)
        if self._peer is not None:
            if not self._system.connected(self._peer, self._own_port, listed):
                self._peer = None
                self.unplug()
            return False
        peer = _find(self.name, listed)
        if peer is None or time.monotonic() < self._quiet_at:
            return False
        self._renew()
        self._client.set_callback(self._arrived)
        if not _opened(self._client, listed.index(peer), self._own_port):
            return False
        self.name, self._peer = stable(peer), peer
        return True

    def _renew(self) -> None:
        """Replace a client that has listened before.

        A device unplugged within a system exclusive message leaves RtMidi waiting for its end:
        everything after it, clock included, would be swallowed. Only a new object forgets it.
        """
        if self._quiet_at > 0.0:
            fresh = self._system.in_client(self._client_name)
            _discard(self._client)
            self._client, self._quiet_at = fresh, 0.0


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
    """Free an input that nothing arrives at any more.

    rtmidi frees the callback at once, also under JACK's thread that waits for the interpreter lock
    to call it: the heap is damaged then (of 12 processes that each closed 60 inputs under a stream
    of messages, 9 crashed), and `delete` alone, which ends that thread while it waits, never
    returns.
    """
    client.cancel_callback()
    client.close_port()
    client.delete()

"""Input ports: virtual ones that others connect to, named ones that we connect to and reconnect."""

from __future__ import annotations

import time
from typing import Any

from polyrhythmia_live.messages import CLOSED, OPEN, PortCondition
from polyrhythmia_live.midi.base import MidiInSystem, Receive, is_message
from polyrhythmia_live.midi.names import OWN_CLIENT, VIRTUAL_CONTROL

QUIET_SECONDS = 0.05
"""What was under way when an input was unplugged has arrived by then: JACK's period, 21 ms as a
rule, and the interpreter lock."""


class _InPort:
    """Receiving, shared by both kinds of input. `receive` is called with whole messages."""

    def __init__(self, system: MidiInSystem, client: str, name: str, receive: Receive) -> None:
        self.name = name
        self.refused = 0
        """Messages that were not MIDI, or that `receive` failed on."""
        self._system = system
        self._receive = receive
        self._client_name = client
        self._own_port = name
        self._client = system.in_client(client, self._arrived)
        self._quiet_at = 0.0
        """When an unplugged port may be closed, in monotonic seconds; 0.0 while it listens."""

    def _arrived(self, message: bytes, arrival_seconds: float) -> None:
        try:
            if is_message(message):
                self._receive(message, arrival_seconds)
            else:
                self.refused += 1
        except Exception:
            # It would vanish without a trace in the system's thread: count it.
            self.refused += 1

    def unplug(self) -> None:
        """Let nothing more arrive; what is under way still does.

        Threads: player's main. Real-time: no.
        """
        if self._quiet_at == 0.0:
            self._system.unplug_input(self._own_port)
            self._quiet_at = time.monotonic() + QUIET_SECONDS

    def close(self) -> None:
        """Stop listening; waits until it is quiet. Threads: player's main. Real-time: no."""
        if self._client is not None and self._system.trouble is None:
            self.unplug()
            time.sleep(max(0.0, self._quiet_at - time.monotonic()))
            _discard(self._client)
        self._client = None

    def _silence(self) -> PortCondition | None:
        return CLOSED if self._client is None else self._system.trouble


class VirtualMidiInPort(_InPort):
    """An input that appears in the system for others to connect to.

    `receive` runs in a thread of the system's: it must return at once.
    """

    def __init__(self, system: MidiInSystem, receive: Receive, name: str = VIRTUAL_CONTROL) -> None:
        super().__init__(system, name, name, receive)
        self._client.open_virtual_port(name)

    @property
    def condition(self) -> PortCondition:
        """Whether it is open, or why nothing arrives. Threads: player's main. Real-time: no."""
        return self._silence() or OPEN

    def watch(self) -> bool:
        """Always False: a virtual port does not come and go.

        Threads: player's main. Real-time: no.
        """
        return False


class MidiInPort(_InPort):
    """An input that follows a port by name, as `MidiWire` does.

    `receive` runs in a thread of the system's: it must return at once.
    """

    def __init__(self, system: MidiInSystem, wanted: str, receive: Receive) -> None:
        super().__init__(system, OWN_CLIENT, wanted, receive)
        self._wanted = wanted
        self._found: str | None = None
        """The stable name of the port that it meant, once there was one."""
        self._own_port = f"from {wanted}"
        self._peer: str | None = None
        self._absent = system.absent([])
        self.watch()

    @property
    def condition(self) -> PortCondition:
        """Whether it is open, or why nothing arrives. Threads: player's main. Real-time: no."""
        return self._silence() or (OPEN if self._peer is not None else self._absent)

    def watch(self) -> bool:
        """Open the port when it is there; True when it has just come.

        May block and allocate. Threads: player's main. Real-time: no.
        """
        if self._silence() is not None:
            return False
        listed = self._system.listed_by(self._client)
        if self._peer is not None:
            if not self._system.connected(self._peer, self._own_port, listed):
                self._peer = None
                self.unplug()
            return False
        peer = self._system.find_foreign(self._wanted, listed, self._found)
        self._absent = self._system.absent([it for it in listed if it != peer])
        if peer is None or time.monotonic() < self._quiet_at:
            return False
        self._renew()
        if not self._system.opened(self._client, peer, listed, self._own_port):
            return False
        self.name = self._found = self._system.stable(peer)
        self._peer = peer
        return True

    def replug(self) -> None:
        """Let go of the port; `watch` opens it anew, with a client that remembers nothing.

        Threads: player's main. Real-time: no.
        """
        if self._peer is not None and self._silence() is None:
            self._peer = None
            self.unplug()

    def _renew(self) -> None:
        """Replace a client that has listened before.

        A device unplugged within a system exclusive message leaves RtMidi waiting for its end:
        everything after it, clock included, would be swallowed. Only a new object forgets it.
        """
        if self._quiet_at > 0.0:
            fresh = self._system.in_client(self._client_name, self._arrived)
            _discard(self._client)
            self._client, self._quiet_at = fresh, 0.0


def _discard(client: Any) -> None:
    """Free an input that nothing arrives at any more.

    While messages arrive, this damages the heap: rtmidi frees the callback at once, also under
    JACK's thread, which may be waiting for the interpreter lock to call it. `delete` alone ends
    that thread while it waits, and never returns. See docs/measured.md.
    """
    client.cancel_callback()
    client.close_port()
    client.delete()

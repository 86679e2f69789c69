"""Output ports: virtual ones that others connect to, named ones that we connect to and reconnect.

Nothing in a MIDI system says that the other end has left, so named ports are looked at four
times a second and opened again when they return. One rtmidi object serves a port for life where
it can: a new one stops every thread for 10 ms or more (measured on JACK; closing and opening the
same one, 2 to 5 ms).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from polyrhythmia_live.drums.kit import GENERAL_MIDI, Kit
from polyrhythmia_live.midi.base import is_message
from polyrhythmia_live.midi.names import OWN_CLIENT, VIRTUAL_OUT, find_foreign, stable
from polyrhythmia_live.midi.pulse import RingGuard
from polyrhythmia_live.midi.system import MidiSystem, listed_by, opened


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
        peer = find_foreign(self.name, listed)
        self._shunned = peer is not None and self._shuns(stable(peer))
        if peer is None or self._shunned:
            return False
        if not opened(self._client, peer, listed, self._own_port):
            return False
        self.name, self._peer = stable(peer), peer
        self._wire = self._client
        return True

"""MIDI ports on whatever system there is: JACK's periods are filled by us, all else by rtmidi."""

from __future__ import annotations

from collections.abc import Callable

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.midi.base import JackSystem
from polyrhythmia_live.wires.base import Wire
from polyrhythmia_live.wires.jack import JackOutputs, JackWire, VirtualJackWire
from polyrhythmia_live.wires.rtmidi import MidiWire, VirtualMidiWire


class MidiWires:
    """Opens wires on a MIDI system; what it cannot place on its frame goes out through rtmidi.

    `client` is the name of our JACK client. Threads: player's main. Real-time: no.
    """

    def __init__(self, system: JackSystem, client: str) -> None:
        self._system = system
        self._outputs: JackOutputs | None = None
        self.notice = ""
        """What the performer should be told of these wires once."""
        if system.jack_library is not None:
            try:
                self._outputs = JackOutputs(system, client)
            except PortError as error:
                self.notice = f"notes fall on the beginnings of JACK's periods: {error}"

    def virtual(self, name: str, offset_seconds: float = 0.0) -> Wire:
        """A port that appears in the system; raises PortError."""
        if self._outputs is not None:
            return VirtualJackWire(self._outputs, name, offset_seconds)
        return VirtualMidiWire(self._system, name, offset_seconds)

    def named(
        self,
        wanted: str,
        offset_seconds: float = 0.0,
        shuns: Callable[[str], bool] = lambda _name: False,
    ) -> Wire:
        """A port that follows another one by name, as `MidiWire` does."""
        if self._outputs is not None:
            return JackWire(self._outputs, wanted, offset_seconds, shuns)
        return MidiWire(self._system, wanted, offset_seconds, shuns)

    def close(self) -> None:
        """To be called when the wires are closed."""
        if self._outputs is not None:
            self._outputs.close()

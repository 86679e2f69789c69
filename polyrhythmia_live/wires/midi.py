"""MIDI ports on whatever system there is: JACK's periods are filled by us, all else by rtmidi."""

from __future__ import annotations

from collections.abc import Callable

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.midi.base import JackSystem
from polyrhythmia_live.wires.base import Wire
from polyrhythmia_live.wires.jack import JackOutputs, JackWire, VirtualJackWire
from polyrhythmia_live.wires.rtmidi import MidiWire, VirtualMidiWire


class MidiWires:
    """Opens wires on a MIDI system; on JACK, what cannot be placed on its frame goes by rtmidi.

    A virtual port is in a JACK client of its own name, and all that follow others are in one of
    the name `client`. Threads: player's main. Real-time: no.
    """

    def __init__(self, system: JackSystem, client: str) -> None:
        self._system = system
        self._client = client
        self._outputs: dict[str, JackOutputs] = {}
        self.notice = ""
        """What the performer should be told of these wires once."""

    def virtual(self, name: str, offset_seconds: float = 0.0) -> Wire:
        """A port that appears in the system; raises PortError."""
        outputs = self._jack_outputs(name)
        if outputs is not None:
            return VirtualJackWire(outputs, name, offset_seconds)
        return VirtualMidiWire(self._system, name, offset_seconds)

    def named(
        self,
        wanted: str,
        offset_seconds: float = 0.0,
        shuns: Callable[[str], bool] = lambda _name: False,
    ) -> Wire:
        """A port that follows another one by name, as `MidiWire` does."""
        outputs = self._jack_outputs(self._client)
        if outputs is not None:
            return JackWire(outputs, wanted, offset_seconds, shuns)
        return MidiWire(self._system, wanted, offset_seconds, shuns)

    def _jack_outputs(self, client: str) -> JackOutputs | None:
        if self._system.jack_library is None or self.notice:
            return None
        if client not in self._outputs:
            try:
                self._outputs[client] = JackOutputs(self._system, client)
            except PortError as error:
                self.notice = f"notes fall on the beginnings of JACK's periods: {error}"
                return None
        return self._outputs[client]

    def close(self) -> None:
        """To be called when the wires are closed."""
        for outputs in self._outputs.values():
            outputs.close()

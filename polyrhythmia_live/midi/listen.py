"""MIDI inputs on whatever system there is: JACK's periods are read by us, all else by rtmidi."""

from __future__ import annotations

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.midi.base import JackSystem, Receive
from polyrhythmia_live.midi.inputs import MidiInPort, VirtualMidiInPort
from polyrhythmia_live.midi.jack_inputs import JackInPort, JackInputs, VirtualJackInPort
from polyrhythmia_live.midi.names import VIRTUAL_CONTROL

InPort = MidiInPort | VirtualMidiInPort


class MidiInputs:
    """Opens inputs on a MIDI system; on JACK, where frames cannot be read, by rtmidi.

    All of them are in a JACK client of the name `client`.
    Threads: player's main. Real-time: no.
    """

    def __init__(self, system: JackSystem, client: str = VIRTUAL_CONTROL) -> None:
        self._system = system
        # It comes up while the caller opens other things.
        self._jack = JackInputs(system, client) if system.jack_library is not None else None
        self._is_up = False
        self.notice = ""
        """What the performer should be told of these inputs once."""

    def virtual(self, receive: Receive, name: str = VIRTUAL_CONTROL) -> InPort:
        """A port that appears in the system; raises PortError."""
        jack = self._jack_inputs()
        if jack is not None:
            return VirtualJackInPort(jack, receive, name)
        return VirtualMidiInPort(self._system, receive, name)

    def named(self, wanted: str, receive: Receive) -> MidiInPort:
        """A port that follows another one by name, as `MidiInPort` does."""
        jack = self._jack_inputs()
        if jack is not None:
            return JackInPort(jack, wanted, receive)
        return MidiInPort(self._system, wanted, receive)

    def _jack_inputs(self) -> JackInputs | None:
        if self._jack is not None and not self._is_up:
            try:
                self._jack.await_up()
            except PortError as error:
                self._jack = None
                self.notice = f"what arrives is heard by JACK's periods only: {error}"
            self._is_up = True
        return self._jack

    def close(self) -> None:
        """To be called when the inputs are closed."""
        if self._jack is not None:
            self._jack.close()

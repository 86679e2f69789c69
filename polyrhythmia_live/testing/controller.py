"""A controller on real JACK ports: what it sends, and the lights that it is sent."""

from __future__ import annotations

from typing import Any, Self

from polyrhythmia_live.testing.midi_peer import Peer


class Controller:
    """Knobs, pads and buttons at `NAME:out`, and lights at a port of the same name."""

    def __init__(self, name: str) -> None:
        import rtmidi

        self._wire: Any = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=name)
        self._wire.open_virtual_port("out")
        self._lights = Peer(name, "lights")

    @property
    def lit(self) -> list[bytes]:
        """What its lights were sent, in order."""
        return [message for _, message in self._lights.heard]

    def shown(self) -> dict[bytes, int]:
        """The last value of each light, by all that comes before it."""
        return {message[:-1]: message[-1] for message in self.lit if message[0] < 0xF0}

    def send(self, *messages: bytes) -> None:
        for message in messages:
            self._wire.send_message(message)

    def turn(self, cc: int, *values: int, channel: int = 0) -> None:
        self.send(*(bytes((0xB0 | channel, cc, value)) for value in values))

    def strike(self, note: int, channel: int = 0) -> None:
        self.send(bytes((0x90 | channel, note, 100)), bytes((0x80 | channel, note, 0)))

    def unplug(self) -> None:
        self._lights.kill()
        self._wire.close_port()
        self._wire.delete()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

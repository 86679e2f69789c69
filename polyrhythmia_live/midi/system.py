"""The MIDI system of this machine: which one, what is plugged in, and clients of it."""

from __future__ import annotations

import contextlib
import enum
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import rtmidi

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.messages import PortCondition, PortState, absent
from polyrhythmia_live.midi.base import Receive
from polyrhythmia_live.midi.names import OWN_CLIENT, find_foreign, foreign, match, stable
from polyrhythmia_live.midi.pulse import Pulse, RingGuard
from polyrhythmia_live.system.jack import JackSentinel

ALSA_SEQUENCER = Path("/dev/snd/seq")


class Backend(enum.Enum):
    """A MIDI system. We always name one to rtmidi: its own choice depends on what is plugged in."""

    ALSA = "alsa"
    JACK = "jack"
    CORE = "core"

    @property
    def api(self) -> int:
        """rtmidi's number for it. Threads: any. Real-time: yes."""
        return _APIS[self]


_APIS: dict[Backend, int] = {
    Backend.ALSA: rtmidi.API_LINUX_ALSA,
    Backend.JACK: rtmidi.API_UNIX_JACK,
    Backend.CORE: rtmidi.API_MACOSX_CORE,
}
CLIENT_ATTEMPTS = 3
"""On a very busy machine, a JACK server that runs is now and then not seen by RtMidi."""

LISTINGS_MAX = 100
"""How often a list is asked for again when it changes while it is read."""

GONE = PortCondition(PortState.GONE, "MIDI server gone")
STILL = PortCondition(PortState.STILL, "MIDI server stands still")

RTMIDI_JACK = "rtmidi-jack"
"""JACK through rtmidi, both ways: every message at the beginning of a period."""

SETTINGS = ("auto", *(backend.value for backend in Backend), RTMIDI_JACK)


class MidiSystem:
    """The door to rtmidi. Implements `MidiOutSystem` and `JackSystem`.

    `setting` is one of `SETTINGS`; `auto` takes CoreMIDI on macOS, and elsewhere ALSA where its
    sequencer can be opened, else a JACK server that is already running.

    Raises PortError when there is no such MIDI system; ValueError for another setting.
    """

    def __init__(self, setting: str = "auto") -> None:
        # RtMidi's JACK client would start a server of its own accord, in the performer's name.
        os.environ.setdefault("JACK_NO_START_SERVER", "1")
        self.backend = choose_backend(setting)
        self._through_rtmidi = setting == RTMIDI_JACK
        self._sentinel = self._watch_jack(setting) if self.backend is Backend.JACK else None
        self._pulse = self.pulse()
        self._listers: dict[type, Any] = {}

    def _watch_jack(self, setting: str) -> JackSentinel:
        try:
            return JackSentinel(f"{OWN_CLIENT} Sentinel")
        except PortError as error:
            if setting != "auto":
                raise
            raise PortError(f"no MIDI system: {_alsa_trouble()}, and {error}") from None

    @property
    def lost(self) -> bool:
        """The MIDI server died. From here on this process must touch no MIDI object: leave it.

        Threads: any. Real-time: yes.
        """
        return self._sentinel is not None and self._sentinel.lost

    @property
    def trouble(self) -> PortCondition | None:
        """Why no MIDI object may be touched at the moment; None while all is well.

        Threads: player's main. Real-time: no.
        """
        if self.lost:
            return GONE
        return None if self._pulse.beats() else STILL

    def pulse(self) -> Pulse:
        """A new watch on whether the server goes on; other systems than JACK always do.

        Threads: any. Real-time: no.
        """
        sentinel = self._sentinel
        return Pulse(time.monotonic_ns if sentinel is None else sentinel.period)

    def ring_guard(self) -> RingGuard:
        """A guard for a new client's ring. Threads: player's main. Real-time: no."""
        return RingGuard(self.pulse())

    def outputs(self) -> tuple[str, ...]:
        """The ports that can be played, ours left out, as the system names them.

        Raises PortError when the server is gone. Threads: player's main. Real-time: no.
        """
        return self._listed(rtmidi.MidiOut, self.jack_inputs)

    def inputs(self) -> tuple[str, ...]:
        """The ports that can be listened to, ours left out, as the system names them.

        Raises PortError when the server is gone. Threads: player's main. Real-time: no.
        """
        return self._listed(rtmidi.MidiIn, self.jack_outputs)

    def find_output(self, wanted: str) -> str:
        """The output that a name means; raises PortError as `names.match` does.

        Threads: player's main. Real-time: no.
        """
        return match(self._shown(wanted), self.outputs())

    def find_input(self, wanted: str) -> str:
        """The input that a name means; raises PortError as `names.match` does.

        Threads: player's main. Real-time: no.
        """
        return match(self._shown(wanted), self.inputs())

    def out_client(self, name: str | None) -> Any:
        """A new rtmidi.MidiOut; its owner must `delete()` it, nothing else frees the client.

        Threads: player's main. Real-time: no.
        """
        return self._client(rtmidi.MidiOut, name or OWN_CLIENT)

    def in_client(self, name: str, arrived: Receive) -> Any:
        """A new rtmidi.MidiIn, as `MidiInSystem.in_client`. A message arrives when rtmidi says so.

        Threads: player's main. Real-time: no.
        """

        def stamp(event: tuple[list[int], float], _data: object = None) -> None:
            # First of all: what follows may wait for the interpreter lock.
            arrival_seconds = time.monotonic()
            arrived(bytes(event[0]), arrival_seconds)

        client = self._client(rtmidi.MidiIn, name)
        client.ignore_types(sysex=True, timing=False, active_sense=False)
        client.set_callback(stamp)
        return client

    @staticmethod
    def listed_by(client: Any) -> list[str]:
        """All ports that an rtmidi client sees, ours as well.

        rtmidi counts them and then asks for one name after the other: a port that leaves meanwhile
        is an error, and reason to look again. Several may leave at once, when a device does.
        Raises PortError where they never come to rest. Threads: player's main. Real-time: no.
        """
        for _ in range(LISTINGS_MAX):
            with contextlib.suppress(rtmidi.RtMidiError):
                ports: list[str] = client.get_ports()
                return ports
        raise PortError("the MIDI ports come and go too fast to be listed")

    def find_foreign(
        self, wanted: str, listed: Sequence[str], found: str | None = None
    ) -> str | None:
        """As `names.find_foreign`. Threads: player's main. Real-time: no."""
        return find_foreign(self._shown(wanted), listed, found)

    def _shown(self, wanted: str) -> str:
        """The name by which what is wanted is listed, where JACK has given it a number."""
        if self._sentinel is None or self._through_rtmidi:
            return wanted
        return self._sentinel.shown(wanted)

    @staticmethod
    def absent(listed: Sequence[str]) -> PortCondition:
        """The condition of a port that is waited for, given what is listed.

        Threads: any. Real-time: no.
        """
        return absent(map(stable, foreign(listed)))

    @staticmethod
    def stable(port: str) -> str:
        """As `names.stable`. Threads: any. Real-time: no."""
        return stable(port)

    @staticmethod
    def opened(client: Any, port: str, listed: list[str], own_port: str) -> bool:
        """Connect a client's own port, of that name, to a port that was listed.

        rtmidi takes a place in the list, not a name. False where others have come or gone since, so
        that another port may have been opened, and is closed again.
        Threads: player's main. Real-time: no.
        """
        place = listed.index(port)
        try:
            client.open_port(place, own_port)
        except (rtmidi.RtMidiError, ValueError):
            return False
        if MidiSystem.listed_by(client)[place : place + 1] != [port]:
            client.close_port()
            return False
        return True

    def connected(self, port: str, own_port: str, listed: Sequence[str]) -> bool:
        """Whether our port of that short name still reaches `port`, given what is listed.

        JACK is asked. Elsewhere a port that is listed is taken to be connected, so one that
        leaves and returns between two looks is not noticed.
        Threads: player's main. Real-time: no.
        """
        if self._sentinel is not None:
            return self._sentinel.connected(port, own_port)
        return port in listed

    @property
    def jack_library(self) -> str | None:
        """As `JackSystem.jack_library`. Threads: any. Real-time: no."""
        if self._sentinel is None or self._through_rtmidi:
            return None
        return self._sentinel.library

    def jack_inputs(self) -> list[str]:
        """As `JackSystem.jack_inputs`. Threads: player's main. Real-time: no."""
        return [] if self._sentinel is None else list(self._sentinel.inputs())

    def jack_outputs(self) -> list[str]:
        """As `JackSystem.jack_outputs`. Threads: player's main. Real-time: no."""
        return [] if self._sentinel is None else list(self._sentinel.outputs())

    def jack_peers(self, port: str) -> tuple[str, ...]:
        """As `JackSystem.jack_peers`. Threads: player's main. Real-time: no."""
        return () if self._sentinel is None else self._sentinel.connections(port)

    def jack_connect(self, output: str, port: str) -> bool:
        """As `JackSystem.jack_connect`. Threads: player's main. Real-time: no."""
        return self._sentinel is not None and self._sentinel.connect(output, port)

    def unplug_input(self, own_port: str) -> None:
        """As `MidiInSystem.unplug_input`. JACK only: elsewhere, closing a port does it.

        Threads: player's main. Real-time: no.
        """
        if self._sentinel is not None and self.trouble is None:
            self._sentinel.unplug_input(own_port)

    def close(self) -> None:
        """Free the clients for listing. Ports that are open belong to their owners.

        Threads: player's main. Real-time: no.
        """
        if self.trouble is None:
            for lister in self._listers.values():
                lister.delete()
            if self._sentinel is not None:
                self._sentinel.close()
        self._listers.clear()

    def _listed(self, kind: type, by_jack: Callable[[], list[str]]) -> tuple[str, ...]:
        if self.lost:
            raise PortError("the JACK server has gone: start it again")
        if self.jack_library is not None:
            return foreign(by_jack())
        if kind not in self._listers:  # kept: a new client stops every thread for 10 to 40 ms
            self._listers[kind] = self._client(kind, f"{OWN_CLIENT} Ports")
        return foreign(self.listed_by(self._listers[kind]))

    def _client(self, kind: type, name: str) -> Any:
        trouble: Exception | None = None
        for _ in range(CLIENT_ATTEMPTS):
            try:
                return kind(self.backend.api, name=name)
            except rtmidi.RtMidiError as error:
                trouble = error
        raise PortError(
            f"{self.backend.value.upper()} gave no MIDI client: {trouble}; "
            "`scripts/polyrhythmia doctor` says what is missing"
        )


def describe_rtmidi() -> str:
    """The MIDI library's version, and the systems that it was built for."""
    built_for = [backend.value for backend in Backend if backend.api in rtmidi.get_compiled_api()]
    return f"python-rtmidi {rtmidi.__version__} for {', '.join(built_for)}"


def choose_backend(
    setting: str, platform: str = sys.platform, sequencer: Path = ALSA_SEQUENCER
) -> Backend:
    """The MIDI system to use; JACK is not asked here whether it is there.

    Raises PortError when rtmidi was built without it or ALSA's sequencer cannot be opened, and
    ValueError for a setting that is not in `SETTINGS`.
    """
    if setting not in SETTINGS:
        raise ValueError(f"MIDI system must be one of {', '.join(SETTINGS)}, got {setting!r}")
    if setting == "auto":
        if platform == "darwin":
            return Backend.CORE
        usable = os.access(sequencer, os.R_OK | os.W_OK)
        return Backend.ALSA if usable else Backend.JACK
    backend = Backend.JACK if setting == RTMIDI_JACK else Backend(setting)
    if backend.api not in rtmidi.get_compiled_api():
        raise PortError(
            f"the MIDI system '{setting}' is not part of this python-rtmidi: use 'auto'"
        )
    if backend is Backend.ALSA and not os.access(sequencer, os.R_OK | os.W_OK):
        raise PortError(f"no ALSA MIDI: {_alsa_trouble(sequencer)}")
    return backend


def _alsa_trouble(sequencer: Path = ALSA_SEQUENCER) -> str:
    if sequencer.exists():
        return (
            f"{sequencer} may not be opened by this user: "
            "`sudo usermod -aG audio $USER` and log in again"
        )
    return f"{sequencer} is not there: `sudo modprobe snd-seq`"

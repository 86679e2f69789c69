"""Ports of ours that work in JACK's periods, whichever way they go.

They are in one JACK client, in a process of its own (`system.jack_host`). Finding other people's
ports and connecting to them is left to the MIDI system.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from polyrhythmia_live.errors import PortError
from polyrhythmia_live.messages import PortCondition, PortState
from polyrhythmia_live.system.jack_host import JackHost
from polyrhythmia_live.system.jack_ring import Ring

STARTS_AGAIN = PortCondition(PortState.STILL, "its process starts again")

RingEnd = TypeVar("RingEnd", bound=Ring)


class PortKnowing(Protocol):
    """What is left to the MIDI system: a `midi.base.JackSystem`, of which this much is asked."""

    @property
    def jack_library(self) -> str | None: ...
    @property
    def trouble(self) -> PortCondition | None: ...
    def find_foreign(
        self, wanted: str, listed: list[str], found: str | None = None
    ) -> str | None: ...
    def absent(self, listed: list[str]) -> PortCondition: ...
    def stable(self, port: str) -> str: ...
    def connected(self, port: str, own_port: str, listed: list[str]) -> bool: ...
    def jack_peers(self, port: str) -> tuple[str, ...]: ...


class JackPorts(Generic[RingEnd]):
    """The process, and this end of the ring to it. Implements `PortFinder` but for the direction.

    `client` is the name of the one JACK client that all of its ports belong to, `module` what runs
    there. The process comes up while we do something else: see `await_up`. Raises PortError where
    this is not JACK.
    """

    def __init__(
        self,
        system: PortKnowing,
        module: str,
        client: str,
        ring_end: type[RingEnd],
        descriptors: tuple[int, ...] = (),
    ) -> None:
        library = system.jack_library
        if library is None:
            raise PortError("expected JACK, got another MIDI system")
        self._system = system
        self._host = JackHost(module, library, client, descriptors)
        self._ring_end = ring_end
        self.ring = ring_end(self._host.memory)
        """Another one with each process."""

    def await_up(self) -> None:
        """Wait until ports can be opened, once; raises PortError where the process does not come.

        Threads: player's main. Real-time: no.
        """
        try:
            self._host.await_up()
        except PortError:
            self.close()
            raise

    @property
    def trouble(self) -> PortCondition | None:
        """As `PortFinder.trouble`. Threads: player's main. Real-time: no."""
        return self._system.trouble or (STARTS_AGAIN if self._host.ended else None)

    def revive(self) -> bool:
        """Start the process again where it has ended or is stuck; True where that is done.

        Threads: player's main. Real-time: no.
        """
        if self._system.trouble is not None:
            self._host.excuse()
            return False
        if not self._host.tend():
            return False
        self.ring = self._ring_end(self._host.memory)
        return True

    def find_foreign(self, wanted: str, listed: list[str], found: str | None = None) -> str | None:
        """As `PortFinder.find_foreign`. Threads: player's main. Real-time: no."""
        return self._system.find_foreign(wanted, listed, found)

    def absent(self, listed: list[str]) -> PortCondition:
        """As `PortFinder.absent`. Threads: player's main. Real-time: no."""
        return self._system.absent(listed)

    def stable(self, port: str) -> str:
        """As `PortFinder.stable`. Threads: player's main. Real-time: no."""
        return self._system.stable(port)

    def connected(self, port: str, own_port: str, listed: list[str]) -> bool:
        """As `PortFinder.connected`. Threads: player's main. Real-time: no."""
        return self._system.connected(port, own_port, listed)

    def peers(self, own_port: str) -> tuple[str, ...]:
        """What a port of ours is connected to. Threads: player's main. Real-time: no."""
        return self._system.jack_peers(own_port)

    def register(self, name: str) -> tuple[int, str]:
        """A new port's number and full name; raises PortError.

        Threads: player's main. Real-time: no.
        """
        return self._host.register(name)

    def unregister(self, number: int) -> None:
        """Take a port away. Threads: player's main. Real-time: no."""
        self._host.unregister(number)

    def close(self) -> None:
        """Leave the server, and end the process. Threads: player's main. Real-time: no."""
        if self.trouble is None:
            self._host.leave()
        else:
            self._host.kill()


class JackPort(Generic[RingEnd]):
    """One port of the process, as rtmidi's client is one of rtmidi's; it is not open yet."""

    def __init__(self, ports: JackPorts[RingEnd]) -> None:
        self.full_name = ""
        self._ports = ports
        self._ring = ports.ring
        self._number: int | None = None

    @property
    def gone(self) -> bool:
        """The process that had this port is another one by now.

        Threads: player's main. Real-time: no.
        """
        return self._ring is not self._ports.ring

    def open_virtual_port(self, name: str) -> None:
        """Appear in the system; raises PortError. Threads: player's main. Real-time: no."""
        number, self.full_name = self._ports.register(name)
        self._ring, self._number = self._ports.ring, number

    def close_port(self) -> None:
        """Disappear. Threads: player's main. Real-time: no."""
        number, self._number = self._number, None
        if number is not None and not self.gone and self._ports.trouble is None:
            self._ports.unregister(number)

    def cancel_callback(self) -> None:
        """There is nothing to cancel. Threads: player's main. Real-time: no."""

    def delete(self) -> None:
        """There is nothing to free. Threads: player's main. Real-time: no."""

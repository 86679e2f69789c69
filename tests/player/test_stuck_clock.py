"""A clock that a system exclusive message without an end has swallowed."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
import rtmidi

from polyrhythmia_live.messages import ClockState
from polyrhythmia_live.player.inbox import ClockIn
from polyrhythmia_live.player.process.ports import Ports
from polyrhythmia_live.testing.daemon import wait_for
from tests.player.test_process import CONFIG

PULSE = b"\xf8"


class Source:
    """A clock in our own process, on a virtual output."""

    def __init__(self) -> None:
        self._wire = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="daw")
        self._wire.open_virtual_port("out")
        self.send = self._wire.send_message

    def close(self) -> None:
        self._wire.close_port()
        self._wire.delete()


class Follower:
    """A player's ports that wait for the clock of that source."""

    def __init__(self, source: Source, ports: Ports) -> None:
        self.ports = ports
        self.heard: list[object] = []
        self._source = source

    def pulses_come(self) -> bool:
        self._source.send(PULSE)
        time.sleep(0.02)
        return any(isinstance(it, ClockIn) and it.message == PULSE for it in self.heard)


@contextmanager
def after_a_sysex_without_an_end(midi_system: str) -> Iterator[Follower]:
    config = replace(CONFIG, ports=(), midi_system=midi_system, clock_in="daw", patient=True)
    with closing(Source()) as source, closing(Ports(config)) as ports:
        follower = Follower(source, ports)
        ports.listen(follower.heard.append, follower.heard.append)
        wait_for("the first pulse", follower.pulses_come)
        source.send(b"\xf0\x7d\x01")
        time.sleep(0.2)
        follower.heard.clear()
        yield follower


pytestmark = [pytest.mark.jack, pytest.mark.usefixtures("jack_server")]


def test_a_clock_that_a_sysex_swallowed_is_heard_again_once_its_loss_is_noticed() -> None:
    with after_a_sysex_without_an_end("rtmidi-jack") as follower:
        assert not any(follower.pulses_come() for _ in range(10))

        def pulses_are_back() -> bool:
            follower.ports.unstick(ClockState.HOLDOVER)
            follower.ports.watch(follower.heard.append)
            return follower.pulses_come()

        wait_for("the clock", pulses_are_back)


def test_on_jack_a_sysex_without_an_end_swallows_nothing_and_is_counted() -> None:
    with after_a_sysex_without_an_end("jack") as follower:
        wait_for("a pulse", follower.pulses_come)
        assert follower.ports.inputs[-1].refused == 1

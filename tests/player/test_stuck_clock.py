"""A clock that a system exclusive message without an end has swallowed."""

import time
from contextlib import closing
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


@pytest.mark.jack
@pytest.mark.usefixtures("jack_server")
def test_a_clock_that_a_sysex_swallowed_is_heard_again_once_its_loss_is_noticed() -> None:
    heard: list[object] = []

    def pulses_come() -> bool:
        source.send(PULSE)
        time.sleep(0.02)
        return any(isinstance(it, ClockIn) and it.message == PULSE for it in heard)

    config = replace(CONFIG, ports=(), midi_system="jack", clock_in="daw", patient=True)
    with closing(Source()) as source, closing(Ports(config)) as ports:
        ports.listen(heard.append, heard.append)
        wait_for("the first pulse", pulses_come)
        source.send(b"\xf0\x7d\x01")
        time.sleep(0.2)
        heard.clear()
        assert not any(pulses_come() for _ in range(10))

        def pulses_are_back() -> bool:
            ports.unstick(ClockState.HOLDOVER)
            ports.watch(heard.append)
            return pulses_come()

        wait_for("the clock", pulses_are_back)

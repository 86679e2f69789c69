import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.jackd import JackServer

Transport = Callable[[str], None]
MidiClockSource = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def transport(jack_server: JackServer) -> Transport:
    """JACK's transport, as a DAW's: `transport("play")`, `"stop"`, `"locate 0"`."""

    def command(words: str) -> None:
        subprocess.run(
            ["jack_transport"],
            input=f"{words}\nquit\n",
            text=True,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=20,
            env=jack_server.environment,
        )

    return command


@pytest.fixture
def midi_clock_source(jack_server: JackServer, transport: Transport) -> MidiClockSource:
    """`jack_midi_clock`: a DAW that sends Start, clock and Stop as the transport rolls."""

    @contextmanager
    def running(*flags: str) -> Iterator[None]:
        transport("stop")
        transport("locate 0")
        process = subprocess.Popen(
            ["jack_midi_clock", *flags],
            env=jack_server.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            transport("stop")
            process.terminate()
            process.wait(timeout=20)

    return running

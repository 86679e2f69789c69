import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.jackd import REAL_TIME, JackServer
from polyrhythmia_live.testing.takes import CLOCK_PORT
from tests.conftest import our_jack_server

Transport = Callable[[str], None]
MidiClockSource = Callable[..., AbstractContextManager[None]]


@pytest.fixture(scope="module")
def jack_server() -> Iterator[JackServer]:
    """A server that loses as little as can be: these tests count what is heard."""
    with our_jack_server(REAL_TIME) as server:
        yield server


@pytest.fixture
def transport(jack_server: JackServer) -> Iterator[Transport]:
    """JACK's transport, as a DAW's: `transport("play")`, `"stop"`, `"locate 0"`.

    One client for the whole test: where one comes or goes, JACK rearranges its graph, and what is
    sent in that period does not reach everybody.
    """
    process = subprocess.Popen(
        ["jack_transport"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=jack_server.environment,
    )
    assert process.stdin is not None
    keyboard = process.stdin

    def command(words: str) -> None:
        keyboard.write(f"{words}\n")
        keyboard.flush()

    yield command
    command("quit")
    process.wait(timeout=20)


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
            wait_for(
                "its port", lambda: any(CLOCK_PORT in name for name in jack_server.ports() or ())
            )
            yield
        finally:
            transport("stop")
            process.terminate()
            process.wait(timeout=20)

    return running

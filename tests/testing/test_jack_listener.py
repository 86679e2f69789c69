"""The listener in frames, on a real server and with a source that others wrote."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.jack_listener import JackListener, Stream
from polyrhythmia_live.testing.jackd import REAL_TIME, JackServer
from polyrhythmia_live.testing.spread import Frames, Losses
from tests.conftest import our_jack_server

pytestmark = pytest.mark.jack

STEP = 1200


@pytest.fixture(scope="module")
def jack_server() -> Iterator[JackServer]:
    """One that loses little time."""
    with our_jack_server(REAL_TIME) as server:
        yield server


@pytest.fixture
def sequence(jack_server: JackServer) -> Iterator[str]:
    """A note every 1,200 frames, to the frame; a gate of half of that."""
    notes = [str(word) for place in range(4) for word in (place * STEP, 60 + place, STEP // 2)]
    process = subprocess.Popen(
        ["jack_midiseq", "midiseq", str(4 * STEP), *notes],
        env=jack_server.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for("its port", lambda: "midiseq:out" in (jack_server.ports() or ()))
    yield "midiseq:out"
    process.terminate()
    process.wait(timeout=20)


def rows(stream: Stream) -> list[Frames]:
    """The frames of its notes, from one loss of time by the server to the next."""
    frames = np.array([it.frame for it in stream.notes_on()], dtype=np.int64)
    return Losses(stream.lost_at, STEP, STEP).stretches(frames)


def test_messages_are_heard_on_the_frames_they_were_put_on(tmp_path: Path, sequence: str) -> None:
    with JackListener(tmp_path / "stream", sequence) as listener:
        in_a_row = wait_for(
            "eight notes in a row",
            lambda: [it for it in rows(listener.stream()) if len(it) >= 8],
        )
        stream = listener.stream()
        assert listener.frame >= stream.events[-1].frame >= stream.first_frame
    assert {it.message[1] for it in stream.notes_on()} == {60, 61, 62, 63}
    for row in in_a_row:
        assert set(np.diff(row)) == {STEP}


def test_sound_and_messages_are_on_the_same_frames(tmp_path: Path, sequence: str) -> None:
    with JackListener(
        tmp_path / "stream", sequence, "system:capture_1", audio_frames=48_000
    ) as listener:
        wait_for("a note", lambda: listener.count)
        stream = listener.stream()
    assert len(stream.samples) == 48_000
    assert {it.source for it in stream.events} <= {0}


def test_a_source_that_never_comes_is_said(
    tmp_path: Path, jack_server: JackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "polyrhythmia-none")
    with pytest.raises(RuntimeError, match="none of nobody"):
        JackListener(tmp_path / "stream", "nobody")

"""The listener in frames, on a real server and with a source that others wrote."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.jack_listener import JackListener, Stream
from polyrhythmia_live.testing.jackd import JackServer
from polyrhythmia_live.testing.spread import Losses

pytestmark = pytest.mark.jack

STEP = 1200


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


def listen(listener: JackListener, count: int) -> Stream:
    wait_for(f"{count} messages", lambda: listener.count >= count)
    return listener.stream()


def test_messages_are_heard_on_the_frames_they_were_put_on(tmp_path: Path, sequence: str) -> None:
    with JackListener(tmp_path / "stream", sequence) as listener:
        stream = listen(listener, 80)
        assert listener.frame >= stream.events[-1].frame >= stream.first_frame
    notes = stream.notes_on()
    assert {it.message[1] for it in notes} == {60, 61, 62, 63}
    frames = np.array([it.frame for it in notes])
    stretches = Losses(stream.lost_at, STEP, STEP).stretches(frames)
    assert {int(gap) for it in stretches for gap in np.diff(it)} <= {STEP}
    assert sum(map(len, stretches)) > len(notes) // 2


def test_sound_and_messages_are_on_the_same_frames(tmp_path: Path, sequence: str) -> None:
    with JackListener(
        tmp_path / "stream", sequence, "system:capture_1", audio_frames=48_000
    ) as listener:
        stream = listen(listener, 8)
    assert len(stream.samples) == 48_000
    assert stream.events[0].source == 0


def test_a_source_that_never_comes_is_said(
    tmp_path: Path, jack_server: JackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "polyrhythmia-none")
    with pytest.raises(RuntimeError, match="none of nobody"):
        JackListener(tmp_path / "stream", "nobody")

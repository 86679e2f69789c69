import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.messages import CLOSED, OPEN, PortState
from polyrhythmia_live.testing import pulse
from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.jackd import REAL_TIME, JackServer, running_jack_server
from polyrhythmia_live.wires import fluid, synth_stream
from polyrhythmia_live.wires.base import SynthSound, Wire
from polyrhythmia_live.wires.synth import SynthWire
from tests.conftest import require_jack
from tests.wires.onsets import onset_seconds

ALL_SOUND_OFF = b"\xb9\x78\x00"
KICK, CROSS_STICK = b"\x99\x24\x64", b"\x99\x25\x6e"


@pytest.fixture
def on_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SynthWire]:
    """FluidSynth's own driver for machines without a sound card: it plays into a file here."""
    monkeypatch.chdir(tmp_path)
    with closing(SynthWire(driver="file")) as synth:
        yield synth


def test_a_kick_rings_on_the_drum_channel(on_file: SynthWire) -> None:
    out: Wire = on_file
    out.send(KICK)
    wait_for("the kick", on_file.sounding_voices)
    assert (out.name, out.condition, on_file.driver) == ("synth", OPEN, "file")


def test_all_sound_off_is_obeyed() -> None:
    with closing(fluid.FluidSynth()) as synth:
        synth.play(KICK)
        synth.render(fluid.BLOCK_FRAMES)
        assert synth.sounding_voices() > 0
        synth.play(b"\xb9\x78\x00")
        synth.render(fluid.BLOCK_FRAMES)
        assert synth.sounding_voices() == 0


def test_no_message_brings_the_synth_down(on_file: SynthWire) -> None:
    for message in (b"\xf8", b"\x89\x24\x00", b"\xe9\x00\x40", b"\xc9\x00", b"", b"\x99", b"\x24"):
        on_file.send(message)
    assert on_file.dropped == 2
    on_file.send(KICK)
    wait_for("the kick", on_file.sounding_voices)


def test_after_close_it_only_counts(on_file: SynthWire) -> None:
    on_file.close()
    on_file.close()
    on_file.send(KICK)
    assert (on_file.dropped, on_file.condition, on_file.watch()) == (1, CLOSED, False)


class Driver:
    """FluidSynth's audio driver by hand: it renders in a thread, until it is broken."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.broken = threading.Event()
        self.opened = 0
        self._playing: threading.Thread | None = None

        def open_driver(synth: fluid.FluidSynth, names: Sequence[str]) -> str | None:
            if self.broken.is_set():
                return None
            self.opened += 1
            self._playing = threading.Thread(target=self._play, args=(synth,))
            self._playing.start()
            return names[0]

        monkeypatch.setattr(fluid.FluidSynth, "open_driver", open_driver)
        monkeypatch.setattr(fluid.FluidSynth, "close_driver", lambda _synth: self.stop())
        monkeypatch.setattr(synth_stream, "STARTING_LOOKS", 0)

    def _play(self, synth: fluid.FluidSynth) -> None:
        while not self.broken.wait(0.002):
            synth.render(fluid.PERIOD_FRAMES)

    def stop(self) -> None:
        self.broken.set()
        if self._playing is not None:
            self._playing.join()


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Driver:
    return Driver(monkeypatch)


def test_a_driver_that_plays_no_more_is_said_and_opened_again_when_it_can_be(
    by_hand: Driver,
) -> None:
    with closing(SynthWire(driver="hand")) as synth:
        assert (synth.condition, synth.watch()) == (OPEN, False)
        by_hand.stop()
        wait_for("the loss to be seen", lambda: synth.condition.state is PortState.GONE)
        synth.send(KICK)
        synth.send_at(KICK, time.monotonic())
        assert synth.dropped == 2
        for _ in range(3):
            assert not synth.watch(), "it cannot be opened yet"
        by_hand.broken.clear()
        wait_for("its return", synth.watch)
        assert (by_hand.opened, synth.condition, synth.watch()) == (2, OPEN, False)
        synth.send(KICK)
        wait_for("the kick", synth.sounding_voices)


def test_what_was_scheduled_before_a_loss_is_not_heard_after_it(by_hand: Driver) -> None:
    with closing(SynthWire(driver="hand")) as synth:
        by_hand.stop()
        synth.send(KICK)
        wait_for("the loss to be seen", lambda: synth.condition.state is PortState.GONE)
        synth.watch()
        by_hand.broken.clear()
        wait_for("its return", synth.watch)
        time.sleep(10 * fluid.PERIOD_FRAMES / 48_000)
        assert synth.sounding_voices() == 0


def test_it_wants_a_message_more_than_a_period_before_it_is_due(by_hand: Driver) -> None:
    with closing(SynthWire(driver="hand")) as synth:
        assert synth.lookahead_seconds > fluid.PERIOD_FRAMES / 48_000
        by_hand.stop()


def test_what_is_taken_back_does_not_sound(by_hand: Driver) -> None:
    with closing(SynthWire(driver="hand")) as synth:
        due_seconds = time.monotonic() + 0.1
        synth.send_at(KICK, due_seconds)
        synth.take_back()
        time.sleep(0.2)
        assert synth.sounding_voices() == 0
        by_hand.stop()


def test_one_note_is_withdrawn_and_the_other_sounds(by_hand: Driver) -> None:
    with closing(SynthWire(driver="hand")) as synth:
        wait_for("its first period", lambda: synth.firm_until(0.0) < time.monotonic() + 1.0)
        due_seconds = time.monotonic() + 0.3
        assert synth.firm_until(time.monotonic()) < due_seconds
        for message in (KICK, CROSS_STICK):
            synth.send_at(message, due_seconds)
        synth.withdraw(CROSS_STICK, due_seconds)
        synth.withdraw(CROSS_STICK, due_seconds + 1.0)
        wait_for("the kick", synth.sounding_voices)
        alone = synth.sounding_voices()
        synth.send(CROSS_STICK)
        wait_for("the cross-stick", lambda: synth.sounding_voices() > alone)
        both = synth.sounding_voices()
        synth.send(ALL_SOUND_OFF)
        wait_for("silence", lambda: synth.sounding_voices() == 0)
        synth.send(KICK)
        wait_for("the kick again", synth.sounding_voices)
        assert synth.sounding_voices() == alone < both
        by_hand.stop()


@pytest.mark.jack
def test_each_hit_lies_in_its_block_however_long_the_servers_period(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_jack()
    with running_jack_server(REAL_TIME, period_frames=1024) as server:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
        with closing(SynthWire(SynthSound(kit="standard"), "jack")) as synth:
            assert synth.lookahead_seconds > 1024 / 48_000
            due, onsets = take_hits(tmp_path / "hits.wav", synth, server)
    off_frames = [48_000 * (onset - moment) for onset, moment in zip(onsets, due, strict=True)]
    # A server that loses a period on a busy machine shifts all that follows.
    middle = statistics.median(off_frames)
    together = [frames for frames in off_frames if abs(frames - middle) <= fluid.BLOCK_FRAMES]
    assert len(together) >= 0.7 * len(off_frames)
    assert max(together) - min(together) <= fluid.BLOCK_FRAMES + 8


def take_hits(path: Path, synth: SynthWire, server: JackServer) -> tuple[list[float], list[float]]:
    """Record 12 cross-sticks; when each was due, and when each is heard."""
    flags = ["-f", str(path), "-d", "6", "-b", "16"]
    ports = [f"Polyrhythmia Synth:{side}" for side in ("left", "right")]
    recording = subprocess.Popen(
        ["jack_rec", *flags, *ports],
        env=server.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for("the recorder", lambda: any("jackrec" in it for it in server.ports() or []))
    time.sleep(0.5)
    moment = time.monotonic()
    due = []
    for number in range(12):
        moment += 0.25 + 0.0037 * number
        due.append(moment)
        time.sleep(max(0.0, moment - synth.lookahead_seconds - time.monotonic()))
        synth.send_at(CROSS_STICK, moment)
    recording.wait(timeout=30)
    return due, onset_seconds(path)


@pytest.mark.jack
def test_when_the_sound_server_dies_it_is_said_and_the_synth_returns_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    require_jack()
    with running_jack_server() as server:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
        with closing(SynthWire(driver="jack")) as synth:
            server.stop()
            wait_for("the loss to be seen", lambda: synth.condition.state is PortState.GONE)
            assert not synth.watch()
            server.start()
            wait_for("its return", synth.watch)
            assert synth.condition is OPEN
            synth.send(KICK)
            wait_for("the kick", synth.sounding_voices)
            server.stand_still()
            try:
                wait_for("the rest", lambda: synth.condition.state is PortState.STILL)
                assert not synth.watch(), "it may go on: nothing is opened meanwhile"
            finally:
                server.go_on()
            wait_for("its return", synth.watch)


@pytest.mark.jack
def test_a_server_that_was_not_there_at_the_start_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    require_jack()
    with running_jack_server() as server:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
        monkeypatch.setenv("JACK_NO_START_SERVER", "1")
        server.stop()
        with closing(SynthWire(driver="jack", patient=True)) as synth:
            assert synth.condition.words == "no sound: waiting for an audio driver (jack)"
            synth.send(KICK)
            assert (synth.dropped, synth.watch()) == (1, False)
            server.start()
            wait_for("its coming", synth.watch)
            assert (synth.condition, synth.driver) == (OPEN, "jack")
            synth.send(KICK)
            wait_for("the kick", synth.sounding_voices)


def test_a_driver_that_never_comes_is_looked_for_now_and_then(
    by_hand: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand.stop()
    looks = 0

    def open_driver(_synth: fluid.FluidSynth, _names: Sequence[str]) -> None:
        nonlocal looks
        looks += 1

    monkeypatch.setattr(fluid.FluidSynth, "open_driver", open_driver)
    with closing(SynthWire(patient=True)) as synth:
        words = {synth.condition.words for _ in range(100) if not synth.watch()}
        assert len(words) == 1, "one line, and not a line for each look"
        assert looks <= 3, "at once, and once again"


@pytest.mark.parametrize("open_for_seconds", [0.3, 2.5])
def test_a_sound_server_that_ends_is_missed_at_once_however_new_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_for_seconds: float
) -> None:
    """PulseAudio's null sink, which sleeps for its first two seconds."""
    if not pulse.is_installed():
        pytest.skip("needs pulseaudio: `sudo apt-get install pulseaudio`")
    with pulse.running_pulse_server(tmp_path) as server:
        monkeypatch.setenv("PULSE_SERVER", server.address)
        with closing(SynthWire(driver="pulseaudio")) as synth:
            time.sleep(open_for_seconds)
            assert synth.condition is OPEN
            server.stop()
            looks = synth_stream.STANDING_LOOKS
            time.sleep(2 * looks * synth_stream.LOOK_SECONDS)
            assert synth.condition.state is PortState.GONE


def test_a_driver_whose_thread_has_ended_is_known_to_have_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fluid, "_TASKS", tmp_path)
    monkeypatch.setitem(fluid._DRIVER_THREADS, "file", "file-audio")
    with closing(fluid.FluidSynth()) as synth:
        assert synth.open_driver(["file"]) == "file"
        assert not synth.driver_ended(), "it has not come up yet"
        task = tmp_path / "17"
        task.mkdir()
        (task / "comm").write_text("file-audio\n")
        assert not synth.driver_ended()
        (task / "comm").unlink()
        task.rmdir()
        assert synth.driver_ended()


@pytest.mark.jack
def test_it_plays_through_a_real_audio_server(jack_server: JackServer) -> None:
    with closing(SynthWire(driver="jack")) as synth:
        synth.send(KICK)
        assert any(port.startswith("Polyrhythmia Synth:") for port in jack_server.ports() or [])
        assert synth.latency_seconds == pytest.approx(2 * 64 / 48_000), "the server's two periods"


def test_a_driver_that_does_not_open_is_one_line_and_nothing_else() -> None:
    code = (
        "from polyrhythmia_live.wires.synth import SynthWire\n"
        "for driver in ('nonsense', 'jack'):\n"
        "    try: SynthWire(driver=driver)\n"
        "    except Exception as error: print(type(error).__name__, error)\n"
        "import sys; assert 'numpy' not in sys.modules\n"
    )
    attempt = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "CI": "1", "JACK_DEFAULT_SERVER": "polyrhythmia-nobody"},
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = attempt.stdout.splitlines()
    assert first.startswith(
        "SynthUnavailable no sound: expected an audio driver to open, tried nonsense; "
    )
    assert "tried jack; " in second
    assert attempt.stderr == ""


def test_without_the_library_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "fluidsynth", raising=False)
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    monkeypatch.delenv("HOMEBREW_PREFIX", raising=False)
    monkeypatch.setattr(fluid, "_point_at_homebrew", lambda: None)
    with pytest.raises(SynthUnavailable, match=r"no libfluidsynth \(.*\): `.* install .*`"):
        SynthWire()


def test_without_the_binding_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    with pytest.raises(SynthUnavailable, match="pyfluidsynth is not installed: run"):
        SynthWire()


def test_a_soundfont_that_native_code_refuses_is_named(tmp_path: Path) -> None:
    path = tmp_path / "hollow.sf2"
    path.write_bytes(b"RIFF\x04\x00\x00\x00sfbk")
    with pytest.raises(SynthUnavailable, match=r"hollow.sf2 cannot be loaded"):
        SynthWire(SynthSound(path))

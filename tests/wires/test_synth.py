import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.messages import CLOSED, OPEN
from polyrhythmia_live.testing.jackd import JackServer
from polyrhythmia_live.wires import fluid
from polyrhythmia_live.wires.base import SynthSound, Wire
from polyrhythmia_live.wires.synth import SynthWire

KICK = b"\x99\x24\x64"


@pytest.fixture
def on_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SynthWire]:
    """FluidSynth's own driver for machines without a sound card: it plays into a file here."""
    monkeypatch.chdir(tmp_path)
    with closing(SynthWire(driver="file")) as synth:
        yield synth


def test_a_kick_rings_on_the_drum_channel(on_file: SynthWire) -> None:
    out: Wire = on_file
    out.send(KICK)
    assert on_file.sounding_voices() > 0
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
    assert on_file.sounding_voices() > 0


def test_after_close_it_only_counts(on_file: SynthWire) -> None:
    on_file.close()
    on_file.close()
    on_file.send(KICK)
    assert (on_file.dropped, on_file.condition, on_file.watch()) == (1, CLOSED, False)


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

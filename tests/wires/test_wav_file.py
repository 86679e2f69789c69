import hashlib
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from polyrhythmia_live.wires.base import SynthSound
from polyrhythmia_live.wires.fluid import BLOCK_FRAMES
from polyrhythmia_live.wires.wav_file import RATE_HZ, render_wav
from tests.wires.onsets import onset_seconds, read_mono

CROSS_STICK = 37
BLOCK_SECONDS = BLOCK_FRAMES / RATE_HZ


def hits(
    *times_seconds: float, note: int = CROSS_STICK, velocity: int = 110
) -> list[tuple[float, bytes]]:
    return [(seconds, bytes((0x99, note, velocity))) for seconds in times_seconds]


def test_every_onset_lies_within_one_block_of_its_event(tmp_path: Path) -> None:
    path = tmp_path / "clicks.wav"
    render_wav(path, hits(0.0))
    (rise_seconds,) = onset_seconds(path)
    times = [0.0, 0.5001, 1.0 + 1 / 3, 2.25, 2.87654, 3.499]
    render_wav(path, hits(*times))
    onsets = onset_seconds(path)
    assert len(onsets) == len(times)
    for onset, time in zip(onsets, times, strict=True):
        assert abs(onset - rise_seconds - time) <= BLOCK_SECONDS


def test_a_hit_before_the_beginning_sounds_at_the_beginning(tmp_path: Path) -> None:
    early, prompt = tmp_path / "early.wav", tmp_path / "prompt.wav"
    render_wav(early, hits(-0.02))
    render_wav(prompt, hits(0.0))
    assert early.read_bytes() == prompt.read_bytes()


def test_a_loud_bar_is_heard_and_does_not_clip(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    bar = [
        event
        for beat in range(4)
        for note in (36, 42, *((38,) if beat % 2 else ()), *((49,) if beat == 0 else ()))
        for event in hits(beat * 0.5, note=note, velocity=120)
    ]
    render_wav(path, bar)
    level, _ = read_mono(path)
    assert 8_000 < max(level) < 32_767


def test_gain_is_loudness(tmp_path: Path) -> None:
    loud, soft = tmp_path / "loud.wav", tmp_path / "soft.wav"
    render_wav(loud, hits(0.0), SynthSound(gain=1))
    render_wav(soft, hits(0.0), SynthSound(gain=0.25))
    assert max(read_mono(loud)[0]) == pytest.approx(4 * max(read_mono(soft)[0]), rel=0.02)


def test_the_same_events_give_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    path = tmp_path / "here.wav"
    render_wav(path, hits(0.0, 0.4, 0.9, note=38))
    elsewhere = tmp_path / "elsewhere.wav"
    code = (
        "import ctypes, sys; from pathlib import Path; ctypes.CDLL(None).rand();"
        "from polyrhythmia_live.wires.wav_file import render_wav;"
        "render_wav(Path(sys.argv[1]), [(t, bytes((0x99, 38, 110))) for t in (0.0, 0.4, 0.9)]);"
        "assert 'numpy' not in sys.modules"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code, str(elsewhere)], check=True)
        assert digest(elsewhere) == digest(path)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_rings_out_and_lasts_as_long_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "ring.wav"
    told: list[int] = []
    render_wav(path, hits(0.0, 0.5), end_seconds=4.0, progress=told.append)
    with wave.open(str(path)) as file:
        assert file.getnframes() >= 4 * RATE_HZ
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE_HZ)
    assert sum(told) == 2


def test_nothing_to_play_is_a_short_silence(tmp_path: Path) -> None:
    path = tmp_path / "rest.wav"
    render_wav(path, [])
    level, _ = read_mono(path)
    assert max(level) <= 1, "dither at most"


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        render_wav(tmp_path / "none" / "x.wav", hits(0.0))

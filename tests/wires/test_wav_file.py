import hashlib
import subprocess
import sys
import wave
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from polyrhythmia_live.wires.base import GAIN, SynthSound
from polyrhythmia_live.wires.fluid import BLOCK_FRAMES, FluidSynth
from polyrhythmia_live.wires.wav_file import RATE_HZ, render_wav
from tests.wires.onsets import onset_seconds, read_mono

CROSS_STICK = 37
ONE_DB_BELOW_FULL = 29_204
BLOCK_SECONDS = BLOCK_FRAMES / RATE_HZ


def write(
    path: Path,
    events: list[tuple[float, bytes]],
    gain: float = GAIN,
    *,
    end_seconds: float = 0.0,
    loop: bool = False,
    progress: Callable[[int], None] = lambda _events: None,
) -> float:
    """The events by a new synth; the peak."""
    with closing(FluidSynth(SynthSound(gain=gain), rate_hz=RATE_HZ)) as synth:
        return render_wav(
            path, events, synth, end_seconds=end_seconds, loop=loop, progress=progress
        )


def hits(
    *times_seconds: float, note: int = CROSS_STICK, velocity: int = 110
) -> list[tuple[float, bytes]]:
    return [(seconds, bytes((0x99, note, velocity))) for seconds in times_seconds]


def test_every_onset_lies_within_one_block_of_its_event(tmp_path: Path) -> None:
    path = tmp_path / "clicks.wav"
    write(path, hits(0.0))
    (rise_seconds,) = onset_seconds(path)
    times = [0.0, 0.5001, 1.0 + 1 / 3, 2.25, 2.87654, 3.499]
    write(path, hits(*times))
    onsets = onset_seconds(path)
    assert len(onsets) == len(times)
    for onset, time in zip(onsets, times, strict=True):
        assert abs(onset - rise_seconds - time) <= BLOCK_SECONDS


def test_a_hit_before_the_beginning_sounds_at_the_beginning(tmp_path: Path) -> None:
    early, prompt = tmp_path / "early.wav", tmp_path / "prompt.wav"
    write(early, hits(-0.02))
    write(prompt, hits(0.0))
    assert early.read_bytes() == prompt.read_bytes()


def test_a_loud_bar_is_heard_and_does_not_clip(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    bar = [
        event
        for beat in range(4)
        for note in (36, 42, *((38,) if beat % 2 else ()), *((49,) if beat == 0 else ()))
        for event in hits(beat * 0.5, note=note, velocity=120)
    ]
    peak = write(path, bar)
    level, _ = read_mono(path)
    assert 5_000 < max(level) < ONE_DB_BELOW_FULL
    assert peak == pytest.approx(max(level) / 32_767, rel=0.001)


def test_gain_is_loudness(tmp_path: Path) -> None:
    loud, soft = tmp_path / "loud.wav", tmp_path / "soft.wav"
    write(loud, hits(0.0), 1)
    write(soft, hits(0.0), 0.25)
    assert max(read_mono(loud)[0]) == pytest.approx(4 * max(read_mono(soft)[0]), rel=0.02)


def test_the_same_events_give_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    path = tmp_path / "here.wav"
    write(path, hits(0.0, 0.4, 0.9, note=38))
    elsewhere = tmp_path / "elsewhere.wav"
    code = (
        "import ctypes, sys; from pathlib import Path; ctypes.CDLL(None).rand();"
        "from polyrhythmia_live.wires.fluid import FluidSynth;"
        "from polyrhythmia_live.wires.wav_file import render_wav;"
        "events = [(t, bytes((0x99, 38, 110))) for t in (0.0, 0.4, 0.9)];"
        "render_wav(Path(sys.argv[1]), events, FluidSynth(rate_hz=44_100));"
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
    write(path, hits(0.0, 0.5), end_seconds=4.0, progress=told.append)
    with wave.open(str(path)) as file:
        assert file.getnframes() >= 4 * RATE_HZ
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE_HZ)
    assert sum(told) == 2


def test_a_loop_lasts_to_the_frame_and_begins_with_what_rings_at_its_end(tmp_path: Path) -> None:
    loop, once = tmp_path / "loop.wav", tmp_path / "once.wav"
    events = [*hits(0.5), *hits(0.95, note=49)]
    write(loop, events, end_seconds=1.00003, loop=True)
    write(once, events, end_seconds=1.00003)
    level, _ = read_mono(loop)
    assert len(level) == 44_101
    last, first = max(level[-2_000:]), max(level[:2_000])
    assert last / 2 < first < 2 * last, "the crash rings on"
    assert max(read_mono(once)[0][:2_000]) < first / 100


def test_a_loop_shorter_than_its_tail_rings_through_itself(tmp_path: Path) -> None:
    short, long = tmp_path / "short.wav", tmp_path / "long.wav"
    write(short, hits(0.0, note=49), end_seconds=0.5, loop=True)
    write(long, hits(0.0, 0.5, 1.0, 1.5, note=49), end_seconds=2.0, loop=True)
    assert max(read_mono(short)[0]) == pytest.approx(max(read_mono(long)[0]), rel=0.1)


def test_round_the_seam_a_note_struck_again_is_not_cut_by_the_end_of_the_last(
    tmp_path: Path,
) -> None:
    cut, whole = tmp_path / "cut.wav", tmp_path / "whole.wav"
    strikes = hits(0.1, 0.9, note=49)
    write(cut, [*strikes, (1.2, b"\x89\x31\x00")], end_seconds=1.0, loop=True)
    write(whole, strikes, end_seconds=1.0, loop=True)
    assert cut.read_bytes() == whole.read_bytes()


def test_nothing_to_play_is_a_short_silence(tmp_path: Path) -> None:
    path = tmp_path / "rest.wav"
    write(path, [])
    level, _ = read_mono(path)
    assert max(level) <= 1, "dither at most"


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "none" / "x.wav", hits(0.0))

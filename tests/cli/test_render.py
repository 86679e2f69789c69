import array
import errno
import json
import os
import re
import wave
from pathlib import Path

import mido
import pytest
from click.testing import CliRunner, Result

from polyrhythmia_live.cli import polyrhythmia
from polyrhythmia_live.control.base import DRUMMER_LEVELS
from polyrhythmia_live.errors import ConfigError, SynthUnavailable
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.wires.fluid import BLOCK_FRAMES
from polyrhythmia_live.wires.midi_file import DIVISION
from polyrhythmia_live.wires.soundfont import find_soundfonts
from tests.wires.onsets import read_mono

BARS = 4


def render(file: Path, *flags: str) -> Result:
    arguments = ["render", str(file), "--bars", str(BARS), "--seed", "7", *flags]
    return CliRunner().invoke(polyrhythmia, arguments, catch_exceptions=False)


@pytest.mark.parametrize("suffix", [".mid", ".jsonl", ".wav"])
def test_the_same_seed_gives_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}{suffix}" for name in ("one", "two")]
    for file in files:
        assert render(file, "--bpm", "180").exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_another_seed_gives_another_performance(tmp_path: Path) -> None:
    one, two = tmp_path / "one.mid", tmp_path / "two.mid"
    render(one)
    render(two, "--seed", "8")
    assert one.read_bytes() != two.read_bytes()


@pytest.mark.parametrize(
    ("flags", "genre", "bpm"),
    [
        (["--genre", "samba"], "samba", 89.0),
        (["--genre", "Samba", "--bpm", "100"], "samba", 100.0),
        (["--preset", "Jazz"], "jazz", 132.0),
        (["--genre", "Hip-Hop"], "hiphop", 92.0),
        (["--genre", "second line", "--density", "70"], "secondline", 99.0),
    ],
)
def test_a_genre_is_played_at_its_usual_tempo_unless_one_is_given(
    flags: list[str], genre: str, bpm: float, tmp_path: Path
) -> None:
    file = tmp_path / "take.jsonl"
    assert render(file, *flags).exit_code == 0
    head = json.loads(file.read_text().splitlines()[0])
    assert (head["genre"], head["bpm"]) == ({genre: 1.0}, bpm)


def test_a_seed_that_was_drawn_is_printed(tmp_path: Path) -> None:
    result = CliRunner().invoke(polyrhythmia, ["render", str(tmp_path / "a.mid"), "--bars", "1"])
    assert "seed " in result.output


def test_the_midi_file_is_as_long_as_its_bars_and_every_note_ends(tmp_path: Path) -> None:
    file = tmp_path / "take.mid"
    render(file, "--bpm", "98")
    song = mido.MidiFile(file)
    assert song.ticks_per_beat == DIVISION
    (track,) = song.tracks
    assert track.name == "Polyrhythmia rock"
    assert sum(message.time for message in track) >= BARS * 4 * DIVISION
    open_notes: set[int] = set()
    for message in track:
        if message.type == "note_on":
            open_notes.add(message.note)
        elif message.type == "note_off":
            open_notes.discard(message.note)
    assert open_notes == set()


def test_a_loop_is_as_long_as_its_bars(tmp_path: Path) -> None:
    assert render(tmp_path / "take.wav", "--bpm", "120", "--loop").exit_code == 0
    with wave.open(str(tmp_path / "take.wav")) as file:
        assert file.getnframes() == BARS * 2 * file.getframerate()


def test_a_loop_is_of_sound(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--loop is for \.wav"):
        render(tmp_path / "take.mid", "--loop")


def test_the_peak_is_said_and_clipping_too(tmp_path: Path) -> None:
    assert re.search(r"peak -\d+\.\d dBFS$", render(tmp_path / "take.wav").output.strip())
    assert "clipped: try a --gain below 9" in render(tmp_path / "loud.wav", "--gain", "9").output


def test_a_take_that_is_there_is_replaced_only_where_that_is_said(tmp_path: Path) -> None:
    take = tmp_path / "take.mid"
    take.write_text("my only one")
    with pytest.raises(ConfigError, match="is there already"):
        render(take)
    assert take.read_text() == "my only one"
    assert render(take, "--force").exit_code == 0
    assert take.read_bytes().startswith(b"MThd")


def test_a_full_disk_leaves_no_half_written_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(file: Path, *_: object) -> str:
        file.write_bytes(b"RIFF, and no more")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("polyrhythmia_live.cli.render._write_wav", fill)
    with pytest.raises(ConfigError, match=r"cannot write .*take\.wav: No space left"):
        render(tmp_path / "take.wav", "--bars", "1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["TAKE.MID", "Take.Wav"])
def test_capitals_in_a_files_ending_are_its_own(name: str, tmp_path: Path) -> None:
    assert render(tmp_path / name, "--bars", "1").exit_code == 0
    assert (tmp_path / name).exists()


def test_a_kit_that_cannot_be_had_is_said_before_a_note_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polyrhythmia_live.cli.render.open_drummer", pytest.fail)
    with pytest.raises(SynthUnavailable, match="no drum kit is called 'polka'"):
        render(tmp_path / "take.wav", "--synth-kit", "polka")


def test_a_kit_with_the_same_samples_is_said(tmp_path: Path) -> None:
    result = render(tmp_path / "take.wav", "--bars", "1", "--synth-kit", "jazz")
    assert "drum kit 'Jazz' sounds as 'Standard'" in result.stderr


def test_seven_eighths_has_fourteen_steps_a_bar(tmp_path: Path) -> None:
    file = tmp_path / "take.jsonl"
    render(file, "--meter", "7/8")
    head, *hits = map(json.loads, file.read_text().splitlines())
    assert head["meter"] == "7/8"
    assert {hit["bar"] for hit in hits} <= set(range(1, BARS + 1))
    assert max(hit["step"] for hit in hits) <= 14


def test_how_a_seven_is_counted_moves_no_note(tmp_path: Path) -> None:
    plain, counted = tmp_path / "plain.jsonl", tmp_path / "counted.jsonl"
    render(plain, "--meter", "7/8")
    render(counted, "--meter", "7/8 = 2+2+3")
    assert counted.read_text() == plain.read_text().replace("7/8", "7/8=2+2+3", 1)


def test_density_is_heard(tmp_path: Path) -> None:
    counts = []
    for density in ("0", "0.25", "0.75"):
        file = tmp_path / f"{density}.jsonl"
        render(file, "--density", density)
        counts.append(len(file.read_text().splitlines()) - 1)
    assert counts[0] == 0
    assert counts[2] >= 2 * counts[1] > 0


@pytest.mark.parametrize("name", DRUMMER_LEVELS)
def test_every_level_of_the_drummer_is_a_flag_and_is_heard(name: str, tmp_path: Path) -> None:
    plain, turned = tmp_path / "plain.jsonl", tmp_path / "turned.jsonl"
    filled = ("--fills", "0.99") if name == "fullness" else ()  # else there may be no fill
    render(plain, *filled)
    assert render(turned, *filled, f"--{name}", "0.7").exit_code == 0
    assert plain.read_text().splitlines()[1:] != turned.read_text().splitlines()[1:]


def test_on_the_grid_is_on_the_grid(tmp_path: Path) -> None:
    file = tmp_path / "take.jsonl"
    render(file, "--humanise", "0")
    hits = [json.loads(line) for line in file.read_text().splitlines()[1:]]
    assert all(hit["tick"] % TICKS_PER_STEP == 0 for hit in hits)


def test_swing_moves_where_hits_sound_and_not_what_is_played(tmp_path: Path) -> None:
    straight, shuffled = tmp_path / "straight.jsonl", tmp_path / "shuffled.jsonl"
    render(straight)
    render(shuffled, "--swing8", "66")
    played, ticks = [], []
    for file in (straight, shuffled):
        hits = [json.loads(line) for line in file.read_text().splitlines()[1:]]
        ticks.append([hit.pop("tick") for hit in hits])
        played.append(hits)
    assert played[0] == played[1]
    assert ticks[0] != ticks[1]
    assert all(late >= tick for tick, late in zip(*ticks, strict=True))


def test_two_genres_are_mixed_in_one_flag(tmp_path: Path) -> None:
    file = tmp_path / "take.jsonl"
    assert render(file, "--genre", "rock 60 jazz").exit_code == 0
    about = json.loads(file.read_text().splitlines()[0])
    assert about["genre"] == {"rock": 0.6, "jazz": 0.4}


def test_the_sound_begins_where_the_notes_do(tmp_path: Path) -> None:
    """Onsets of the .wav against those of the .mid, within a block of FluidSynth and a file's tick.

    Looked at: notes that nothing rings into. A sound takes a while to rise, the same each time.
    """
    flags = ("--bpm", "40", "--density", "0.2", "--bars", "12")
    render(tmp_path / "take.mid", *flags)
    # One sample a drum: a soft stroke of another layer rises otherwise.
    render(tmp_path / "take.wav", *flags, "--soundfont", str(find_soundfonts()[-1]))
    level, rate_hz = read_mono(tmp_path / "take.wav")
    rises: dict[int, list[float]] = {}
    for note, seconds in alone(tmp_path / "take.mid"):
        rise = rise_seconds(level, rate_hz, seconds)
        if rise is not None:
            rises.setdefault(note, []).append(rise)
    assert sum(map(len, rises.values())) >= 6
    within_seconds = BLOCK_FRAMES / rate_hz + 60 / 40 / DIVISION
    for of_note in rises.values():
        assert min(of_note) >= -within_seconds
        assert max(of_note) - min(of_note) <= within_seconds


def alone(path: Path) -> list[tuple[int, float]]:
    """(note, seconds) of the note-ons that no other is near."""
    seconds, played = 0.0, []
    for message in mido.MidiFile(path):
        seconds += message.time
        if message.type == "note_on":
            played.append((message.note, seconds))
    return [
        (note, at)
        for index, (note, at) in enumerate(played)
        if all(abs(at - other) > 0.1 for i, (_, other) in enumerate(played) if i != index)
    ]


def rise_seconds(level: "array.array[int]", rate_hz: int, seconds: float) -> float | None:
    """From a note's time to when its sound stands out of what rang before; None if it does not."""
    frame = round(seconds * rate_hz)
    before = max(level[frame - 20 * BLOCK_FRAMES : frame - BLOCK_FRAMES], default=0)
    peak = max(level[frame : frame + 20 * BLOCK_FRAMES])
    if peak < 20 * max(before, 50):
        return None
    first = frame - BLOCK_FRAMES
    rising = next(i for i, sample in enumerate(level[first:]) if sample >= peak / 10)
    return (first + rising - frame) / rate_hz


def test_a_wav_says_how_long_its_bars_are_and_how_long_it_rings_out(tmp_path: Path) -> None:
    file = tmp_path / "take.wav"
    said = render(file, "--bpm", "120").output
    found = re.search(r"8\.0 s and (\d\.\d) s that ring out", said)
    assert found is not None, said
    with wave.open(str(file)) as written:
        assert written.getnframes() / written.getframerate() == pytest.approx(
            8.0 + float(found[1]), abs=0.06
        )
    assert ", 8.0 s, peak" in render(file, "--bpm", "120", "--loop", "--force").output


def test_silence_that_was_asked_for_is_told(tmp_path: Path) -> None:
    result = render(tmp_path / "take.mid", "--density", "0")
    assert "density 0%: nothing is played" in result.output
    assert "nothing is played" not in render(tmp_path / "take.mid", "--force").output


def test_one_is_asked_about_where_a_level_is_a_share(tmp_path: Path) -> None:
    for level in ("fills", "density", "intensity", "complexity", "stability", "humanise"):
        result = render(tmp_path / "take.mid", f"--{level}", "1")
        assert result.exit_code == 2
        assert f"expected {level} 1% or 100%; got '1', which could be either" in result.output

from __future__ import annotations

import io
from pathlib import Path

import mido
import pytest

from polyrhythmia_live.rhythm.meter import PPQN
from polyrhythmia_live.training.data.drum_track import Note, read_drum_track
from polyrhythmia_live.training.data.midi_file import Unusable

HIT = mido.Message("note_on", channel=9, note=36, velocity=100, time=0)


def midi_bytes(*tracks: list[mido.Message], division: int = 96, kind: int = 1) -> bytes:
    midi = mido.MidiFile(type=kind, ticks_per_beat=division)
    midi.tracks += [mido.MidiTrack(track) for track in tracks]
    written = io.BytesIO()
    midi.save(file=written)
    return written.getvalue()


def write(folder: Path, content: bytes) -> Path:
    path = folder / "take.mid"
    path.write_bytes(content)
    return path


def signature(numerator: int, denominator: int, time: int = 0) -> mido.MetaMessage:
    return mido.MetaMessage(
        "time_signature", numerator=numerator, denominator=denominator, time=time
    )


def tempo(bpm: float, time: int = 0) -> mido.MetaMessage:
    return mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm), time=time)


def test_a_hit_keeps_its_place_whatever_the_files_division(tmp_path: Path) -> None:
    path = write(tmp_path, midi_bytes([HIT, HIT.copy(time=32)]))
    assert read_drum_track(path).notes == (Note(0, 36, 100), Note(PPQN // 3, 36, 100))


def test_a_hit_without_length_or_end_is_still_a_hit(tmp_path: Path) -> None:
    off = mido.Message("note_off", channel=9, note=36, time=0)
    path = write(tmp_path, midi_bytes([HIT, off, HIT.copy(time=96), HIT.copy(time=96)]))
    assert [note.tick for note in read_drum_track(path).notes] == [0, PPQN, 2 * PPQN]


def test_only_the_drum_channel_is_read_where_there_is_one(tmp_path: Path) -> None:
    bass = HIT.copy(channel=1, note=40)
    track = read_drum_track(write(tmp_path, midi_bytes([HIT], [bass, bass])))
    assert [note.pitch for note in track.notes] == [36]
    assert track.on_drum_channel
    assert track.left_out == 2


def test_without_a_drum_channel_every_note_is_a_drum(tmp_path: Path) -> None:
    track = read_drum_track(write(tmp_path, midi_bytes([HIT.copy(channel=0)])))
    assert len(track.notes) == 1
    assert not track.on_drum_channel
    assert track.left_out == 0


def test_a_file_that_says_nothing_says_neither_tempo_nor_meter(tmp_path: Path) -> None:
    track = read_drum_track(write(tmp_path, midi_bytes([HIT])))
    assert (track.signatures, track.tempos, track.tempo_bpm([0])) == ((), (), 120)


def test_the_last_of_several_signatures_on_one_tick_counts(tmp_path: Path) -> None:
    head = [tempo(90), signature(4, 4), signature(7, 8)]
    track = read_drum_track(write(tmp_path, midi_bytes(head, [HIT])))
    assert track.signatures == ((0, (7, 8)),)
    assert track.tempo_bpm([0]) == pytest.approx(90, abs=0.01)


def test_the_tempo_is_the_one_most_is_played_at(tmp_path: Path) -> None:
    count_in_then_song = [tempo(60), tempo(150, time=96), tempo(40, time=96 * 8)]
    hits = [HIT.copy(time=96) for _ in range(7)]
    track = read_drum_track(write(tmp_path, midi_bytes(count_in_then_song, hits)))
    assert track.tempo_bpm(note.tick for note in track.notes) == pytest.approx(150, abs=0.01)


def test_a_change_of_meter_after_the_last_note_does_not_count(tmp_path: Path) -> None:
    head = [signature(3, 4), signature(4, 4, time=96 * 3)]
    track = read_drum_track(write(tmp_path, midi_bytes(head, [HIT])))
    assert track.signatures == ((0, (3, 4)),)


def test_a_signature_said_again_is_no_change(tmp_path: Path) -> None:
    head = [signature(3, 4), signature(3, 4, time=96 * 3)]
    track = read_drum_track(write(tmp_path, midi_bytes(head, [HIT, HIT.copy(time=96 * 6)])))
    assert track.signatures == ((0, (3, 4)),)


def test_a_signature_that_makes_no_sense_is_passed_over(tmp_path: Path) -> None:
    content = midi_bytes([signature(4, 4), HIT]).replace(b"\x58\x04\x04\x02", b"\x58\x04\x04\x10")
    track = read_drum_track(write(tmp_path, content))
    assert track.signatures == ()
    assert track.told == ("a time signature of 4/65536 passed over",)


def test_time_in_frames_becomes_beats(tmp_path: Path) -> None:
    """25 frames of 40 ticks are a second, and a beat of 100 bpm .6 of it."""
    frames = midi_bytes([tempo(100), HIT, HIT.copy(time=600)])
    path = write(tmp_path, frames.replace(b"\x00\x60MTrk", b"\xe7\x28MTrk"))
    track = read_drum_track(path)
    assert [note.tick for note in track.notes] == [0, PPQN]
    assert track.told == ("timed in SMPTE frames: its beats are those of 100 bpm",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a readable"),
        (b"RIFF and so on", "not a readable"),
        (midi_bytes([HIT]).replace(b"\x00\x60MTrk", b"\x00\x00MTrk"), "how long a beat is"),
        (midi_bytes([HIT]).replace(b"\x00\x60MTrk", b"\x80\x28MTrk"), "how long a beat is"),
        (midi_bytes([HIT], [HIT], kind=2), "type 2"),
        (midi_bytes([tempo(100)]), "no notes"),
        (midi_bytes(), "no notes"),
    ],
)
def test_a_bad_file_is_left_out_with_the_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(Unusable, match=reason):
        read_drum_track(write(tmp_path, content))


def test_a_single_track_of_type_2_is_a_performance(tmp_path: Path) -> None:
    assert read_drum_track(write(tmp_path, midi_bytes([HIT], kind=2))).notes


def test_a_missing_file_is_left_out_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="not there"):
        read_drum_track(tmp_path / "gone.mid")

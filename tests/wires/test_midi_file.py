import io
from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.rhythm.meter import PPQN, Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.wires.midi_file import midi_file_bytes, write_midi_file

STEADY, IN_FOUR = ((0, 120.0),), MeterMap()

notes = st.tuples(
    st.integers(0, 20 * PPQN),
    st.builds(
        lambda kind, channel, note, velocity: bytes((kind | channel, note, velocity)),
        st.sampled_from((0x80, 0x90, 0xB0)),
        st.integers(0, 15),
        st.integers(0, 127),
        st.integers(0, 127),
    ),
)


def read(file: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(file))


@given(st.lists(notes, max_size=20))
def test_every_event_is_read_back_in_its_order_on_the_nearest_tick(
    events: list[tuple[int, bytes]],
) -> None:
    file = read(midi_file_bytes(events, STEADY, IN_FOUR))
    tick, played = 0, []
    for message in file.tracks[0]:
        tick += message.time
        if not message.is_meta:
            played.append((tick, bytes(message.bytes())))
    ordered = sorted(events, key=lambda event: event[0])
    assert [message for _, message in played] == [message for _, message in ordered]
    for (tick, _), (asked, _) in zip(played, ordered, strict=True):
        assert abs(tick * PPQN / 960 - asked) <= PPQN / 960 / 2
    assert (file.type, file.ticks_per_beat) == (0, 960)


def test_tempo_meter_and_length_are_in_the_file() -> None:
    file = read(
        midi_file_bytes(
            [(0, b"\x99\x24\x40")], ((0, 90.0),), MeterMap.of(Meter(7, 8)), "demo", 7 * PPQN
        )
    )
    track = file.tracks[0]
    assert track.name == "demo"
    assert [m.tempo for m in track if m.type == "set_tempo"] == [666_667]
    (signature,) = (m for m in track if m.type == "time_signature")
    assert (signature.numerator, signature.denominator) == (7, 8)
    assert sum(m.time for m in track) == 7 * 960


def test_tempo_and_meter_change_where_they_do() -> None:
    seven = MeterMap(((0, Meter(4, 4)), (2, Meter(7, 8))))
    tempos = ((0, 120.0), (PPQN, 120.0), (8 * PPQN, 60.0))
    tick, found = 0, []
    for message in read(midi_file_bytes([], tempos, seven, end_tick=12 * PPQN)).tracks[0]:
        tick += message.time
        if message.type == "set_tempo":
            found.append((tick, message.tempo))
        if message.type == "time_signature":
            found.append((tick, message.numerator))
    assert found == [(0, 500_000), (0, 4), (8 * 960, 1_000_000), (8 * 960, 7)]
    assert tick == 12 * 960


def test_the_same_events_give_the_same_bytes(tmp_path: Path) -> None:
    events = [(PPQN, b"\x99\x26\x40"), (0, b"\x99\x24\x40")]
    path = tmp_path / "demo.mid"
    write_midi_file(path, events, STEADY, IN_FOUR)
    assert path.read_bytes() == midi_file_bytes(events, STEADY, IN_FOUR)


def test_bytes_that_are_no_message_are_refused() -> None:
    with pytest.raises(ValueError, match=r".+"):
        midi_file_bytes([(0, b"\x24\x40")], STEADY, IN_FOUR)

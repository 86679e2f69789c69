"""Decoration never costs notes: files as other people's software has left them."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Iterator
from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.training.data import midi_file
from polyrhythmia_live.training.data.midi_file import (
    MidiFile,
    Pedal,
    Struck,
    Tempo,
    Unusable,
    parsed,
    read_midi_file,
)

HITS = [(0, 36), (96, 38), (192, 36), (288, 38)]
END = b"\x00\xff\x2f\x00"
TEMPO = b"\x00\xff\x51\x03\x07\xa1\x20"


def body(*, between: bytes = b"", running: bool = True) -> bytes:
    """Kick and snare on the beats, `between` before the third of them."""
    played = b"\x00\x99\x24\x64"
    for _, pitch in HITS[1:]:
        status = b"" if running else b"\x99"
        played += b"\x60" + status + bytes((pitch, 100))
    at = 4 + (3 if running else 4)
    return played[:at] + between + played[at:]


def chunk(name: bytes, content: bytes, length: int | None = None) -> bytes:
    return name + struct.pack(">I", len(content) if length is None else length) + content


def header(tracks: int = 1, kind: int = 0, division: int = 96) -> bytes:
    return chunk(b"MThd", struct.pack(">3H", kind, tracks, division))


def file(content: bytes) -> bytes:
    return header() + chunk(b"MTrk", content + END)


def hits(found: MidiFile) -> list[tuple[int, int]]:
    return [
        (event.tick, event.pitch)
        for track in found.tracks
        for event in track.events
        if isinstance(event, Struck)
    ]


GOOD = file(TEMPO + body())
HEAD = len(header())


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD, id="nothing wrong"),
        pytest.param(file(b"\x00\xff\x59\x02\x80\x00" + body()), id="a key of 128 flats"),
        pytest.param(file(b"\x00\xff\x59\x01\x00" + body()), id="a short key signature"),
        pytest.param(file(b"\x00\xff\x7e\x02\x01\x02" + body()), id="an unknown meta event"),
        pytest.param(file(body(between=b"\x00\xff\x01\x02hi")), id="running status over lyrics"),
        pytest.param(file(body(between=b"\x00\xf0\x02\x01\xf7")), id="over an exclusive message"),
        pytest.param(
            file(body(between=b"\x00\xf0\x0c\x01", running=False)),
            id="an exclusive message that would swallow hits",
        ),
        pytest.param(
            file(body(between=b"\x00\xff\x01\x7f\x00", running=False)), id="a text without end"
        ),
        pytest.param(b"RIFFxxxxRMIDdata" + struct.pack("<I", len(GOOD)) + GOOD, id="RIFF"),
        pytest.param(b"RIFFxxxxRMIDdata\x01\x00\x00\x00" + GOOD, id="RIFF of a wrong length"),
        pytest.param(bytes(128) + GOOD, id="MacBinary"),
        pytest.param(
            header() + chunk(b"XFIH", b"any") + GOOD[HEAD:], id="a foreign chunk before the track"
        ),
        pytest.param(GOOD + chunk(b"XFKM", b"any"), id="a foreign chunk after it"),
        pytest.param(GOOD + b"\x00\x1a", id="padding at the end"),
        pytest.param(
            chunk(b"MThd", struct.pack(">4H", 0, 1, 96, 0)) + GOOD[HEAD:], id="a longer header"
        ),
        pytest.param(
            header(3, 1) + chunk(b"MTrk", b"") + GOOD[HEAD:], id="fewer tracks than it says"
        ),
        pytest.param(
            header(1, 1) + chunk(b"MTrk", TEMPO + END) + GOOD[HEAD:], id="more than it says"
        ),
        pytest.param(
            header() + chunk(b"MTrk", body() + END, length=5) + chunk(b"MTrk", END),
            id="a length too short",
        ),
        pytest.param(
            header() + chunk(b"MTrk", body() + END, length=2**31) + chunk(b"MTrk", END),
            id="a length too long",
        ),
        pytest.param(GOOD[: -len(END)], id="no end of track"),
        pytest.param(GOOD.replace(b"MThd", b"MThx"), id="a damaged header"),
        pytest.param(GOOD.replace(b"MTrk", b"MTrx"), id="a damaged track head"),
        pytest.param(GOOD.replace(b"MTrk", b"\x00\x01\x02\x03"), id="no track head"),
        pytest.param(file(b"\x00\x64" + body()), id="values before any status"),
        pytest.param(file(b"\x00\xf4" + body()), id="a status that there is not"),
    ],
)  # fmt: skip
def test_all_hits_are_found(content: bytes) -> None:
    assert hits(parsed(content)) == HITS


def test_a_file_that_is_cut_off_keeps_what_came_before() -> None:
    found = parsed(GOOD[: -len(END) - 1])
    assert hits(found) == HITS[:3]
    assert found.faults == ("cut off at its end",)


def test_a_loudness_above_all_is_the_loudest() -> None:
    found = parsed(file(b"\x00\x99\x24\xe4" + body(running=False)))
    assert hits(found) == [HITS[0], *HITS]
    assert found.faults == ("1 messages with a value above 127",)


def test_what_was_passed_over_is_told() -> None:
    assert parsed(GOOD + chunk(b"XFKM", b"any")).faults == ("a chunk XFKM passed over",)
    assert parsed(bytes(128) + GOOD).faults == ("128 bytes before its header",)


def test_nothing_is_told_of_a_good_file() -> None:
    assert parsed(GOOD).faults == ()


def test_a_run_of_controllers_keeps_time() -> None:
    knobs = b"".join(b"\x02\xb9\x0b" + bytes((value,)) for value in range(100))
    running = b"\x01\xb9\x07\x00" + b"\x01\x07\x10" * 100
    found = parsed(file(knobs + running + body(running=False)))
    assert [tick - 301 for tick, _ in hits(found)] == [tick for tick, _ in HITS]


def test_a_pedal_is_told_when_it_opens_and_closes() -> None:
    values = [127, 120, 20, 0, 10, 64, 127]
    moves = b"".join(b"\x01\xb9\x04" + bytes((value,)) for value in values)
    [track] = parsed(file(moves + body(running=False))).tracks
    assert [event for event in track.events if isinstance(event, Pedal)] == [
        Pedal(3, 9, True),
        Pedal(6, 9, False),
    ]


def test_a_track_says_its_name() -> None:
    [track] = parsed(file(b"\x00\xff\x03\x05Kicks" + body())).tracks
    assert track.name == "Kicks"


def test_a_tempo_of_nothing_is_none() -> None:
    [track] = parsed(file(b"\x00\xff\x51\x03\x00\x00\x00" + TEMPO + body())).tracks
    assert [event for event in track.events if isinstance(event, Tempo)] == [Tempo(0, 500_000)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a readable MIDI file"),
        (b"PK\x03\x04 and so on", "not a readable MIDI file"),
        (file(b"\x00\xb9\x04\x7f" * 40), "more than 30 events"),
        (header() + chunk(b"ABCD", b"") * 40, "more than 20 tracks"),
        (header() + chunk(b"MTrk", b"") * 40, "more than 20 tracks"),
    ],
)
def test_what_is_no_file_or_too_much_of_one_has_a_reason(
    content: bytes, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(midi_file, "MAX_EVENTS", 30)
    monkeypatch.setattr(midi_file, "MAX_CHUNKS", 20)
    with pytest.raises(Unusable, match=reason):
        parsed(content)


def test_a_file_larger_than_any_drummers_is_not_even_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(midi_file, "MAX_BYTES", len(GOOD) - 1)
    (tmp_path / "large.mid").write_bytes(GOOD)
    with pytest.raises(Unusable, match="larger than"):
        read_midi_file(tmp_path / "large.mid")


def mutants(rng: random.Random, count: int) -> Iterator[bytes]:
    """A good file, damaged as disks, mails and other people's software do it."""
    for _ in range(count):
        content = bytearray(file(TEMPO + b"\x00\xff\x03\x04Drum" + body() * 8))
        for _ in range(rng.choice((1, 1, 2, 4))):
            at = rng.randrange(len(content))
            match rng.randrange(5):
                case 0:
                    content[at] = rng.randrange(256)
                case 1:
                    content[at] ^= 1 << rng.randrange(8)
                case 2:
                    del content[at : at + rng.choice((1, 2, 8))]
                case 3:
                    content[at:at] = rng.randbytes(rng.choice((1, 2, 8)))
                case _:
                    content[at : at + 8] = content[at // 2 : at // 2 + 8]
        yield bytes(content)


def test_no_hit_is_lost_that_another_reader_finds() -> None:
    others_read = 0
    for content in mutants(random.Random(15), 300):
        try:
            other = mido.MidiFile(file=io.BytesIO(content), clip=True)
        except Exception:  # it lets through whatever its parsers trip over
            continue
        theirs = [m for t in other.tracks for m in t if m.type == "note_on" and m.velocity]
        assert len(hits(parsed(content))) >= len(theirs), content
        others_read += bool(theirs)
    assert others_read > 50


changes = st.lists(
    st.tuples(st.integers(0, 400), st.binary(max_size=8), st.integers(0, 8)), max_size=6
)


@given(changes)
def test_a_damaged_file_is_read_or_has_a_reason(damage: list[tuple[int, bytes, int]]) -> None:
    content = GOOD + GOOD[HEAD:] * 4
    for at, put, removed in damage:
        content = content[:at] + put + content[at + removed :]
    check(content)


@given(st.binary(max_size=400))
def test_any_bytes_in_a_track_are_read_or_have_a_reason(content: bytes) -> None:
    check(file(content))


def check(content: bytes) -> None:
    try:
        found = parsed(content)
    except Unusable:
        return
    for track in found.tracks:
        ticks = [event.tick for event in track.events]
        assert ticks == sorted(ticks)
        for event in track.events:
            if isinstance(event, Struck):
                assert 0 <= event.channel < 16
                assert 0 <= event.pitch < 128
                assert 0 < event.velocity < 128

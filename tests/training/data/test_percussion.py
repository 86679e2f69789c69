"""Is it drums, which notes of it, and which drum is each."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from polyrhythmia_live.training.data.midi_file import (
    Bank,
    Event,
    Exclusive,
    MidiFile,
    Pedal,
    Struck,
    Track,
    Unusable,
)
from polyrhythmia_live.training.data.percussion import find_drums

GS_DRUMS_ON_11 = bytes.fromhex("41 10 42 12 40 1a 15 01 10")
GS_TUNE_ON_10 = bytes.fromhex("41 10 42 12 40 10 15 00 1b")
XG_DRUMS_ON_11 = bytes.fromhex("43 10 4c 08 0a 07 02")
XG_TUNE_ON_10 = bytes.fromhex("43 10 4c 08 09 07 00")


def file(*tracks: tuple[str, Iterable[Event]]) -> MidiFile:
    return MidiFile(1, 96, None, tuple(Track(name, tuple(events)) for name, events in tracks), ())


def every(pitch: int, ticks: int, *, channel: int = 9, first: int = 0) -> list[Event]:
    return [Struck(first + ticks * n, channel, pitch, 90) for n in range(16)]


def kit(channel: int) -> list[Event]:
    hits = [*every(36, 192, channel=channel), *every(38, 192, channel=channel, first=96)]
    return sorted([*hits, *every(42, 48, channel=channel)], key=lambda event: event.tick)


def tune(channel: int) -> list[Event]:
    """Over two octaves, two notes at once."""
    return [
        Struck(48 * n, channel, pitch, 90)
        for n in range(64)
        for pitch in (35 + 7 * n % 22, 39 + 7 * n % 22)
    ]


def bass(channel: int) -> list[Event]:
    return [Struck(48 * n, channel, (36, 36, 38, 40)[n % 4], 90) for n in range(64)]


def pitches(found: MidiFile) -> set[int]:
    return {struck.pitch for struck in find_drums(found).struck}


def test_channel_10_is_drums_and_the_others_are_not() -> None:
    drums = find_drums(file(("", [*kit(9), *tune(2)])))
    assert {struck.channel for struck in drums.struck} == {9}
    assert (drums.left_out, drums.on_drum_channel, drums.told) == (128, True, ())


@pytest.mark.parametrize(
    "said",
    [
        [Bank(0, 10, 120), Bank(0, 9, 121)],
        [Bank(0, 10, 127), Bank(0, 9, 121)],
        [Exclusive(0, GS_DRUMS_ON_11), Exclusive(0, GS_TUNE_ON_10)],
        [Exclusive(0, XG_DRUMS_ON_11), Exclusive(0, XG_TUNE_ON_10)],
    ],
    ids=["GM2", "XG by bank", "GS", "XG by message"],
)
def test_drums_may_be_on_another_channel_and_a_tune_on_10(said: list[Event]) -> None:
    drums = find_drums(file(("", [*said, *kit(10), *tune(9)])))
    assert {struck.channel for struck in drums.struck} == {10}
    assert drums.told == ("channel 11 is drums, it says",)


def test_to_a_roland_bank_127_is_an_old_piano() -> None:
    reset = Exclusive(0, bytes.fromhex("41 10 42 12 40 00 7f 00 41"))
    drums = find_drums(file(("", [reset, Bank(0, 3, 127), *kit(9), *tune(3)])))
    assert {struck.channel for struck in drums.struck} == {9}


def test_a_track_or_channel_for_each_drum_is_a_kit() -> None:
    drums = find_drums(
        file(
            ("Kick", every(36, 192, channel=0)),
            ("Snare", every(38, 192, channel=1)),
            ("Hat", every(42, 48, channel=2)),
            ("Piano", tune(3)),
        )
    )
    assert {struck.pitch for struck in drums.struck} == {36, 38, 42}
    assert drums.left_out == 128
    assert drums.told == ("drums on other channels than 10, by the names of their tracks",)


def test_a_click_is_no_drum() -> None:
    drums = find_drums(file(("Drums", kit(0)), ("Click", every(42, 96))))
    assert len(drums.struck) == 48
    assert "its click left out" in drums.told
    with pytest.raises(Unusable, match="nothing but a click"):
        find_drums(file(("Metronome", every(37, 96))))


@pytest.mark.parametrize("pitch", [57, 60])
def test_a_kit_on_one_pitch_is_told_apart_by_the_names_of_its_tracks(pitch: int) -> None:
    names = ("Kick", "Snare", "Closed HH", "Open HH", "Crash", "Floor Tom")
    drums = file(*((name, every(pitch, 48)) for name in names))
    assert pitches(drums) == {36, 38, 42, 46, 49, 43}
    assert find_drums(drums).told == ("which drum it is, by the names of the tracks",)


def test_a_track_of_one_drum_keeps_a_pitch_that_means_it() -> None:
    assert pitches(file(("Kick", every(35, 96)), ("Snare", every(40, 96)))) == {35, 40}


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        (tune(0), "a tune's notes"),
        (tune(9), "a tune's notes"),
        (bass(0), "never two notes at once"),
        (every(36, 48), "on one pitch"),
        (every(37, 96), "on one pitch"),
        (every(61, 48), "no drum's pitch"),
        ([], "no notes"),
    ],
    ids=["piano", "piano on 10", "bass", "a kit on one pitch", "metronome", "congas", "nothing"],
)
def test_what_is_no_kit_is_left_out_with_the_reason(events: list[Event], reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        find_drums(file(("", events)))


def test_what_people_say_to_be_drums_is() -> None:
    assert len(find_drums(file(("", every(36, 48))), vouched=True).struck) == 16


def test_a_snare_or_a_hat_may_be_practised_alone() -> None:
    assert pitches(file(("", every(38, 48)))) == {38}
    assert pitches(file(("", every(42, 32)))) == {42}


def test_without_a_word_about_drums_a_kit_is_known_by_what_it_plays() -> None:
    alone = find_drums(file(("", kit(0))))
    assert alone.told == ("it says of no note that it is a drum: all its notes taken for drums",)
    band = find_drums(file(("", tune(1)), ("", tune(2)), ("", kit(3))))
    assert {struck.channel for struck in band.struck} == {3}
    assert band.told == ("channel 4 taken for drums, by what it plays",)
    assert not band.on_drum_channel


def with_pedal(closed: int) -> list[Event]:
    """Hats in eighths, every other one with the pedal open."""
    return [
        event
        for n in range(16)
        for event in (Pedal(48 * n, 9, n % 2 == 1), Struck(48 * n, 9, closed, 90))
    ]


def test_a_hat_is_open_when_its_pedal_is() -> None:
    drums = find_drums(file(("", [*with_pedal(42), *every(36, 96)])))
    assert [struck.pitch for struck in drums.struck if struck.pitch != 36] == [42, 46] * 8
    assert drums.told == ("8 of 16 hats open, by the pedal",)


def test_a_module_that_tells_open_hats_apart_is_believed() -> None:
    played = [*with_pedal(42), Struck(9999, 9, 46, 90)]
    assert [struck.pitch for struck in find_drums(file(("", played))).struck] == [42] * 16 + [46]

"""Which notes of a file are drums, and which drum each is meant for.

Files say it in many ways, and are asked in this order: banks and exclusive messages that make a
channel a drum kit (GM2, XG, GS) or channel 10 none, the names of tracks, channel 10, and at last
the notes themselves. What was taken for granted is told.

Threads: none of their own; any thread may call them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

from polyrhythmia_live.drums.pitches import PITCH_MAP
from polyrhythmia_live.training.data.midi_file import (
    Bank,
    Exclusive,
    MidiFile,
    Pedal,
    Struck,
    Unusable,
)
from polyrhythmia_live.training.data.naming import words

DRUM_CHANNEL = 9
"""Channel 10 on screen: General MIDI's for percussion."""

INPUT_PITCHES: Mapping[int, tuple[int, int]] = MappingProxyType(
    {**PITCH_MAP, 35: PITCH_MAP[36], 39: PITCH_MAP[38], 41: PITCH_MAP[43]}
)
"""Pitch -> (lane, articulation) for every note that is read.

`PITCH_MAP` covers the Groove MIDI Dataset; General MIDI has three more sounds that a lane can stand
for: the acoustic bass drum, the hand clap (which plays the snare's part) and the low floor tom.
Its tambourine, cowbell and everything from 60 on have none.
"""

_GM2_DRUMS, _XG_DRUMS, _GM2_TUNE = 120, 127, 121

_CLICK = {"click", "clicks", "clicktrack", "metronome", "metro"}
_KITS = {
    "drum", "drums", "drumkit", "drumset", "kit", "percussion", "perc", "batterie", "bateria",
    "battery", "schlagzeug", "beat", "beats",
}  # fmt: skip
"""What a track of a whole kit calls itself."""
_TUNES = {
    "bass", "piano", "guitar", "gtr", "keys", "keyboard", "organ", "strings", "synth", "lead",
    "pad", "vocal", "vocals", "vox", "voice", "melody", "chords", "brass", "horns", "sax", "flute",
    "violin", "cello", "steel", "harp", "rhodes", "arp",
}  # fmt: skip
"""What a track of another instrument does."""
_NAMED_PITCHES = {
    "kick": 36, "kik": 36, "bd": 36, "bassdrum": 36, "snare": 38, "snr": 38, "sd": 38, "rim": 37,
    "rimshot": 40, "sidestick": 37, "crossstick": 37, "clap": 39, "hat": 42, "hats": 42,
    "hihat": 42, "hihats": 42, "hh": 42, "chh": 42, "ohh": 46, "ohat": 46, "tom": 47, "toms": 47,
    "lowtom": 43, "lotom": 43, "floortom": 43, "midtom": 47, "hightom": 50, "hitom": 50,
    "crash": 49, "ride": 51, "ridebell": 53, "cymbal": 49, "cymbals": 49, "splash": 55,
    "china": 52,
}  # fmt: skip
"""What a track of one drum calls itself, alone or in two words run together."""
_HAT_WORDS = {"open": 46, "pedal": 44, "foot": 44}

_CLOSED_HATS = frozenset({42})
_OPEN_HAT = 46
_HAT_TELLS = frozenset({46, 26, 22})
"""A module that sends one of these tells open and closed apart by itself."""
_LEAST_OPEN = 4
_LEAST_OPEN_SHARE = 0.05
"""Of the hat's hits: fewer come from a foot that was on its way."""

ENOUGH_HITS = 16
"""With fewer, what is no kit cannot be told from a little of one."""
_LEAST_WITH_LANE = 0.5
_LEAST_WITH_LANE_UNSAID = 0.85
_OFTENEST = 4
_LEAST_OFTENEST = 0.45
"""The four most struck pitches make 54 % of a person's hits at least, and half as much of a tune's
(Groove MIDI Dataset; docs/measured.md)."""
_LEAST_CORE = 0.5
_AT_ONCE = 16
"""Two hands that play together are no further apart than this part of a beat (or a second)."""
_CORE = frozenset({22, 26, 35, 36, 38, 40, 42, 44, 46, 51})
_PLAYED_ALONE = frozenset({22, 26, 38, 40, 42, 44, 46, 51, 53, 59})
"""People practise on a snare, a hat or a ride; a kick or a crash alone, often, is a kit on one
pitch or a metronome."""


@dataclass(frozen=True, slots=True)
class Drums:
    """The drum notes of a file, in time order, in the file's ticks.

    `left_out` counts the notes of other instruments; `on_drum_channel` is whether the file itself
    says which are drums. `told` are the guesses that were made.
    """

    struck: tuple[Struck, ...]
    left_out: int
    on_drum_channel: bool
    told: tuple[str, ...]


@dataclass(slots=True)
class _Line:
    """What one track plays on one channel; `said` is whether the file calls the channel drums.

    `struck` are (place among the file's events, note, whether the pedal is open then).
    """

    name: str
    channel: int
    said: bool
    struck: list[tuple[int, Struck, bool]] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        return words(self.name)

    @property
    def is_click(self) -> bool:
        return not _CLICK.isdisjoint(self.words)

    @property
    def is_tune(self) -> bool:
        return not _TUNES.isdisjoint(self.words) and "bassdrum" not in self._pairs

    @property
    def is_kit(self) -> bool:
        return not self.is_tune and not _KITS.isdisjoint(self.words)

    @property
    def named_pitch(self) -> int | None:
        """That of the drum that the track is named after, if it is."""
        if self.is_tune:
            return None
        found = (_NAMED_PITCHES.get(word) for word in (*self._pairs, *self.words))
        pitch = next((pitch for pitch in found if pitch is not None), None)
        if pitch in _CLOSED_HATS:
            return next((_HAT_WORDS[word] for word in self.words if word in _HAT_WORDS), pitch)
        return pitch

    @property
    def _pairs(self) -> list[str]:
        return ["".join(pair) for pair in pairwise(self.words)]

    @property
    def pitches(self) -> set[int]:
        return {note.pitch for _, note, _ in self.struck}


def find_drums(file: MidiFile, *, vouched: bool = False) -> Drums:
    """The drum notes of a file. `vouched`: people say that it is a drummer's.

    Raises Unusable where it has no notes, or none that could be a drummer's.
    """
    lines = _lines(file)
    total = sum(len(line.struck) for line in lines)
    if not total:
        raise Unusable("no notes in it")
    told: list[str] = []
    near_ticks = (file.beat_ticks or file.second_ticks or 0) // _AT_ONCE
    chosen = _chosen(lines, vouched, near_ticks, told)
    numbered = sorted(entry for line in chosen for entry in _by_its_name(line, chosen, told))
    struck = _by_pedal(numbered, told)
    if not vouched and (doubt := _doubt(struck)) is not None:
        raise Unusable(doubt)
    return Drums(
        struck=struck,
        left_out=total - len(struck),
        on_drum_channel=all(line.said for line in chosen),
        told=tuple(dict.fromkeys(told)),
    )


def _lines(file: MidiFile) -> list[_Line]:
    """Everything that is played, by track and channel."""
    lines: dict[tuple[int, int, bool], _Line] = {}
    said = [channel == DRUM_CHANNEL for channel in range(16)]
    pedal_open = [False] * 16
    is_roland = False
    events = [(number, event) for number, track in enumerate(file.tracks) for event in track.events]
    events.sort(key=lambda numbered: numbered[1].tick)
    for place, (number, event) in enumerate(events):
        if isinstance(event, Struck):
            channel = event.channel
            key = number, channel, said[channel]
            if key not in lines:
                lines[key] = _Line(file.tracks[number].name, channel, said[channel])
            lines[key].struck.append((place, event, pedal_open[channel]))
        elif isinstance(event, Pedal):
            pedal_open[event.channel] = event.is_open
        elif isinstance(event, Bank):
            said[event.channel] = _said_by_bank(event, said[event.channel], is_roland)
        elif isinstance(event, Exclusive):
            is_roland = is_roland or (event.body[:1], event.body[2:4]) == (b"\x41", b"\x42\x12")
            for channel, is_drums in _said_by(event.body):
                said[channel] = is_drums
    return list(lines.values())


def _said_by_bank(bank: Bank, so_far: bool, is_roland: bool) -> bool:
    """Whether the channel is a kit's, by GM2 and XG; to a Roland, XG's drums are another sound."""
    if bank.number == _GM2_DRUMS or (bank.number == _XG_DRUMS and not is_roland):
        return True
    if bank.number == _GM2_TUNE:
        return False
    return so_far and (bank.channel == DRUM_CHANNEL or is_roland)


def _said_by(body: bytes) -> Iterator[tuple[int, bool]]:
    """(channel, whether it is a kit's) where an exclusive message of GS or XG says it."""
    if len(body) >= 8 and (body[0], body[2:5], body[6]) == (0x41, b"\x42\x12\x40", 0x15):
        part = body[5]
        if part >> 4 == 1:
            part &= 0x0F
            # Roland counts the parts from 1, and calls channel 10's the first of all.
            channel = DRUM_CHANNEL if part == 0 else part - 1 if part <= DRUM_CHANNEL else part
            yield channel, body[7] > 0
    elif len(body) >= 7 and (body[0], body[2:4], body[5]) == (0x43, b"\x4c\x08", 0x07):
        part = body[4]
        if part < 16:
            yield part, body[6] > 0


def _chosen(lines: Sequence[_Line], vouched: bool, near_ticks: int, told: list[str]) -> list[_Line]:
    """The lines that are drums; adds to `told`."""
    played = [line for line in lines if not line.is_click]
    if not played:
        raise Unusable("nothing but a click in it")
    if len(played) < len(lines):
        told.append("its click left out")
    said = [line for line in played if line.said]
    for channel in sorted({line.channel for line in said} - {DRUM_CHANNEL}):
        told.append(f"channel {channel + 1} is drums, it says")
    others = [line for line in played if not line.said]
    if vouched:
        return said or others
    drums = [line for line in others if line.named_pitch is not None]
    kits = [line for line in others if line.is_kit]
    named = [*drums, *([] if said else kits)]
    if said or named:
        if named:
            told.append("drums on other channels than 10, by the names of their tracks")
        return [*said, *named]
    unnamed = [line for line in others if not line.is_tune]
    doubt = _doubt_unsaid(unnamed, near_ticks)
    if doubt is None:
        told.append("it says of no note that it is a drum: all its notes taken for drums")
        return unnamed
    for channel in sorted({line.channel for line in unnamed}):
        alone = [line for line in unnamed if line.channel == channel]
        if (
            sum(len(line.struck) for line in alone) >= ENOUGH_HITS
            and _doubt_unsaid(alone, near_ticks) is None
        ):
            told.append(f"channel {channel + 1} taken for drums, by what it plays")
            return alone
    raise Unusable(doubt)


def _by_its_name(
    line: _Line, chosen: Sequence[_Line], told: list[str]
) -> Iterable[tuple[int, Struck, bool]]:
    """The line's notes; where one pitch cannot mean its drum, on that of the drum of its name."""
    own, pitches = line.named_pitch, line.pitches
    if own is None or len(pitches) > 1:
        return line.struck
    shared = any(
        other.named_pitch not in (None, own) and pitches & other.pitches for other in chosen
    )
    if not shared and not pitches.isdisjoint(INPUT_PITCHES):
        return line.struck
    told.append("which drum it is, by the names of the tracks")
    return [(place, note._replace(pitch=own), is_open) for place, note, is_open in line.struck]


def _by_pedal(numbered: Sequence[tuple[int, Struck, bool]], told: list[str]) -> tuple[Struck, ...]:
    """The notes, with the hats open that are struck while the pedal is, if nothing else tells."""
    struck = tuple(note for _, note, _ in numbered)
    hats = [is_open for _, note, is_open in numbered if note.pitch in _CLOSED_HATS]
    share = sum(hats) / max(len(hats), 1)
    if (
        sum(hats) < _LEAST_OPEN
        or share < _LEAST_OPEN_SHARE
        or any(note.pitch in _HAT_TELLS for note in struck)
    ):
        return struck
    told.append(f"{sum(hats)} of {len(hats)} hats open, by the pedal")
    return tuple(
        note._replace(pitch=_OPEN_HAT) if is_open and note.pitch in _CLOSED_HATS else note
        for _, note, is_open in numbered
    )


def _doubt(struck: Sequence[Struck]) -> str | None:
    """Why notes that are said to be a drummer's are not; None if they may be."""
    count = len(struck)
    pitches = Counter(note.pitch for note in struck)
    if count < ENOUGH_HITS:
        return None
    with_lane = sum(number for pitch, number in pitches.items() if pitch in INPUT_PITCHES)
    if with_lane < _LEAST_WITH_LANE * count:
        return "no kit: most of its notes have no drum's pitch"
    if sum(number for _, number in pitches.most_common(_OFTENEST)) < _LEAST_OFTENEST * count:
        return "no kit: a tune's notes, on many pitches alike"
    if len(pitches) == 1 and not _PLAYED_ALONE & set(pitches):
        return "no kit: all its notes on one pitch"
    return None


def _doubt_unsaid(lines: Sequence[_Line], near_ticks: int) -> str | None:
    """The same of notes that nothing says to be a drummer's."""
    struck = [note for line in lines for _, note, _ in line.struck]
    if not struck:
        return "no drums in it: its tracks are other instruments"
    doubt = _doubt(struck)
    if doubt is not None:
        return doubt
    pitches = Counter(note.pitch for note in struck)
    with_lane = sum(number for pitch, number in pitches.items() if pitch in INPUT_PITCHES)
    core = sum(number for pitch, number in pitches.items() if pitch in _CORE)
    if with_lane < _LEAST_WITH_LANE_UNSAID * len(struck) or core < _LEAST_CORE * len(struck):
        return "no drums in it: no channel 10, no track called so, and other pitches than a kit's"
    ordered = sorted(struck)
    at_once = any(
        later.tick - note.tick <= near_ticks and later.pitch != note.pitch
        for note, later in pairwise(ordered)
    )
    if len(struck) >= ENOUGH_HITS and len(pitches) > 2 and not at_once:
        return "no drums in it: no channel 10, no track called so, and never two notes at once"
    return None

"""How a soundfont's drums are brought into balance; measured in docs/measured.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from polyrhythmia_live.wires.soundfont_kits import DrumKit


@dataclass(frozen=True, slots=True)
class Balance:
    """What a kit plays in place of General MIDI's notes, and how loud; notes are 0..127.

    `keys` is the key that is played for a note, where it is another. `levels_db` and `semitones`,
    by key, are added to what the soundfont has.
    """

    levels_db: Mapping[int, float] = field(default_factory=dict)
    keys: Mapping[int, int] = field(default_factory=dict)
    semitones: Mapping[int, float] = field(default_factory=dict)


_TIMGM6MB = Balance({36: 2, 37: 2, 42: 6, 44: 3, 46: 9, 51: 9, 53: 9})

BALANCES: Mapping[tuple[str, str], Balance] = MappingProxyType(
    {
        # These two have two toms, each struck in the middle (41, 45) and at the edge (43, 47), and
        # at 50 a choked crash. The smaller one, tuned down at its edge, is the tom between.
        ("Black_Pearl_4_LV2", "Black_Pearl_4pc"): Balance(
            {37: 2, 40: 0.5, 41: -2, 42: 1, 44: 3, 45: -4, 51: 3, 53: 1}, {43: 41, 50: 45}, {47: -4}
        ),
        ("Red_Zeppelin_4_LV2", "Red_Zeppelin_4pc"): Balance(
            {36: -2, 40: -1, 45: -2, 49: -4, 53: -3}, {43: 41, 50: 45}, {47: -2.5}
        ),
        # These share their hats and cymbals.
        **{("TimGM6mb", kit): _TIMGM6MB for kit in ("Standard", "Room", "Power", "Jazz", "Brush")},
    }
)
"""By the name of the soundfont's file and that of the kit. Others are played as they are."""

NEAREST: Mapping[int, tuple[int, ...]] = MappingProxyType(
    {
        36: (35,),
        37: (40, 38),
        38: (40,),
        40: (38,),
        42: (44, 46),
        43: (41, 45),
        44: (42,),
        46: (42,),
        47: (45, 48),
        49: (57, 55, 52),
        50: (48, 47),
        51: (59, 53),
        53: (51, 59),
    }
)
"""What to play for a note of General MIDI that a kit lacks: the nearest first."""


def balance_of(kit: DrumKit) -> Balance:
    """The balance of a kit, with the nearest sound for each note that it lacks."""
    balance = BALANCES.get((kit.soundfont.stem, kit.preset.name), Balance())
    there = kit.preset.zones
    nearest = {
        note: key
        for note, others in NEAREST.items()
        if note not in there and (key := next((k for k in others if k in there), None)) is not None
    }
    return replace(balance, keys={**nearest, **balance.keys})

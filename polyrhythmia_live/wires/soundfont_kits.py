"""Which drum kit is meant: of the soundfonts that there are, and of their banks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.wires.base import SynthSound
from polyrhythmia_live.wires.soundfont import find_soundfonts
from polyrhythmia_live.wires.soundfont_presets import SoundfontPreset, read_presets

DRUM_BANK = 128
DRUM_KEYS = range(35, 60)
"""Where General MIDI has its drums and cymbals; above them begins what is held in the hand."""

GS_KITS = {
    "standard": 0,
    "room": 8,
    "power": 16,
    "electronic": 24,
    "tr-808": 25,
    "jazz": 32,
    "brush": 40,
    "orchestra": 48,
}
"""The programs that Roland's GS gave them, counted from 0, and that soundfonts keep to."""


@dataclass(frozen=True)
class DrumKit:
    """A preset that is played as drums, and the soundfont that it is in."""

    soundfont: Path
    preset: SoundfontPreset

    @property
    def address(self) -> str:
        """Bank and program, as `128:0`."""
        return f"{self.preset.bank}:{self.preset.program}"

    @cached_property
    def sounds(self) -> int:
        """How many different sounds its drum keys have."""
        return len({self.preset.zones[key] for key in DRUM_KEYS if key in self.preset.zones})

    def sounds_as(self, other: DrumKit) -> bool:
        """Whether every drum key plays the same samples in the same way."""
        return self.soundfont == other.soundfont and all(
            self.preset.zones.get(key) == other.preset.zones.get(key) for key in DRUM_KEYS
        )


def drum_kits(soundfont: Path) -> tuple[DrumKit, ...]:
    """A soundfont's drum kits, the one to play first.

    They are in bank 128. In a soundfont without that bank, every preset that sounds on drum keys is
    one, and the one with most different sounds there comes first. Raises SynthUnavailable where
    nothing sounds there, and as `read_presets` does.
    """
    kits = [DrumKit(soundfont, preset) for preset in read_presets(soundfont, DRUM_BANK)]
    if not any(kit.sounds for kit in kits):
        kits = [DrumKit(soundfont, preset) for preset in read_presets(soundfont)]
        kits.sort(key=lambda kit: -kit.sounds)
    sounding = tuple(kit for kit in kits if kit.sounds)
    if not sounding:
        raise SynthUnavailable(
            f"{soundfont} has no drums: expected sounds on the keys "
            f"{DRUM_KEYS[0]} to {DRUM_KEYS[-1]}; use another soundfont"
        )
    return sounding


def all_drum_kits(soundfont: Path | None = None) -> Iterator[DrumKit]:
    """The drum kits of one soundfont, or of all that are found; the one to play first.

    Raises SynthUnavailable as `find_soundfonts` does, and as `drum_kits` does where no soundfont
    has any: one that cannot be used is passed over while there is another.
    """
    trouble: SynthUnavailable | None = None
    usable = False
    for path in find_soundfonts(soundfont):
        try:
            kits = drum_kits(path)
        except SynthUnavailable as error:
            trouble = trouble or error
        else:
            usable = True
            yield from kits
    if trouble is not None and not usable:
        raise trouble


def find_drum_kit(sound: SynthSound) -> DrumKit:
    """The kit that is wanted by name, program or bank:program; None = the first there is.

    A soundfont's own names go before the GS ones; case and punctuation do not count, and the
    beginning of a name is enough where only one kit begins so. Raises SynthUnavailable, listing
    what there is.
    """
    if sound.kit is None:
        return next(all_drum_kits(sound.soundfont))
    kits = list(all_drum_kits(sound.soundfont))
    kit = _named(sound.kit, kits)
    if kit is None:
        listed = ", ".join(f"{kit.address} '{kit.preset.name}'" for kit in kits)
        fonts = " and ".join(dict.fromkeys(str(kit.soundfont) for kit in kits))
        raise SynthUnavailable(
            f"no drum kit is called '{sound.kit}': expected one of {listed}, from {fonts}"
        )
    return kit


def same_sounds(kit: DrumKit) -> DrumKit | None:
    """The first kit of the same soundfont, where this one sounds just as that."""
    first = drum_kits(kit.soundfont)[0]
    return first if kit.address != first.address and kit.sounds_as(first) else None


def _named(wanted: str, kits: Sequence[DrumKit]) -> DrumKit | None:
    if re.fullmatch(r"\d+(:\d+)?", wanted):
        return next((kit for kit in kits if wanted in (kit.address, str(kit.preset.program))), None)
    plain = _plain(wanted)
    program = {_plain(name): program for name, program in GS_KITS.items()}.get(plain)
    for kit in kits:
        if _plain(kit.preset.name) == plain:
            return kit
    for kit in kits:
        if (kit.preset.bank, kit.preset.program) == (DRUM_BANK, program):
            return kit
    begins = [kit for kit in kits if plain and _plain(kit.preset.name).startswith(plain)]
    return begins[0] if len(begins) == 1 else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())

"""Which of a soundfont's drum kits is meant: bank 128 holds up to 128 of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from polyrhythmia_live.errors import SynthUnavailable

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
"""The numbers that Roland's GS gave them, counted from 0, and that soundfonts keep to."""


def find_drum_kit(wanted: str | None, kits: Mapping[int, str], soundfont: Path) -> int:
    """The number of the kit that is wanted by name or number; None = the first there is.

    `kits` are the soundfont's, name by number. Its own names go before the GS ones; case and
    punctuation do not count. Raises SynthUnavailable, listing what there is.
    """
    if not kits:
        raise SynthUnavailable(f"{soundfont} has no drums: use a General MIDI soundfont")
    if wanted is None:
        return min(kits)
    names = {_plain(name): number for name, number in GS_KITS.items()}
    names |= {_plain(name): number for number, name in kits.items()}
    number = int(wanted) if wanted.isdecimal() else names.get(_plain(wanted))
    if number is None or number not in kits:
        listed = ", ".join(f"{number} '{name}'" for number, name in sorted(kits.items()))
        raise SynthUnavailable(
            f"no drum kit is called '{wanted}': expected one of {listed}, which {soundfont} has"
        )
    return number


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())

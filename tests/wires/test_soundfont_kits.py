from pathlib import Path

import pytest

from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.wires.soundfont_kits import find_drum_kit

FONT = Path("mine.sf2")
KITS = {0: "Standard", 25: "TR 808", 32: "Jazz", 33: "Brush Two"}


@pytest.mark.parametrize(
    ("wanted", "number"),
    [(None, 0), ("25", 25), ("tr-808", 25), ("TR 808", 25), ("jazz", 32), ("brush two", 33)],
)
def test_a_kit_is_found_by_its_number_and_by_either_of_its_names(
    wanted: str | None, number: int
) -> None:
    assert find_drum_kit(wanted, KITS, FONT) == number


def test_the_general_names_hold_where_the_soundfont_has_others() -> None:
    assert find_drum_kit("jazz", {0: "Std", 32: "Club"}, FONT) == 32


def test_without_a_standard_kit_the_first_is_played() -> None:
    assert find_drum_kit(None, {40: "Brush", 32: "Jazz"}, FONT) == 32


@pytest.mark.parametrize("wanted", ["polka", "26", "brush", "808", "-1", ""])
def test_a_kit_that_is_not_there_lists_what_is(wanted: str) -> None:
    with pytest.raises(SynthUnavailable) as wrong:
        find_drum_kit(wanted, KITS, FONT)
    assert f"called '{wanted}': expected one of 0 'Standard', 25 'TR 808', 32" in str(wrong.value)


def test_a_soundfont_without_drums_is_refused() -> None:
    with pytest.raises(SynthUnavailable, match=r"mine\.sf2 has no drums: use a General MIDI"):
        find_drum_kit(None, {}, FONT)

from pathlib import Path

import pytest

from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.wires import soundfont
from polyrhythmia_live.wires.base import SynthSound
from polyrhythmia_live.wires.soundfont_balance import NEAREST, balance_of
from polyrhythmia_live.wires.soundfont_kits import drum_kits, find_drum_kit, same_sounds
from polyrhythmia_live.wires.soundfont_presets import read_presets
from tests.wires.soundfonts import write_soundfont

DRUMS = {key: key for key in range(35, 60)}
ANALOGUE = {key: 100 + key for key in range(35, 60)}
PIANO = dict.fromkeys(range(128), 7)


@pytest.fixture
def font(tmp_path: Path) -> Path:
    return write_soundfont(
        tmp_path / "mine.sf2",
        [
            (0, 0, "Piano", PIANO),
            (128, 33, "Brush Two", DRUMS | {38: 99}),
            (128, 25, "TR 808", ANALOGUE),
            (128, 32, "Jazz", DRUMS),
            (128, 0, "Standard", DRUMS),
        ],
    )


@pytest.mark.parametrize(
    ("wanted", "program"),
    [
        (None, 0),
        ("25", 25),
        ("128:25", 25),
        ("tr-808", 25),
        ("TR 808", 25),
        ("jazz", 32),
        ("brush two", 33),
        ("brush t", 33),
    ],
)
def test_a_kit_is_found_by_its_number_and_by_either_of_its_names(
    wanted: str | None, program: int, font: Path
) -> None:
    kit = find_drum_kit(SynthSound(font, wanted))
    assert (kit.preset.bank, kit.preset.program) == (128, program)


@pytest.mark.parametrize("wanted", ["polka", "26", "0:25", "808", "-1", ""])
def test_a_kit_that_is_not_there_lists_what_is(wanted: str, font: Path) -> None:
    with pytest.raises(SynthUnavailable) as wrong:
        find_drum_kit(SynthSound(font, wanted))
    assert f"called '{wanted}': expected one of 128:0 'Standard', 128:25 'TR 808', 128:32" in str(
        wrong.value
    )


def test_the_general_names_hold_where_the_soundfont_has_others(tmp_path: Path) -> None:
    font = write_soundfont(tmp_path / "a.sf2", [(128, 0, "Std", DRUMS), (128, 32, "Club", DRUMS)])
    assert find_drum_kit(SynthSound(font, "jazz")).preset.name == "Club"


def test_without_a_standard_kit_the_first_is_played(tmp_path: Path) -> None:
    font = write_soundfont(tmp_path / "a.sf2", [(128, 40, "Brush", DRUMS), (128, 32, "J", DRUMS)])
    assert find_drum_kit(SynthSound(font)).preset.program == 32


def test_the_only_preset_is_the_kit_whatever_its_bank(tmp_path: Path) -> None:
    font = write_soundfont(tmp_path / "a.sf2", [(0, 0, "Black Pearl", DRUMS)])
    assert find_drum_kit(SynthSound(font)).address == "0:0"


def test_without_a_drum_bank_the_most_varied_sounds_on_drum_keys_come_first(
    tmp_path: Path,
) -> None:
    presets = [(0, 0, "Piano", PIANO), (0, 1, "Flute", {72: 1}), (3, 5, "Club", DRUMS)]
    font = write_soundfont(tmp_path / "a.sf2", presets)
    assert [kit.preset.name for kit in drum_kits(font)] == ["Club", "Piano"]


def test_a_soundfont_with_nothing_on_drum_keys_is_refused(tmp_path: Path) -> None:
    font = write_soundfont(tmp_path / "mine.sf2", [(0, 73, "Flute", {72: 1})])
    with pytest.raises(SynthUnavailable, match=r"mine\.sf2 has no drums: expected sounds on"):
        find_drum_kit(SynthSound(font))


def test_a_kit_with_the_same_samples_is_known(font: Path) -> None:
    same = {kit.preset.name: same_sounds(kit) for kit in drum_kits(font)}
    assert {name for name, other in same.items() if other is not None} == {"Jazz"}
    assert same["Jazz"] is not None
    assert same["Jazz"].preset.name == "Standard"


def test_a_kit_that_the_first_soundfont_lacks_is_taken_from_the_next(
    font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layered = write_soundfont(tmp_path / "layered.sf2", [(0, 0, "Black Pearl", DRUMS)])
    hollow = tmp_path / "hollow.sf2"
    hollow.write_bytes(b"RIFF\x04\x00\x00\x00sfbk")
    monkeypatch.delenv(soundfont.SOUNDFONT_VARIABLE, raising=False)
    monkeypatch.setattr(soundfont, "SYSTEM_SOUNDFONTS", (hollow, layered, font))
    assert find_drum_kit(SynthSound()).soundfont == layered
    assert find_drum_kit(SynthSound(kit="tr-808")).soundfont == font


def test_what_a_key_plays_is_read_to_the_sample(font: Path) -> None:
    zones = {preset.name: preset.zones for preset in read_presets(font)}
    assert zones["Brush Two"][38] != zones["Standard"][38]
    assert zones["Brush Two"][36] == zones["Jazz"][36]
    assert 60 not in zones["Standard"]


@pytest.mark.parametrize("cut_bytes", [1, 30, 60, 200])
def test_a_soundfont_that_does_not_hold_together_is_named(font: Path, cut_bytes: int) -> None:
    font.write_bytes(font.read_bytes()[:-cut_bytes])
    with pytest.raises(SynthUnavailable, match=r"mine\.sf2 cannot be loaded"):
        read_presets(font)


def test_what_a_kit_lacks_is_played_by_the_nearest_that_it_has(tmp_path: Path) -> None:
    font = write_soundfont(
        tmp_path / "a.sf2", [(0, 0, "Club", {36: 1, 38: 2, 42: 3, 46: 4, 51: 5})]
    )
    keys = balance_of(find_drum_kit(SynthSound(font))).keys
    assert keys == {37: 38, 40: 38, 44: 42, 53: 51}


def test_a_whole_kit_is_played_as_it_is(font: Path) -> None:
    balance = balance_of(find_drum_kit(SynthSound(font)))
    assert (balance.keys, balance.levels_db) == ({}, {})
    assert set(NEAREST) < set(DRUMS)

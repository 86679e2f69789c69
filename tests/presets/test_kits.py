import tomllib
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.drums.kit import GENERAL_MIDI
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.kits import VERIFIED, kit_names, load_kit, read_kit
from polyrhythmia_live.system.shipped import shipped

GOOD = """
name = "My machine"
channel = 10
chokes = [["closed-hat", "open-hat"]]
[notes]
kick = 36
snare = 40
closed-hat = 42
open-hat = 46
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", kit_names())
def test_every_shipped_kit_plays_kick_snare_and_both_hats(name: str) -> None:
    kit = load_kit(name)
    assert {"kick", "snare", "closed-hat", "open-hat"} <= kit.keys.keys()
    assert all(0 <= key.channel <= 15 and 0 <= key.note <= 127 for key in kit.keys.values())


@pytest.mark.parametrize("name", kit_names()[1:])
def test_every_shipped_kit_says_where_its_numbers_come_from(name: str) -> None:
    text = (shipped("presets") / "kits" / f"{name}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    assert table["verified"] in VERIFIED
    assert table["source"]
    assert text.startswith("# ")


def test_the_traps_of_well_known_machines_are_known() -> None:
    assert load_kit("behringer-rd-8").notes["snare"] == 40
    impact = load_kit("arturia-drumbrute-impact")
    assert impact.keys["closed-hat"] == (0, 43)
    assert load_kit("vermona-drm1-mkiv").notes["closed-hat"] == 44
    assert load_kit("roland-tr-08").notes["ride"] == 49
    assert "crash" not in load_kit("korg-volca-beats").notes


def test_general_midi_is_built_in() -> None:
    assert kit_names()[0] == "general-midi"
    assert load_kit("general-midi") is GENERAL_MIDI


def test_a_kit_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    kit = load_kit(str(written(tmp_path, GOOD + "\n")))
    assert (kit.name, kit.channels, kit.gate_ms, kit.gap_ms) == ("My machine", (9,), 60.0, 1.0)
    assert kit.key(1, 0) == (9, 40)
    assert kit.choked_by(2, 0) == ((9, 46),)
    assert kit.key(7, 0) is None


def test_a_sound_may_have_a_channel_of_its_own(tmp_path: Path) -> None:
    text = """
    name = "Split"
    [notes]
    kick = {channel = 1, note = 60}
    snare = {channel = 2, note = 60}
    """
    assert load_kit(str(written(tmp_path, text))).keys == {"kick": (0, 60), "snare": (1, 60)}


def test_a_kit_of_the_performers_lies_beside_ours_and_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = platformdirs.user_config_path("polyrhythmia") / "kits"
    folder.mkdir(parents=True)
    for name in ("roland-tr-8s", "tin-cans"):
        (folder / f"{name}.toml").write_text(GOOD, encoding="utf-8")
    assert "tin-cans" in kit_names()
    assert load_kit("tin cans").name == load_kit("roland-tr-8s").name == "My machine"


def test_a_misspelt_kit_is_asked_back() -> None:
    with pytest.raises(PresetError) as wrong:
        load_kit("TR-8S")
    assert str(wrong.value).endswith("got 'TR-8S': did you mean roland-tr-8s?")
    with pytest.raises(PresetError, match=r"polyrhythmia kits` lists them\); got 'zzz'"):
        load_kit("zzz")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("channel = 17", "channel: expected a whole number in 1..16, got 17"),
        ("channel = 0", "channel: expected a whole number in 1..16, got 0"),
        ("channel = true", "channel: expected a whole number in 1..16, got True"),
        ('name = ""', "name: expected some text, got ''"),
        ("gate_ms = 0", "gate_ms: expected a number in 1..1000, got 0"),
        ("gap_ms = 0", "gap_ms: expected a number in 0.1..100, got 0"),
        ("gate_ms = nan", "gate_ms: expected a number in 1..1000, got nan"),
        ('verified = "surely"', "verified: expected one of official, measured, secondary, unver"),
        ("source = 7", "source: expected some text, got 7"),
        ('chokes = [["cowbell"]]', "chokes: expected articulations of [notes] (kick, snare, "),
        ("chokes = 3", "chokes: expected a list of lists of articulations, got 3"),
        ("chokes = [[1]]", "chokes: expected articulations of [notes]"),
        ("tempo = 120", "expected top-level keys among name, channel, "),
    ],
)
def test_a_bad_value_names_file_key_and_what_to_do(
    tmp_path: Path, line: str, complaint: str
) -> None:
    key = line.partition(" ")[0]
    kept = [row for row in GOOD.splitlines() if not row.startswith(f"{key} ")]
    path = written(tmp_path, "\n".join([line, *kept]))
    with pytest.raises(PresetError) as wrong:
        read_kit(path)
    assert str(path) in str(wrong.value)
    assert complaint in str(wrong.value)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("cowbell = 56", "expected [notes] keys among kick, snare, rimshot, "),
        ("crash = 128", "notes.crash: expected a whole number in 0..127, got 128"),
        ("crash = {note = 60}", "notes.crash: expected a note, or {channel = 1, note = 60}, got"),
        (
            "crash = {channel = 17, note = 60}",
            "notes.crash.channel: expected a whole number in 1..",
        ),
        ('crash = "C#1"', "notes.crash: expected a whole number in 0..127, got 'C#1'"),
    ],
)
def test_a_bad_note_names_its_articulation(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(PresetError) as wrong:
        read_kit(written(tmp_path, f"{GOOD}\n{line}"))
    assert complaint in str(wrong.value)


@pytest.mark.parametrize("key", ["name", "channel"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    text = "\n".join(row for row in GOOD.splitlines() if not row.startswith(key))
    with pytest.raises(PresetError, match=f"expected the key '{key}', found none; add it"):
        read_kit(written(tmp_path, text))


def test_a_kit_without_notes_makes_no_sense(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="notes: expected a table of articulation = note"):
        read_kit(written(tmp_path, 'name = "x"\nchannel = 1\nnotes = {}'))


def test_a_file_that_is_not_there_or_not_toml_says_so(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="cannot be read: No such file"):
        load_kit(str(tmp_path / "none.toml"))
    with pytest.raises(PresetError, match="is not TOML"):
        read_kit(written(tmp_path, "kick: 36"))


@given(st.binary(max_size=200))
def test_rubbish_is_a_preset_error(
    tmp_path_factory: pytest.TempPathFactory, rubbish: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "rubbish.toml"
    path.write_bytes(rubbish)
    with pytest.raises(PresetError):
        read_kit(path)

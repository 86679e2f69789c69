from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS
from polyrhythmia_live.drummer.card import DEFAULT_MODEL, usual_tempos
from polyrhythmia_live.errors import PresetError
from polyrhythmia_live.presets.performances import (
    Preset,
    load_preset,
    preset_names,
    preset_text,
    read_preset,
    save_preset,
)
from polyrhythmia_live.presets.preset_file import look_in
from polyrhythmia_live.rhythm.bar import Bar, Hit
from polyrhythmia_live.rhythm.meter import Meter

GOOD = """
genre = "rock"
bpm = 100
[groove]
kick = "x... .... x... ...."
"""


def written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", preset_names())
def test_every_shipped_performance_has_a_groove_that_can_be_played(name: str) -> None:
    performance = load_preset(name)
    assert any(performance.groove.steps)
    assert performance.meter == Meter(5 if name == "four-over-five" else 4, 4)


@pytest.mark.parametrize("name", preset_names())
def test_every_shipped_performance_says_what_one_hears_and_names_a_genre(name: str) -> None:
    performance = load_preset(name)
    assert 20 < len(performance.about) <= 62, "a line of `presets` at 80 columns"
    assert performance.genre in usual_tempos(DEFAULT_MODEL)


def test_a_performance_of_ones_own_lies_beside_ours_and_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = platformdirs.user_config_path("polyrhythmia") / "performances"
    folder.mkdir(parents=True)
    for name in ("funk", "tuesday"):
        (folder / f"{name}.toml").write_text(GOOD, encoding="utf-8")
    assert load_preset("tuesday").genre == load_preset("funk").genre == "rock"


def test_a_performance_is_total(tmp_path: Path) -> None:
    performance = load_preset(written(tmp_path, GOOD))
    assert performance.levels == {name: LEVELS[name].default for name in DRUMMER_LEVELS}


def test_a_performance_may_leave_its_tempo_to_the_genre(tmp_path: Path) -> None:
    assert load_preset(written(tmp_path, GOOD.replace("bpm = 100", ""))).tempo_bpm is None


@pytest.mark.parametrize("value", ["70", "0.7", '"70%"'])
def test_a_level_may_be_written_as_a_performer_likes(value: str, tmp_path: Path) -> None:
    text = GOOD.replace("[groove]", f"[levels]\ndensity = {value}\n[groove]")
    assert load_preset(written(tmp_path, text)).levels["density"] == 0.7


@pytest.mark.parametrize("name", ["Jazz", "back-ground", "fun"])
def test_a_shipped_performance_is_known_by_what_tells_it_from_others(name: str) -> None:
    assert load_preset(name).name in ("jazz", "background", "funk")


def test_a_performance_may_be_in_seven(tmp_path: Path) -> None:
    text = GOOD.replace("[groove]", 'meter = "7/8"\n[groove]').replace(
        "x... .... x... ....", "x... x... x..x .."
    )
    assert load_preset(written(tmp_path, text)).meter == Meter(7, 8)


def test_a_performance_may_say_how_its_seven_is_counted(tmp_path: Path) -> None:
    text = GOOD.replace("[groove]", 'meter = "7/8 = 2+2+3"\n[groove]').replace(
        "x... .... x... ....", "x... x... x..x .."
    )
    assert load_preset(written(tmp_path, text)).meter == Meter(7, 8, (2, 2, 3))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("genre =", "not TOML"),
        (GOOD.replace("100", "1000"), "bpm: expected tempo 20 to 320; got '1000'"),
        (GOOD.replace("100", "true"), "bpm: expected tempo"),
        (GOOD + "cowbell = 'x'", "groove: expected one of kick"),
        (GOOD.replace("x... .... x... ....", "x..."), "16 steps, got 4"),
        (GOOD.replace("[groove]", "[levels]\nvolume = 3\n[groove]"), "got 'volume'"),
        (GOOD.replace("[groove]", "[levels]\ndensity = 300\n[groove]"), "levels.density"),
        (GOOD.replace("[groove]", "meter = '4/3'\n[groove]"), "meter: expected .* got '4/3'"),
        ("colour = 'red'\n" + GOOD, "got 'colour'"),
    ],
)
def test_a_bad_performance_says_what_was_expected_and_what_came(
    text: str, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(PresetError, match=complaint):
        load_preset(written(tmp_path, text))


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(PresetError, match=r"expected a preset .*default.*; got 'polka'"):
        load_preset("polka")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match=r"gone\.toml cannot be read"):
        load_preset(str(tmp_path / "gone.toml"))


GROOVE = Bar(Meter(7, 8, (2, 2, 3)), ((Hit(0, 115), Hit(2, 45)), *[()] * 13))


def preset_called(name: str, genre: str = "jazz") -> Preset:
    levels = {level: LEVELS[level].default for level in DRUMMER_LEVELS}
    return Preset(name, "", genre, None, levels, GROOVE)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return platformdirs.user_config_path("polyrhythmia") / "performances"


@given(
    about=st.text(max_size=60),
    bpm=st.none() | st.floats(LEVELS["tempo"].low, LEVELS["tempo"].high),
    levels=st.fixed_dictionaries(
        {name: st.floats(LEVELS[name].low, LEVELS[name].high) for name in DRUMMER_LEVELS}
    ),
)
def test_a_performance_is_read_to_the_last_digit_as_it_was_written(
    about: str,
    bpm: float | None,
    levels: dict[str, float],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.getbasetemp() / "mine.toml"
    shown = "".join(filter(str.isprintable, " ".join(about.split()))).strip()
    before = Preset("mine", shown, "60% rock 40% jazz", bpm, levels, GROOVE)
    path.write_text(preset_text(before), encoding="utf-8")
    assert read_preset(path) == before


def test_a_performance_that_is_saved_is_there_by_its_name(own: Path) -> None:
    assert save_preset(preset_called(" My  Verse "), replaces=False) == (
        "my-verse",
        own / "my-verse.toml",
    )
    assert "my-verse" in preset_names()
    assert load_preset("my verse").genre == "jazz"


def test_in_a_folder_of_ones_choice_it_is_saved_there(own: Path, tmp_path: Path) -> None:
    look_in(tmp_path / "tonight")
    try:
        save_preset(preset_called("verse"), replaces=False)
        assert load_preset("verse").genre == "jazz"
    finally:
        look_in(None)
    assert (tmp_path / "tonight" / "performances" / "verse.toml").exists()
    assert not own.exists()


@pytest.mark.parametrize("name", ["verse", "VERSE", "ver-se", "funk"])
def test_nobodys_performance_is_replaced_unasked(name: str, own: Path) -> None:
    save_preset(preset_called("verse"), replaces=False)
    with pytest.raises(PresetError, match=r"there is a preset (verse|funk): take another name, or"):
        save_preset(preset_called(name, "rock"), replaces=False)
    assert load_preset("verse").genre == "jazz"
    known, _ = save_preset(preset_called(name, "rock"), replaces=True)
    assert load_preset(known).genre == "rock"
    assert len(list(own.glob("*"))) == (2 if name == "funk" else 1)


@pytest.mark.parametrize(
    "name", ["", "  ", "-", "../up", "a/b", ".hidden", "mine.toml", "a\0b", "x" * 41, "what?"]
)
def test_a_name_that_no_file_can_have_is_refused_in_one_line(name: str, own: Path) -> None:
    with pytest.raises(PresetError, match="expected a name of up to 40 letters"):
        save_preset(preset_called(name), replaces=True)
    assert not own.exists()


def test_where_it_cannot_be_written_the_old_one_stays(own: Path) -> None:
    save_preset(preset_called("verse"), replaces=False)
    (own / "unfinished-verse.toml").mkdir()
    with pytest.raises(PresetError, match=r"cannot write .*verse\.toml: Is a directory"):
        save_preset(preset_called("verse", "rock"), replaces=True)
    assert load_preset("verse").genre == "jazz"

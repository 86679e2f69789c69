import shutil
from pathlib import Path

import pytest

from polyrhythmia_live.errors import SynthUnavailable
from polyrhythmia_live.wires import soundfont
from polyrhythmia_live.wires.soundfont import SOUNDFONT_VARIABLE, find_soundfonts

EMPTY_FONT = b"RIFF\x04\x00\x00\x00sfbk"


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SOUNDFONT_VARIABLE, raising=False)


def font(path: Path, content: bytes = EMPTY_FONT) -> Path:
    path.write_bytes(content)
    return path


def test_the_soundfont_that_was_asked_for_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, variable = font(tmp_path / "named.sf2"), font(tmp_path / "variable.sf2")
    monkeypatch.setenv(SOUNDFONT_VARIABLE, str(variable))
    assert find_soundfonts(named) == (named,)
    assert find_soundfonts() == (variable,)


def test_the_systems_soundfont_comes_before_pretty_midis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sf2"
    folder.mkdir()
    second, first = font(folder / "b.sf2"), font(folder / "a.sf3")
    broken = font(tmp_path / "broken.sf2", b"RIFF")
    monkeypatch.setattr(soundfont, "SYSTEM_SOUNDFONTS", (tmp_path / "none", broken, folder))
    assert find_soundfonts()[:2] == (first, second)
    first.unlink()
    assert find_soundfonts()[0] == second
    shutil.rmtree(folder)
    assert find_soundfonts()[0].parent.name == "pretty_midi"


def test_a_copy_by_the_same_name_is_one_soundfont(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "copy").mkdir()
    original, copy = font(tmp_path / "a.sf2"), font(tmp_path / "copy" / "a.sf2")
    link = tmp_path / "default-GM.sf2"
    link.symlink_to(original)
    monkeypatch.setattr(soundfont, "SYSTEM_SOUNDFONTS", (link, original, copy))
    assert [path for path in find_soundfonts() if path.name == "a.sf2"] == [original]


def test_without_any_soundfont_it_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfont, "_candidates", lambda: iter(()))
    with pytest.raises(SynthUnavailable, match="no soundfont found: `sudo apt-get install"):
        find_soundfonts()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is not a soundfont: expected a RIFF file of type sfbk"),
        (b"RIFF\x04\x00\x00\x00WAVE", "is not a soundfont"),
        (b"MThd\x00\x00\x00\x06sfbk", "is not a soundfont"),
        (b"RIFF\xff\x00\x00\x00sfbk", "is cut short: expected 263 bytes, got 12"),
    ],
)
def test_a_file_that_is_no_soundfont_is_named_before_it_is_parsed(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = font(tmp_path / "mine.sf2", content)
    with pytest.raises(SynthUnavailable) as wrong:
        find_soundfonts(path)
    assert str(wrong.value).startswith(f"soundfont {path} {complaint}")
    assert "leave --soundfont out" in str(wrong.value)


def test_a_file_that_cannot_be_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SynthUnavailable, match=r"none.sf2 cannot be read: No such file"):
        find_soundfonts(tmp_path / "none.sf2")
    with pytest.raises(SynthUnavailable, match="cannot be read: Is a directory"):
        find_soundfonts(tmp_path)
    monkeypatch.setenv(SOUNDFONT_VARIABLE, str(Path("nowhere.sf2")))
    with pytest.raises(SynthUnavailable, match=f"`unset {SOUNDFONT_VARIABLE}`"):
        find_soundfonts()

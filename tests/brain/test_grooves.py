from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from polyrhythmia_live.brain.grooves import GROOVES_MAX, GrooveError, Grooves
from polyrhythmia_live.brain.saved import SavedSong
from polyrhythmia_live.rhythm.bar import Bar, Hit
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.testing.drummers import FOUR_FOUR, IN_FOUR, ROCK, SEED, DiceDrummer

NETWORK = "the digest of its card"
BACKBEAT = Bar(FOUR_FOUR, tuple((Hit(1, 90, -40, 2),) if n % 8 == 4 else () for n in range(16)))


def grooves(folder: Path | None, network: str = NETWORK, meters: MeterMap = IN_FOUR) -> Grooves:
    return Grooves(folder, network, DiceDrummer.genres, meters)


def groove(velocity: int = 90) -> SavedSong:
    drummer = DiceDrummer()
    steps = ((Hit(1, velocity),), *BACKBEAT.steps[1:])
    return SavedSong(32, ROCK, drummer.keep(drummer.start(SEED)), bars=(Bar(FOUR_FOUR, steps),))


def test_a_groove_is_there_tomorrow_as_it_was_remembered(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "grooves"
    grooves(folder).remember("verse", groove())
    name, read = grooves(folder).recall("VERSE")
    assert (name, read.bars, read.controls) == ("verse", groove().bars, ROCK)
    assert DiceDrummer().recall(read.drummer) == DiceDrummer().start(SEED)
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_name_may_be_typed_loosely_and_is_asked_about_where_it_is_unclear(
    tmp_path: Path,
) -> None:
    store = grooves(tmp_path)
    for name in ("verse 1", "verse 2", "Café"):
        store.remember(name, groove())
    assert store.recall("cafe")[0] == "Café"
    assert store.recall("verse-2")[0] == "verse 2"
    with pytest.raises(GrooveError, match="did you mean verse 1 or verse 2"):
        store.recall("verse")


NAMES = ("one", "one!", "One two", "onetwo", "Café", "cafe", "!!!", "???", "../../x", "x" * 300)


def test_names_that_are_written_otherwise_are_other_grooves(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "grooves"
    store = grooves(folder)
    for velocity, name in enumerate(NAMES, 1):
        store.remember(name, groove(velocity))
        assert not store.trouble
    assert all(file.parent == folder for file in tmp_path.rglob("*.groove"))
    for it in (store, grooves(folder)):
        assert sorted(it.names) == sorted(NAMES)
        for velocity, name in enumerate(NAMES, 1):
            assert it.recall(name)[0] == name
            assert it.recall(name)[1].bars == groove(velocity).bars
    assert store.forget("ONE!") == "one!"
    assert sorted(grooves(folder).names) == sorted(set(NAMES) - {"one!"})


def test_a_name_that_may_mean_two_is_asked_about() -> None:
    store = grooves(None)
    for name in ("one", "one!"):
        store.remember(name, groove())
    with pytest.raises(GrooveError, match=r"which\? one, one!"):
        store.forget("one?")
    assert store.names == ("one", "one!")


def test_remembered_again_a_name_means_the_later_groove_and_is_the_latest(tmp_path: Path) -> None:
    store = grooves(tmp_path)
    for name, velocity in (("verse", 1), ("chorus", 2), ("Verse", 3)):
        store.remember(name, groove(velocity))
    assert store.names == ("chorus", "verse")
    assert store.recall("")[1].bars == groove(3).bars
    assert grooves(tmp_path).recall("verse")[1].bars == groove(3).bars


def test_what_is_forgotten_is_gone_tomorrow_too_unless_it_is_put_back(tmp_path: Path) -> None:
    store = grooves(tmp_path)
    store.remember("verse", groove())
    assert store.forget("ver") == "verse"
    assert store.names == grooves(tmp_path).names == ()
    store.put_back(*store.changed)
    assert store.names == grooves(tmp_path).names == ("verse",)


def test_another_networks_or_meters_verse_is_refused_in_one_line_and_lost_to_nobody(
    tmp_path: Path,
) -> None:
    others = (
        (NETWORK[::-1], IN_FOUR, "it belongs to another trained network"),
        (NETWORK, MeterMap.of(Meter(7, 8)), "it is in 4/4, not in 7/8"),
    )
    for number, (network, meters, why) in enumerate(others):
        folder = tmp_path / str(number)
        grooves(folder).remember("verse", groove(1))
        other = grooves(folder, network, meters)
        assert other.names == ()
        with pytest.raises(GrooveError, match=f"verse cannot be played: {why}"):
            other.recall("verse")
        other.remember("verse", groove(2))
        assert grooves(folder).recall("verse")[1].bars == groove(1).bars
        assert len(list(folder.iterdir())) == 2


def test_a_file_that_cannot_be_read_costs_no_other_groove(tmp_path: Path) -> None:
    store = grooves(tmp_path)
    for name in ("verse", "chorus"):
        store.remember(name, groove())
    (file,) = tmp_path.glob("verse.*")
    whole = file.read_bytes()
    for damaged in (b"", b"no zip", whole[: len(whole) // 2]):
        file.write_bytes(damaged)
        assert grooves(tmp_path).names == ("chorus",)
        with pytest.raises(GrooveError, match="verse cannot be played: ") as refused:
            grooves(tmp_path).recall("verse")
        assert "\n" not in str(refused.value)
    assert file.read_bytes() == damaged


def test_what_cannot_be_written_is_there_for_tonight_and_said(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.touch()
    store = grooves(blocked / "grooves")
    store.remember("verse", groove())
    assert store.trouble == "for tonight only: Not a directory"
    assert store.recall("verse")[1].bars == groove().bars


def test_a_draft_that_was_left_behind_is_no_groove(tmp_path: Path) -> None:
    grooves(tmp_path).remember("verse", groove())
    (file,) = tmp_path.iterdir()
    file.rename(file.with_name(f"unfinished-{file.name}"))
    assert grooves(tmp_path).names == ()
    grooves(tmp_path).remember("verse", groove())
    assert [it.name for it in tmp_path.iterdir()] == [file.name]


def test_there_is_an_end_to_what_is_remembered() -> None:
    store = grooves(None)
    for _ in range(GROOVES_MAX):
        store.remember(store.new_name("rock"), groove())
    assert store.names[:3] == ("rock", "rock 2", "rock 3")
    with pytest.raises(GrooveError, match=f"{GROOVES_MAX} grooves are remembered"):
        store.remember("one more", groove())
    store.remember("rock", groove())


def test_a_groove_without_its_bar_is_refused() -> None:
    store = grooves(None)
    store.remember("verse", replace(groove(), bars=()))
    with pytest.raises(GrooveError, match="verse cannot be read: it has no bar"):
        store.recall("verse")

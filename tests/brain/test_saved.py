import contextlib
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.brain.saved import SavedSong, pack, trouble, unpack
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.testing.drummers import IN_FOUR, ROCK, SEED, DiceDrummer, Memory
from polyrhythmia_live.testing.stub_player import StubPlayer

RUN, NETWORK = "tonight", "the digest of its card"
GENRES = DiceDrummer.genres


def horizon() -> Horizon[Memory]:
    return Horizon(DiceDrummer(), IN_FOUR, ROCK, SEED)


def saved_song() -> SavedSong:
    player = StubPlayer(horizon())
    player.move(0, Transport.ROLLING)
    player.play(8)
    return player.horizon.save()


def saved() -> bytes:
    return pack(saved_song(), RUN, NETWORK, IN_FOUR)


def test_a_song_is_read_as_it_was_written() -> None:
    song = saved_song()
    run, read = unpack(pack(song, RUN, NETWORK, IN_FOUR), NETWORK, GENRES, IN_FOUR)
    assert run == RUN
    assert (read.uncommitted, read.controls) == (8, song.controls)
    assert DiceDrummer().recall(read.drummer) == DiceDrummer().recall(song.drummer)


def test_a_song_of_another_network_or_in_another_meter_is_refused() -> None:
    with pytest.raises(ValueError, match="another trained network"):
        unpack(saved(), "another digest", GENRES, IN_FOUR)
    with pytest.raises(ValueError, match="in 4/4, not in 7/8"):
        unpack(saved(), NETWORK, GENRES, MeterMap.of(Meter(7, 8)))


@given(st.binary(max_size=64), st.integers(0, 2000), st.integers(1, 255))
@settings(deadline=None)
def test_a_damaged_file_is_never_fatal(garbage: bytes, at: int, flip: int) -> None:
    whole = saved()
    at %= len(whole)
    flipped = whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :]
    for damaged in (garbage, whole[:at], flipped):
        restored = horizon()
        with contextlib.suppress(Exception):
            restored.restore(unpack(damaged, NETWORK, GENRES, IN_FOUR)[1], 0)
        assert StubPlayer(restored).listen()


def test_one_line_says_what_is_wrong_with_a_song() -> None:
    line = "expected the saved state of a performance: {}; starting afresh"
    assert trouble(ValueError("it is of version 0")) == line.format("it is of version 0")
    assert trouble(EOFError()) == line.format("EOFError")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"version": 0}, "version 0"),
        ({"controls": {}}, "genre"),
        ({"controls": asdict(ROCK) | {"genre": [["polka", 1.0]]}}, "polka"),
        ({"controls": asdict(ROCK) | {"genre": []}}, "missing"),
    ],
)
def test_a_song_that_makes_no_sense_is_refused(change: dict[str, Any], complaint: str) -> None:
    with zipfile.ZipFile(io.BytesIO(saved())) as whole:
        members = {name: whole.read(name) for name in whole.namelist()}
    members["song.json"] = json.dumps(json.loads(members["song.json"]) | change).encode()
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises((ValueError, KeyError), match=complaint):
        unpack(changed.getvalue(), NETWORK, GENRES, IN_FOUR)


def test_the_controls_can_be_read_without_a_numerical_library(tmp_path: Path) -> None:
    file = tmp_path / "saved"
    file.write_bytes(saved())
    code = (
        "import sys; from pathlib import Path; "
        "from polyrhythmia_live.brain.saved import unpack_controls; "
        "from polyrhythmia_live.rhythm.meter_map import MeterMap; "
        f"unpack_controls(Path(sys.argv[1]).read_bytes(), {NETWORK!r}, {GENRES!r}, MeterMap()); "
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(file)], check=False).returncode == 0

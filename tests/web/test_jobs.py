"""What is made for a page: what it may ask for, and that it is really made, or ended."""

import asyncio
import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.testing.daemon import lives, wait_for
from polyrhythmia_live.web import making
from polyrhythmia_live.web.jobs import WAITING_MAX, Jobs, loop_of

TEMPOS = {"rock": 105.0, "jazz": 150.0}


def test_thirty_seconds_of_a_genre_are_as_many_bars_as_begin_in_them() -> None:
    asked = loop_of({"genre": "rock", "seconds": 30, "seed": 7, "complexity": 0.25}, TEMPOS)
    bars = math.ceil(30 / (4 * 60 / 105))
    assert asked == {
        "genre": "rock", "bpm": "105", "meter": "4/4", "bars": str(bars), "seed": "7",
        "complexity": "25%",
    }  # fmt: skip
    assert loop_of({"genre": "jazz", "bars": 3, "bpm": 99.5}, TEMPOS)["bars"] == "3"


anything = (
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.lists(st.just(1), max_size=2)
)
names = st.sampled_from(("genre", "bpm", "bars", "seconds", "seed", "meter", "density"))


@given(st.dictionaries(names, anything))
def test_a_loop_of_anything_else_is_refused_in_one_line(asked: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as refused:
        loop_of({**asked, "genre": asked.get("genre")}, TEMPOS)
    assert "\n" not in str(refused.value)


def test_what_is_made_may_be_cancelled_and_says_why_it_failed(tmp_path: Path) -> None:
    async def run() -> None:
        jobs = Jobs(TEMPOS, tmp_path / "jobs")
        try:
            long = jobs.loop({"genre": "rock", "bars": 500}, "wav")["id"]
            broken = jobs.export(tmp_path / "none.jsonl", 1, 2, "mid")["id"]
            while (jobs.told(long) or {})["state"] == "waiting":
                await asyncio.sleep(0.01)
            assert (jobs.cancel(long) or {})["state"] == "cancelled"
            while (jobs.told(broken) or {})["state"] != "failed":
                await asyncio.sleep(0.05)
            assert "none.jsonl" in (jobs.told(broken) or {})["words"]
            assert jobs.file(broken) is None
            assert jobs.told("77") is None
            with pytest.raises(ConfigError, match="expected one of"):
                jobs.loop({"genre": "rock"}, "exe")
            for _ in range(WAITING_MAX):
                jobs.loop({"genre": "rock", "bars": 500}, "mid")
            with pytest.raises(ConfigError, match="are being made"):
                jobs.loop({"genre": "rock"}, "mid")
        finally:
            jobs.close()
            await asyncio.sleep(0.2)

    asyncio.run(asyncio.wait_for(run(), 60))


BEGINS = """
import asyncio, os, signal
from polyrhythmia_live.web.making import start

async def run():
    maker = await start("sleep", "60", stdin=-3, stderr=-3)
    print(maker.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(run())
"""


def test_what_is_being_made_ends_with_a_process_that_is_killed() -> None:
    killed = subprocess.run([sys.executable, "-c", BEGINS], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL
    maker = int(killed.stdout)
    wait_for("the end of what it made", lambda: not lives(maker))


def test_what_processes_that_are_gone_have_made_is_deleted(tmp_path: Path) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True
    )
    left = tmp_path / f"{int(gone.stdout)}-left"
    left.mkdir()
    (left / "1.wav").write_bytes(b"RIFF")
    ours = making.own_folder(tmp_path)
    assert sorted(tmp_path.iterdir()) == [ours]
    assert making.own_folder(tmp_path) != ours


def test_the_oldest_samples_make_room_and_those_that_are_heard_stay(tmp_path: Path) -> None:
    for age in range(4):
        folder = tmp_path / f"kit{age}"
        folder.mkdir()
        (folder / "36-92.wav").write_bytes(bytes(100))
        os.utime(folder, (1000 - age, 1000 - age))
    making.make_room(tmp_path, tmp_path / "kit3", 250)
    assert sorted(it.name for it in tmp_path.iterdir()) == ["kit0", "kit3"]

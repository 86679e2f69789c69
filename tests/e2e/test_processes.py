"""What the real processes have loaded."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from polyrhythmia_live.testing.daemon import Daemon, wait_for

TELL_TALE = """
import atexit, json, os, sys
def tell():
    with open(os.path.join({folder!r}, f"{{os.getpid()}}.json"), "w") as file:
        json.dump([sys.orig_argv, sorted(sys.modules)], file)
atexit.register(tell)
"""
"""Every interpreter runs this first; at its end it writes down what it had imported."""

SLOW = {
    "tensorflow",
    "keras",
    "ai_edge_litert",
    "numpy",
    "asyncio",
    "click",
    "pretty_midi",
    "textual",
}


def telling_environment(folder: Path) -> dict[str, str]:
    (folder / "sitecustomize.py").write_text(TELL_TALE.format(folder=str(folder)))
    root = str(Path(__file__).parents[2])
    return {"PYTHONPATH": os.pathsep.join([str(folder), root])}


def told(folder: Path, word: str) -> set[str]:
    """The modules of the process whose command line has this word."""
    for file in folder.glob("*.json"):
        command, modules = json.loads(file.read_text())
        if word in command:
            return {module.split(".")[0] for module in modules} | set(modules)
    return set()


@pytest.mark.jack
@pytest.mark.usefixtures("jack_server")
def test_the_running_player_has_loaded_nothing_slow(tmp_path: Path) -> None:
    with Daemon(tmp_path, environment=telling_environment(tmp_path)) as daemon:
        wait_for("the song to roll", lambda: "▶" in daemon.terminal)
        time.sleep(0.5)
        assert daemon.end()[0] == 0
    player = told(tmp_path, "polyrhythmia_live.player.process")
    assert "polyrhythmia_live.player.dispatcher" in player
    assert player & SLOW == set()
    assert told(tmp_path, "polyrhythmia_live.brain.process") & {"tensorflow", "keras"} == set()


def test_help_loads_nothing_slow(tmp_path: Path) -> None:
    for arguments in (["--help"], ["play", "--help"]):
        subprocess.run(
            [sys.executable, "-m", "polyrhythmia_live", *arguments],
            env={**os.environ, **telling_environment(tmp_path)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    modules = told(tmp_path, "--help")
    assert "click" in modules
    assert modules & (SLOW - {"click"}) == set()

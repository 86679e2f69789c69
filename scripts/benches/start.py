"""From `polyrhythmia play` to the first hit at the send call, and what the processes weigh.

The daemon is started as a performer starts it, on a private JACK server: with MIDI ports alone, and
with the synth as well. In turns with it, `python -c "import tensorflow"`, which a daemon that ran
the network in TensorFlow would have to wait for. Memory after ten seconds of playing: RSS is all
that is mapped in; PSS counts what is shared by its share; and of that, `own` leaves out the JACK
server's memory (105 MB as a rule), which every client of it has mapped.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import _stamps
import click
from _load import memory_folder, private_jack

from polyrhythmia_live.testing.daemon import Daemon, wait_for
from polyrhythmia_live.wires.soundfont import find_soundfonts

OPTIONS = [
    click.Option(["--turns"], type=click.IntRange(1), default=5, help="Starts of each [5]."),
]

WAYS = {
    "MIDI": ("--no-synth", "--midi-system", "rtmidi-jack"),
    "MIDI and synth": ("--synth", "--audio-driver", "jack", "--midi-system", "rtmidi-jack"),
}
TENSORFLOW = "import tensorflow"
GOAL_SHARE = 0.5
"""Of the time of that import."""
GOALS_MB = {"player": 60, "brain": 150}
PLAYING_SECONDS = 10.0
MAPPING = re.compile(r"^(?=[0-9a-f]+-[0-9a-f]+ )", re.MULTILINE)
SIZE = re.compile(r"^(Rss|Pss): +(\d+) kB$", re.MULTILINE)
JACK_MEMORY = "/dev/shm/jack"
COLUMNS = ("RSS", "PSS", "own")


def measure(turns: int = 5) -> tuple[dict[str, Any], str]:
    """The figures (seconds and megabytes) and a table of them."""
    seconds: dict[str, list[float]] = {name: [] for name in (*WAYS, TENSORFLOW)}
    memory: dict[str, dict[str, dict[str, float]]] = {}
    with private_jack(), memory_folder() as folder:
        for turn in range(turns):
            click.echo(f"turn {turn + 1} of {turns} ...", file=sys.stderr)
            seconds[TENSORFLOW].append(_import_seconds())
            for name, flags in WAYS.items():
                is_last = turn == turns - 1
                until_first_hit, weights = _started(folder / "stamps", flags, weigh=is_last)
                seconds[name].append(until_first_hit)
                if is_last:
                    memory[name] = weights
    figures = {
        "seconds": {name: statistics.median(each) for name, each in seconds.items()},
        "memory": memory,
        "soundfont": _soundfont(),
    }
    return figures, _table(figures, turns)


def _soundfont() -> str:
    path = find_soundfonts()[0]
    return f"{path.name}, {path.stat().st_size / 1e6:.1f} MB"


def _import_seconds() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", TENSORFLOW], check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def _started(
    file: Path, flags: tuple[str, ...], weigh: bool
) -> tuple[float, dict[str, dict[str, float]]]:
    """Seconds to the first hit; and, if asked for, each process's memory while it plays."""
    environment = _stamps.environment(file)
    with TemporaryDirectory() as folder:
        began = time.monotonic()
        with Daemon(Path(folder), *flags, environment=environment, module=_stamps.DAEMON) as daemon:
            first = wait_for("the first hit", lambda: _stamps.read(file)[:1])[0]
            if not weigh:
                return first - began, {}
            time.sleep(PLAYING_SECONDS)
            player = daemon.child(_stamps.PLAYER)
            processes = {
                "supervisor": daemon.pid,
                "player": player,
                "brain": daemon.brain,
                "desk": daemon.desk,
            }
            return first - began, {name: _memory_mb(pid) for name, pid in processes.items()}


def _memory_mb(pid: int) -> dict[str, float]:
    """The sums over all that is mapped (`man 5 proc`, smaps), in MB."""
    megabytes = dict.fromkeys(COLUMNS, 0.0)
    for mapping in MAPPING.split(Path(f"/proc/{pid}/smaps").read_text())[1:]:
        sizes = {name: int(kib) * 1024 / 1e6 for name, kib in SIZE.findall(mapping)}
        is_jack = JACK_MEMORY in mapping.partition("\n")[0]
        megabytes["RSS"] += sizes["Rss"]
        megabytes["PSS"] += sizes["Pss"]
        megabytes["own"] += 0.0 if is_jack else sizes["Pss"]
    return megabytes


def _table(figures: dict[str, Any], turns: int) -> str:
    seconds = figures["seconds"]
    limit_seconds = GOAL_SHARE * seconds[TENSORFLOW]
    lines = [f"seconds to the first hit, medians of {turns} starts"]
    for name in WAYS:
        lines.append(
            f"  {name:24}{seconds[name]:7.2f}   goal below {limit_seconds:.2f}: "
            f"{_verdict(seconds[name] < limit_seconds)}"
        )
    lines.append(f"  {TENSORFLOW:24}{seconds[TENSORFLOW]:7.2f}")
    lines.append(f"{f'memory after {PLAYING_SECONDS:g} s, in MB':26}" + _cells(COLUMNS))
    for way, processes in figures["memory"].items():
        for name, size in processes.items():
            goal = GOALS_MB.get(name)
            verdict = f"   goal below {goal}: {_verdict(size['own'] < goal)}" if goal else ""
            cells = _cells(f"{size[column]:.1f}" for column in COLUMNS)
            lines.append(f"  {f'{way}: {name}':24}{cells}{verdict}")
    lines.append(f"the synth's soundfont is {figures['soundfont']}")
    return "\n".join(lines)


def _cells(texts: Iterable[str]) -> str:
    return "".join(f"{text:>8}" for text in texts)


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"

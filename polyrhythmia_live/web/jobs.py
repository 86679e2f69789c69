"""What takes its time: exports of what was played, and fresh loops; each in a process of its own.

They are our own commands, `replay` and `render`, so that what a page is given is byte for byte what
they write. Two run at a time, with the least priority; few wait, and few results are kept.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.web import making

RUNNING_MAX = 2
WAITING_MAX = 8
KEPT_MAX = 24
KEPT_BYTES = 500_000_000
"""Of the files that were made; the oldest make room."""
JOB_SECONDS = 600.0
BARS_MAX = 512

SUFFIXES = {"mid": "audio/midi", "wav": "audio/wav", "jsonl": "application/jsonl"}
PERCENT = re.compile(rb"(\d+)%")

DEFAULT_LOOP_SECONDS = 30.0
"""As the source project's own page made them."""
SEEDS = 1 << 31


@dataclass(slots=True, eq=False)
class Job:
    """One file that is to be made. `state`: waiting, making, done, failed or cancelled."""

    name: str
    file: Path
    arguments: tuple[str, ...]
    about: dict[str, Any]
    state: str = "waiting"
    percent: int = 0
    words: str = ""
    task: asyncio.Task[None] | None = field(default=None)

    def cancel(self) -> None:
        """Make no more of it, and delete what was made."""
        if self.task is not None:
            self.task.cancel()
        self.file.unlink(missing_ok=True)
        self.state = "cancelled"

    def told(self, id_: str) -> dict[str, Any]:
        """As a page is told of it."""
        return {"id": id_, "state": self.state, "percent": self.percent, "words": self.words,
                "name": self.name, **self.about}  # fmt: skip


class Jobs:
    """The files that are being made, and those that were. Threads: the event loop's."""

    def __init__(self, tempos_bpm: Mapping[str, float], folder: Path) -> None:
        """`tempos_bpm`: the genres that there are, and the tempo that each is usually played at.

        What is made lies in `folder`, in one of our own: files that may be lost.
        """
        self._tempos_bpm = tempos_bpm
        self._jobs: dict[str, Job] = {}
        self._room = asyncio.Semaphore(RUNNING_MAX)
        self._ids = map(str, itertools.count(1))
        self._folder = making.own_folder(folder)

    def close(self) -> None:
        """End what runs, and delete what was made."""
        for job in self._jobs.values():
            job.cancel()
        shutil.rmtree(self._folder, ignore_errors=True)

    def export(self, log: Path, first: int, last: int, suffix: str) -> dict[str, Any]:
        """Begin to write bars of a log, by number. Raises ConfigError, in one line."""
        name = f"{log.stem} bars {first}-{last}"
        bars = ("--from-bar", str(first), "--to-bar", str(last))
        return self._begin(name, suffix, ("replay", str(log)), bars, {"from": first, "to": last})

    def loop(self, given: Mapping[str, Any], suffix: str) -> dict[str, Any]:
        """Begin a fresh loop of what is given. Raises ConfigError, in one line, for what is none.

        `genre`; `bpm`, else the genre's usual one; `bars`, else as many as begin in `seconds`;
        `meter`, `seed`, and any level of the drummer.
        """
        asked = loop_of(given, self._tempos_bpm)
        flags = [it for name, value in asked.items() for it in (f"--{name}", value)]
        name = f"{asked['genre']} {asked['bpm']} bpm seed {asked['seed']}"
        about = {name: asked[name] for name in ("genre", "bpm", "bars", "seed")}
        return self._begin(name, suffix, ("render",), flags, about)

    def told(self, id_: str) -> dict[str, Any] | None:
        """How a job stands; None = there is none of that name."""
        job = self._jobs.get(id_)
        return None if job is None else job.told(id_)

    async def wait(self, id_: str) -> None:
        """Until a job has ended, one way or another."""
        task = self._jobs[id_].task
        if task is not None:
            await asyncio.wait([task])

    def cancel(self, id_: str) -> dict[str, Any] | None:
        """Make no more of it, and forget what was made."""
        job = self._jobs.get(id_)
        if job is None:
            return None
        job.cancel()
        return job.told(id_)

    def file(self, id_: str) -> tuple[Path, str] | None:
        """What was made, and the name to give it; None where it is not there."""
        job = self._jobs.get(id_)
        if job is None or job.state != "done":
            return None
        return job.file, f"{job.name}{job.file.suffix}"

    def _begin(
        self,
        name: str,
        suffix: str,
        command: Sequence[str],
        flags: Sequence[str],
        about: dict[str, Any],
    ) -> dict[str, Any]:
        if suffix not in SUFFIXES:
            raise ConfigError(f"expected one of {', '.join(SUFFIXES)}, got {suffix!r}")
        if sum(job.state in ("waiting", "making") for job in self._jobs.values()) >= WAITING_MAX:
            raise ConfigError(f"{WAITING_MAX} files are being made: wait, or cancel one")
        id_ = next(self._ids)
        file = self._folder / f"{id_}.{suffix}"
        job = Job(name, file, (*command, str(file), *flags, "--progress"), about)
        self._jobs[id_] = job
        job.task = asyncio.create_task(self._make(job))
        self._forget_old()
        return job.told(id_)

    def _forget_old(self) -> None:
        room_bytes = KEPT_BYTES
        for number, (id_, job) in enumerate(reversed(list(self._jobs.items()))):
            if job.file.exists():
                room_bytes -= job.file.stat().st_size
            if number >= KEPT_MAX or (room_bytes < 0 and job.state == "done"):
                job.cancel()
                del self._jobs[id_]

    async def _make(self, job: Job) -> None:
        async with self._room:
            job.state = "making"
            maker = await making.start(
                *(sys.executable, "-m", "polyrhythmia_live", *job.arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(JOB_SECONDS):
                    said = await self._follow(job, maker)
                job.state = "done" if maker.returncode == 0 else "failed"
                job.words = "" if job.state == "done" else said
                job.percent = 100
            except TimeoutError:
                job.state, job.words = "failed", f"it took more than {JOB_SECONDS:.0f} s"
            finally:
                if maker.returncode is None:
                    maker.kill()
                    await maker.wait()

    async def _follow(self, job: Job, maker: asyncio.subprocess.Process) -> str:
        """Until it has ended; the last thing that it said."""
        assert maker.stderr is not None
        said = b""
        async for line in maker.stderr:
            found = PERCENT.search(line)
            if found is None:
                said = line.strip() or said
            else:
                job.percent = int(found[1])
        await maker.wait()
        return said.decode(errors="replace").removeprefix("polyrhythmia: ")


def loop_of(given: Mapping[str, Any], tempos_bpm: Mapping[str, float]) -> dict[str, str]:
    """What is asked for as flags of `render`, by their names. Raises ConfigError, in one line."""
    genre = str(given.get("genre"))
    if genre not in tempos_bpm:
        raise ConfigError(f"expected a genre, such as {next(iter(tempos_bpm))}; got {genre!r}")
    bpm = _number(given, "bpm", tempos_bpm[genre], 20, 320)
    meter = Meter.parse(str(given.get("meter", "4/4")))
    bar_seconds = meter.bar_steps / 4 * 60 / bpm
    seconds = _number(given, "seconds", DEFAULT_LOOP_SECONDS, 1, 600)
    bars = _number(given, "bars", math.ceil(seconds / bar_seconds), 1, BARS_MAX)
    seed = _number(given, "seed", random.randrange(SEEDS), 0, SEEDS)
    asked = {"genre": genre, "bpm": f"{bpm:g}", "meter": str(meter),
             "bars": str(int(bars)), "seed": str(int(seed))}  # fmt: skip
    for name in DRUMMER_LEVELS:
        level = LEVELS[name]
        if name in given:
            value = _number(given, name, level.default, level.low, level.high)
            asked[name] = f"{100 * value:g}%" if level.unit == "%" else f"{value:g}"
    return asked


def _number(
    given: Mapping[str, Any], name: str, otherwise: float, low: float, high: float
) -> float:
    value = given.get(name)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ConfigError(f"expected {name} of {low:g} to {high:g}, got {value!r}")
    return value

"""What a terminal on a playing daemon costs, and whether the notes know of it.

Sixteenths at 120 bpm on a private JACK server; before it nobody, `attach`, and `attach --tui` on
terminals of 80 by 24 and 120 by 40. In hand: a slider is dragged to and fro and keys are pressed,
fifty times a second in all. CPU: of one core, the terminal's own process; bytes: what it writes to
the terminal. Late: how far hits are from their places at rtmidi's send call, as in `timing`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import _stamps
import click
import numpy as np
from _grid import BPM
from _load import cores_taken, cpu_seconds, memory_folder, private_jack
from timing import CALM_SECONDS, FLAGS, SHARES, _first_of_each_step, _lateness_ms, _sleep_until

from polyrhythmia_live.testing.daemon import Daemon, wait_for

OPTIONS = [
    click.Option(["--seconds"], type=click.FloatRange(2.0), default=30.0, help="Of each [30]."),
    click.Option(["--loaded"], is_flag=True, help="With every core taken by other processes."),
]

SETTLE_SECONDS = 4.0
"""Until it is drawn; on a loaded machine, textual alone takes seconds to be loaded."""
HAND_SECONDS = 0.02
DRAG = b"".join(b"\x1b[<0;%d;15M\x1b[<32;%d;15M" % (x, x) for x in (16, 20)) + b"\x1b[<0;20;15m"


@dataclass(frozen=True, slots=True)
class Case:
    """`flags` None = nobody is there."""

    name: str
    flags: tuple[str, ...] | None = None
    columns: int = 80
    rows: int = 24
    in_hand: bool = False


CASES = (
    Case("nobody"),
    Case("attach, 80x24", ()),
    Case("--tui, 80x24", ("--tui",)),
    Case("--tui, 120x40", ("--tui",), 120, 40),
    Case("--tui, 120x40, in hand", ("--tui",), 120, 40, in_hand=True),
)


@dataclass(slots=True)
class Before:
    """A terminal with somebody before it."""

    pid: int
    written: int = 0
    ended: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def _before(case: Case, folder: Path) -> Iterator[Before]:
    ours, tty = os.openpty()
    termios.tcsetwinsize(tty, (case.rows, case.columns))
    command = [sys.executable, "-m", "polyrhythmia_live", "attach", *(case.flags or ())]
    process = subprocess.Popen(
        command,
        stdin=tty, stdout=tty, stderr=tty,
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder / "runtime"), "TERM": "xterm-256color"},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(tty)
    before = Before(process.pid)

    def read() -> None:
        with contextlib.suppress(OSError):
            while more := os.read(ours, 1 << 16):
                before.written += len(more)

    def touch() -> None:
        while case.in_hand and not before.ended.wait(HAND_SECONDS):
            os.write(ours, DRAG + b"=-")

    threads = [threading.Thread(target=it) for it in (read, touch)]
    for thread in threads:
        thread.start()
    try:
        yield before
    finally:
        before.ended.set()
        threads[1].join()
        process.terminate()
        process.wait(10)
        threads[0].join()
        os.close(ours)


def measure(seconds: float = 30.0, loaded: bool = False) -> tuple[dict[str, Any], str]:
    """The figures (shares of a core, bytes a second, milliseconds) and a table of them."""
    figures: dict[str, Any] = {}
    taken = (os.cpu_count() or 1) if loaded else 0
    for case in CASES:
        click.echo(f"{case.name} ...", file=sys.stderr)
        with private_jack(), memory_folder() as folder:
            figures[case.name] = _one(case, folder, seconds, taken)
    return figures, _table(figures, seconds, loaded)


def _one(case: Case, folder: Path, seconds: float, taken: int) -> dict[str, float]:
    file = folder / "stamps"
    environment = _stamps.environment(file)
    with Daemon(
        folder, *FLAGS, environment=environment, module=_stamps.DAEMON, command="serve"
    ) as daemon:
        first = wait_for("the daemon to play", lambda: _stamps.read(file)[:1])[0]
        wait_for("its desk", lambda: (folder / "runtime" / "polyrhythmia.sock").exists())
        _sleep_until(first + CALM_SECONDS)
        with contextlib.ExitStack() as stack:
            before = None if case.flags is None else stack.enter_context(_before(case, folder))
            began = time.monotonic() + SETTLE_SECONDS
            _sleep_until(began - SETTLE_SECONDS / 2)
            stack.enter_context(cores_taken(taken))
            _sleep_until(began)
            computed = 0.0 if before is None else -cpu_seconds(before.pid)
            written = 0 if before is None else -before.written
            _sleep_until(began + seconds)
            computed += 0.0 if before is None else cpu_seconds(before.pid)
            written += 0 if before is None else before.written
        stamps = np.array(_stamps.read(file))
        daemon.end()
    late = _lateness_ms(*_first_of_each_step(stamps), began)
    percentiles = {column: float(np.percentile(late, share)) for column, share in SHARES.items()}
    return {**percentiles, "cpu": computed / seconds, "bytes": written / seconds}


def _table(figures: dict[str, Any], seconds: float, loaded: bool) -> str:
    lines = [
        f"{seconds:g} s of sixteenths at {BPM} bpm each{', every core taken' if loaded else ''}",
        f"{'':24}{'CPU':>7}{'bytes/s':>9}"
        + "".join(f"{f'late {column}':>12}" for column in SHARES)
        + "  (ms)",
    ]
    for name, row in figures.items():
        late = "".join(f"{row[column]:12.3f}" for column in SHARES)
        lines.append(f"{name:24}{row['cpu']:7.1%}{row['bytes']:9.0f}{late}")
    return "\n".join(lines)

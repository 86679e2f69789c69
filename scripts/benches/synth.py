"""Where the synth's hits lie in the stream that the listener gets: range and spread, in frames.

A cross-stick is played at uneven times, recorded with `jack_rec` on private JACK servers of three
periods, and found again by its own first sound; idle, and with every core taken. Each is held
against the moment at which it was due: placed by the synth's sequencer (`send_at`), and, for
comparison, sent when it is due (`send`). A run in which the server itself lost time is repeated.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import click
import numpy as np
from _load import cores_taken, memory_folder, private_jack
from _loudness import read_wav

from polyrhythmia_live.midi.base import note_on
from polyrhythmia_live.player.realtime import ask_for_real_time
from polyrhythmia_live.testing.daemon import wait_for
from polyrhythmia_live.testing.jackd import JackServer
from polyrhythmia_live.wires.synth import SynthWire

OPTIONS = [click.Option(["--hits"], type=click.IntRange(20), default=150, help="A run [150].")]

PERIODS = (64, 256, 1024)
RATE_HZ = 48_000
OUTPUTS = ("Polyrhythmia Synth:left", "Polyrhythmia Synth:right")
HIT = note_on(9, 37, 110)
GAP_SECONDS = (0.12, 0.18)
SETTLE_SECONDS = 1.5
ATTEMPTS = 5
LOUD = 0.01
BEFORE_FRAMES, SOUND_FRAMES, REACH_FRAMES = 32, 256, 3_000


def measure(hits: int) -> tuple[dict[str, Any], str]:
    """The figures of each period, load and way, and a table of them. Threads: main."""
    ask_for_real_time()
    rows = []
    for period in PERIODS:
        for cores in (0, os.cpu_count() or 1):
            for ahead in (True, False):
                rows.append(_row(period, cores, ahead, hits))
    return {"rows": rows}, "\n".join(map(_line, rows))


def _row(period: int, cores: int, ahead: bool, hits: int) -> dict[str, Any]:
    for _ in range(ATTEMPTS):
        with (
            memory_folder() as folder,
            private_jack(period) as server,
            closing(SynthWire(driver="jack")) as synth,
            cores_taken(cores) if cores else nullcontext(),
        ):
            late, lost = _late_frames(synth, server, folder / "hits.wav", ahead, hits)
        if lost == 0:
            break
    return {
        "period": period,
        "cores_taken": cores,
        "way": "send_at" if ahead else "send",
        "hits": len(late),
        "range": float(np.ptp(late)),
        "sd": float(np.std(late)),
        "server_lost": lost,
    }


def _late_frames(
    synth: SynthWire, server: JackServer, file: Path, ahead: bool, hits: int
) -> tuple[np.ndarray, int]:
    """How late each hit is that was found, and how often the server lost time meanwhile."""
    seconds = round(hits * sum(GAP_SECONDS) / 2 + 3 * SETTLE_SECONDS)
    recording = subprocess.Popen(
        ["jack_rec", "-f", str(file), "-d", str(seconds), "-b", "16", *OUTPUTS],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for("the recorder", lambda: any("jackrec" in name for name in server.ports() or []))
    time.sleep(SETTLE_SECONDS)
    lost = server.lost
    due = _play(synth.send_at if ahead else lambda hit, _: synth.send(hit), synth, ahead, hits)
    lost = server.lost - lost
    recording.wait()
    return _found(read_wav(file)[0][:, 0], np.array(due) * RATE_HZ), lost


def _play(
    send_at: Callable[[bytes, float], None], synth: SynthWire, ahead: bool, hits: int
) -> list[float]:
    chance = random.Random(1)
    moment = time.monotonic() + 0.2
    due = []
    for _ in range(hits):
        moment += chance.uniform(*GAP_SECONDS)
        due.append(moment)
        lookahead_seconds = synth.lookahead_seconds if ahead else 0.0
        time.sleep(max(0.0, moment - lookahead_seconds - time.monotonic()))
        send_at(HIT, moment)
    return due


def _found(samples: np.ndarray, due_frames: np.ndarray) -> np.ndarray:
    """How late each hit is, against the median: where the first one's sound fits best."""
    first = int(np.argmax(np.abs(samples) > LOUD))
    sound = samples[first - BEFORE_FRAMES : first + SOUND_FRAMES]
    late = []
    for frame in due_frames - due_frames[0]:
        begin = max(0, first - BEFORE_FRAMES + round(frame) - REACH_FRAMES)
        stretch = samples[begin : begin + 2 * REACH_FRAMES + len(sound)]
        if len(stretch) < len(sound):
            continue
        fits = np.correlate(stretch, sound, "valid")
        if fits.max() > 0.5 * np.dot(sound, sound):
            late.append(begin + int(fits.argmax()) + BEFORE_FRAMES - first - frame)
    return np.array(late) - np.median(late)


def _line(row: dict[str, Any]) -> str:
    busy = "busy" if row["cores_taken"] else "idle"
    lost = f", the server lost time {row['server_lost']} times" if row["server_lost"] else ""
    return (
        f"{row['period']:5} frames, {busy}, {row['way']:7}: {row['hits']} hits, "
        f"range {row['range']:6.1f}, sd {row['sd']:5.1f} frames{lost}"
    )

"""Checks of this machine: what was found, and the command that mends what is wrong.

A check fails when nothing can be played without it, and warns where only one way of playing is
missing: a machine without a sound card still plays to MIDI, one without MIDI still renders.
Everything is imported inside its check, because a library that does not load is a finding.
"""

from __future__ import annotations

import enum
import re
import statistics
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from queue import SimpleQueue

from polyrhythmia_live.clock.base import Timebase
from polyrhythmia_live.errors import CheckpointError, PolyrhythmiaError, PortError

SET_UP = "scripts/setup"
PYTHONS = ((3, 11), (3, 12))
"""python-rtmidi has no wheels for later ones, the light runtime none for earlier ones."""

TIMER_SECONDS = 2.0
TIMER_STEP_SECONDS = 0.01
LATE_MS = 5.0
"""A 99th percentile above this is audible as loose playing."""

CHECKED_BARS = 4
SLOW_SHARE = 0.5
"""A bar that takes more than this share of itself to generate leaves little room for changes."""
TEMPO_BPM = 120.0

_REAL_TIME_RIGHTS = (
    "echo '@audio - rtprio 95' | sudo tee /etc/security/limits.d/polyrhythmia.conf "
    "&& sudo usermod -aG audio $USER, and log in again"
)
_COMMAND = re.compile(r"`([^`]+)`")


class Verdict(enum.Enum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report; `mend` says what to do, or is empty."""

    name: str
    verdict: Verdict
    found: str
    mend: str = ""


def examine() -> Iterator[Check]:
    """Every check, as it is made; takes about three seconds."""
    yield check_python()
    yield from check_midi()
    yield from check_synth()
    yield from check_models()
    yield check_bar()
    yield from check_timing()


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Check:
    """Whether there are binary packages for this Python."""
    abi = sysconfig.get_config_var("SOABI") or sys.implementation.cache_tag
    found = f"{'.'.join(map(str, version))} ({abi})"
    if version in PYTHONS:
        return Check("Python", Verdict.OK, found)
    return Check(
        "Python",
        Verdict.FAILED,
        f"{found}; expected 3.11 or 3.12, which python-rtmidi has packages for",
        f"install Python 3.12, then {SET_UP}",
    )


def check_midi() -> Iterator[Check]:
    """The MIDI library, the MIDI system, and a virtual port in it."""
    try:
        from polyrhythmia_live.midi import ports
        from polyrhythmia_live.midi.system import MidiSystem, describe_rtmidi
    except ImportError as error:
        yield Check("MIDI library", Verdict.FAILED, f"does not load: {error}", SET_UP)
        return
    yield Check("MIDI library", Verdict.OK, describe_rtmidi())
    try:
        with (
            closing(MidiSystem()) as system,
            closing(ports.VirtualMidiOutPort(system, "Polyrhythmia Doctor")),
        ):
            outputs, inputs = len(system.outputs()), len(system.inputs())
            found = f"a virtual port opens; {outputs} outputs, {inputs} inputs"
            yield Check("MIDI ports", Verdict.OK, f"{system.backend.value}: {found}")
    except PortError as error:
        yield _complaint("MIDI ports", Verdict.WARNING, error)


def check_synth() -> Iterator[Check]:
    """libfluidsynth, a soundfont for it, and an audio driver."""
    from polyrhythmia_live.output.fluid import library_version
    from polyrhythmia_live.output.soundfont import find_soundfont
    from polyrhythmia_live.output.synth import SynthOutput

    def sound() -> str:
        synth = SynthOutput()
        synth.close()
        return f"{synth.driver} opens, latency {1000 * synth.latency_seconds:.0f} ms"

    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("FluidSynth", library_version),
        ("soundfont", find_soundfont),
        ("sound", sound),
    )
    for name, look in steps:
        try:
            yield Check(name, Verdict.OK, str(look()))
        except PolyrhythmiaError as error:
            yield _complaint(name, Verdict.WARNING, error)
            return


def check_models() -> Iterator[Check]:
    """The trained networks: there, of this encoding, and with the hashes their cards name."""
    try:
        from polyrhythmia_live.drummer.checkpoint import load_checkpoint, model_names
    except ImportError as error:
        yield Check("model", Verdict.FAILED, f"does not load: {error}", SET_UP)
        return
    names = model_names()
    if not names:
        yield Check("model", Verdict.FAILED, "none found", SET_UP)
    for name in names:
        try:
            checkpoint = load_checkpoint(name)
        except CheckpointError as error:
            yield Check("model", Verdict.FAILED, str(error), "git checkout -- models")
        else:
            genres = f"{len(checkpoint.genres)} genres"
            yield Check("model", Verdict.OK, f"{name}, {genres}, {checkpoint.digest[:12]}")


def check_bar(play_bar: Callable[[], object] | None = None) -> Check:
    """How long the drummer needs for a bar of 4/4, against how long the bar lasts.

    `play_bar` generates one bar; None takes the first of the shipped networks.
    """
    try:
        play_bar = play_bar or _network_bar()
        play_bar()
        seconds = [_duration_seconds(play_bar) for _ in range(CHECKED_BARS)]
    except (ImportError, IndexError, PolyrhythmiaError) as error:
        return Check("generation", Verdict.FAILED, f"no bar was generated: {error}", SET_UP)
    worst_seconds, bar_seconds = max(seconds), 4 * 60.0 / TEMPO_BPM
    found = f"{1000 * worst_seconds:.0f} ms for a bar of {1000 * bar_seconds:.0f} ms"
    if worst_seconds >= bar_seconds:
        return Check("generation", Verdict.FAILED, found, "use a smaller network with --model")
    if worst_seconds > SLOW_SHARE * bar_seconds:
        return Check("generation", Verdict.WARNING, found, "close other programs")
    return Check("generation", Verdict.OK, found)


def check_timing(timebase: Timebase | None = None) -> Iterator[Check]:
    """Real-time priority, and how late waits end in a thread that has what was given."""
    from polyrhythmia_live.clock.monotonic import MonotonicTimebase
    from polyrhythmia_live.player.realtime import ask_for_real_time

    def measure() -> tuple[str, list[float]]:
        priority = ask_for_real_time()
        return priority, lateness_seconds(timebase or MonotonicTimebase())

    # A thread of its own, which takes the priority with it when it ends.
    with ThreadPoolExecutor(max_workers=1) as pool:
        priority, late_seconds = pool.submit(measure).result()
    yield real_time_check(priority)
    yield timer_check(late_seconds)


def lateness_seconds(timebase: Timebase) -> list[float]:
    """How late each of a row of waits on absolute deadlines ended."""
    inbox: SimpleQueue[None] = SimpleQueue()
    start = timebase.now()
    late = []
    for step in range(1, round(TIMER_SECONDS / TIMER_STEP_SECONDS) + 1):
        deadline = start + step * TIMER_STEP_SECONDS
        timebase.wait(inbox, deadline)
        late.append(timebase.now() - deadline)
    return late


def timer_check(late_seconds: list[float]) -> Check:
    """What those waits say."""
    centiles = statistics.quantiles(late_seconds, n=100, method="inclusive")
    median_ms, p99_ms = 1000 * centiles[49], 1000 * centiles[98]
    found = f"late by {median_ms:.2f} ms (median), {p99_ms:.2f} ms (99th percentile)"
    if p99_ms <= LATE_MS:
        return Check("timer", Verdict.OK, found)
    return Check("timer", Verdict.WARNING, found, "close other programs; allow real-time priority")


def real_time_check(priority: str) -> Check:
    """What the operating system answered."""
    if priority.startswith("refused"):
        return Check("real-time priority", Verdict.WARNING, priority, _REAL_TIME_RIGHTS)
    return Check("real-time priority", Verdict.OK, priority)


def _complaint(name: str, verdict: Verdict, error: PolyrhythmiaError) -> Check:
    """An error as a check: the commands in it are what mends it."""
    return Check(name, verdict, str(error), ", or ".join(_COMMAND.findall(str(error))))


def _network_bar() -> Callable[[], object]:
    from polyrhythmia_live.drummer.base import Place
    from polyrhythmia_live.drummer.checkpoint import load_checkpoint, model_names
    from polyrhythmia_live.drummer.lstm import LstmDrummer
    from polyrhythmia_live.rhythm.control import ControlState
    from polyrhythmia_live.rhythm.meter import Meter

    drummer = LstmDrummer(load_checkpoint(model_names()[0]))
    controls = ControlState(genre=((drummer.genres[0], 1.0),))
    meter = Meter()

    def play_bar() -> None:
        state = drummer.start(seed=0)
        for step in range(meter.bar_steps):
            _, state = drummer.play(state, Place(step, meter, TEMPO_BPM), controls)

    return play_bar


def _duration_seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start

"""MIDI from one port of ours to another: how late it comes, and how even the clock is there."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from queue import SimpleQueue
from threading import Timer
from typing import TYPE_CHECKING

from polyrhythmia_live.cli.doctor.check import SET_UP, Check, Verdict, complaint
from polyrhythmia_live.cli.doctor.timer import in_real_time
from polyrhythmia_live.clock.monotonic import MonotonicTimebase
from polyrhythmia_live.errors import PortError

if TYPE_CHECKING:
    from polyrhythmia_live.wires.base import Wire

LOOPBACK = "Doctor Loopback"
"""A name that does not begin like our ports': we never connect to those."""

MESSAGES = 300
GAP_MIN_SECONDS, GAP_MAX_SECONDS = 0.005, 0.015
"""Uneven, so that every phase of JACK's period is met."""
ARRIVE_SECONDS = 0.2
LATE_MS = 5.0

CLOCK_SECONDS = 5.0
TEMPO_BPM = 120.0
UNEVEN_MS = 3.0
"""A pulse this far off its place is a tempo 15 % off, to gear that looks at single pulses."""

LONG_PERIOD_MS = 6.0

_SHORTER = "with JACK, start jackd with a shorter --period; close other programs"

Arrivals = list[tuple[bytes, float]]


def check_wires() -> Iterator[Check]:
    """JACK's period, a loopback's latency and losses, and how even our clock arrives there."""
    yield from check_jack()
    try:
        with _loopback() as (port, arrivals):
            yield loopback_check(_send_messages(port), arrivals)
            arrivals.clear()
            _send_clock(port)
            yield clock_check([seconds for _, seconds in arrivals])
    except ImportError as error:
        yield Check("MIDI loopback", Verdict.FAILED, f"does not load: {error}", SET_UP)
    except PortError as error:
        yield complaint("MIDI loopback", Verdict.WARNING, error)


def check_jack() -> Iterator[Check]:
    """How long JACK's period is, where a server runs."""
    from polyrhythmia_live.system import jack

    period_ms = 1000 * jack.latency_seconds(port="")
    if period_ms > 0.0:
        found = f"a period of {period_ms:.1f} ms; what comes in waits for its end"
        if period_ms <= LONG_PERIOD_MS:
            yield Check("JACK", Verdict.OK, found)
        else:
            yield Check("JACK", Verdict.WARNING, found, "start jackd with a shorter --period")


def loopback_check(sent: Sequence[tuple[bytes, float]], arrivals: Arrivals) -> Check:
    """The verdict on messages, from when each was sent and arrived; no two messages are alike."""
    arrived = dict(arrivals)
    latencies_ms = [
        1000 * (arrived[message] - seconds) for message, seconds in sent if message in arrived
    ]
    lost = len(sent) - len(latencies_ms)
    if len(latencies_ms) < 2:
        return Check("MIDI loopback", Verdict.WARNING, "nothing comes back", SET_UP)
    centiles = statistics.quantiles(latencies_ms, n=100, method="inclusive")
    found = (
        f"{centiles[49]:.2f} ms (median), {centiles[98]:.2f} ms (99th percentile), "
        f"{max(latencies_ms):.2f} ms (worst), {lost} of {len(sent)} lost"
    )
    if lost == 0 and centiles[98] <= LATE_MS:
        return Check("MIDI loopback", Verdict.OK, found)
    return Check("MIDI loopback", Verdict.WARNING, found, _SHORTER)


def clock_check(arrival_seconds: Sequence[float]) -> Check:
    """How far off a steady clock's line its pulses arrive."""
    numbers = range(len(arrival_seconds))
    if len(arrival_seconds) < 3:
        return Check("MIDI clock out", Verdict.WARNING, "no clock comes back", SET_UP)
    period_seconds, first_seconds = statistics.linear_regression(numbers, arrival_seconds)
    off_ms = [
        1000 * (seconds - first_seconds - number * period_seconds)
        for number, seconds in zip(numbers, arrival_seconds, strict=True)
    ]
    worst_ms = max(map(abs, off_ms))
    found = f"uneven by {statistics.pstdev(off_ms):.2f} ms (deviation), {worst_ms:.2f} ms (worst)"
    if worst_ms <= UNEVEN_MS:
        return Check("MIDI clock out", Verdict.OK, found)
    return Check("MIDI clock out", Verdict.WARNING, found, _SHORTER)


@contextmanager
def _loopback() -> Iterator[tuple[Wire, Arrivals]]:
    """A port to play to, and what comes back from it."""
    from polyrhythmia_live.midi.listen import MidiInputs
    from polyrhythmia_live.midi.names import OWN_CLIENT
    from polyrhythmia_live.midi.system import MidiSystem
    from polyrhythmia_live.wires.midi import MidiWires

    arrivals: Arrivals = []

    def receive(message: bytes, arrival_seconds: float) -> None:
        arrivals.append((message, arrival_seconds))

    with (
        closing(MidiSystem()) as system,
        closing(MidiInputs(system, LOOPBACK)) as inputs,
        closing(inputs.virtual(receive, LOOPBACK)),
        closing(MidiWires(system, OWN_CLIENT)) as wires,
        closing(wires.named(LOOPBACK)) as port,
    ):
        yield port, arrivals


def _send_messages(port: Wire) -> list[tuple[bytes, float]]:
    """Send control changes that mean nothing, no two alike; each with the moment it was sent."""
    from polyrhythmia_live.midi.base import control_change

    def send() -> list[tuple[bytes, float]]:
        sent = []
        for number in range(MESSAGES):
            time.sleep(random.uniform(GAP_MIN_SECONDS, GAP_MAX_SECONDS))
            message = control_change(number // 100, 20 + number % 10, number % 100)
            sent.append((message, time.monotonic()))
            port.send(message)
        time.sleep(ARRIVE_SECONDS)
        return sent

    return in_real_time(send)[1]


def _send_clock(port: Wire) -> None:
    """Our own clock, from our own dispatcher, at rest: its pulses never stop."""
    from polyrhythmia_live.clock.internal import InternalClock
    from polyrhythmia_live.messages import Quit
    from polyrhythmia_live.player.clock_out import ClockOut
    from polyrhythmia_live.player.dispatcher import Dispatcher
    from polyrhythmia_live.rhythm.meter_map import MeterMap

    dispatcher = Dispatcher(
        inbox=SimpleQueue(),
        timebase=MonotonicTimebase(),
        clock=InternalClock(TEMPO_BPM),
        meters=MeterMap(),
        voices=(),
        report=_nobody_listens,
        clock_outs=[ClockOut(port)],
    )
    Timer(CLOCK_SECONDS, dispatcher.inbox.put, (Quit(),)).start()
    in_real_time(dispatcher.run)
    time.sleep(ARRIVE_SECONDS)


def _nobody_listens(_report: object) -> None: ...

"""Checks of this machine: what was found, and the command that mends what is wrong.

A check fails when nothing can be played without it, and warns where only one way of playing is
missing: a machine without a sound card still plays to MIDI, one without MIDI still renders.
Everything is imported inside its check, because a library that does not load is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from polyrhythmia_live.cli.doctor.check import Check
from polyrhythmia_live.cli.doctor.drummer import check_bar, check_models
from polyrhythmia_live.cli.doctor.installed import check_midi, check_python, check_synth
from polyrhythmia_live.cli.doctor.timer import check_timer, check_timer_under_load
from polyrhythmia_live.cli.doctor.wires import check_wires


def examine() -> Iterator[Check]:
    """Every quick check, as it is made; takes about three seconds."""
    yield check_python()
    yield from check_midi()
    yield from check_synth()
    yield from check_models()
    yield check_bar()
    yield from check_timer()


def examine_timing() -> Iterator[Check]:
    """Checks of what playing in time depends on, by measuring; takes about 15 seconds more."""
    yield from check_timer_under_load()
    yield from check_wires()

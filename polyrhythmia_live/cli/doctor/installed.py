"""What is installed: Python, the MIDI library and system, the synth."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import closing

from polyrhythmia_live.cli.doctor.check import SET_UP, Check, Verdict, complaint
from polyrhythmia_live.errors import PolyrhythmiaError, PortError

PYTHONS = ((3, 11), (3, 12))
"""python-rtmidi has no wheels for later ones, the light runtime none for earlier ones."""


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
        from polyrhythmia_live.midi.names import OWN_CLIENT
        from polyrhythmia_live.midi.system import MidiSystem, describe_rtmidi
        from polyrhythmia_live.wires.midi import MidiWires
    except ImportError as error:
        yield Check("MIDI library", Verdict.FAILED, f"does not load: {error}", SET_UP)
        return
    yield Check("MIDI library", Verdict.OK, describe_rtmidi())
    try:
        with (
            closing(MidiSystem()) as system,
            closing(MidiWires(system, OWN_CLIENT)) as wires,
            closing(wires.virtual("Polyrhythmia Doctor")),
        ):
            outputs, inputs = len(system.outputs()), len(system.inputs())
            found = f"a virtual port opens; {outputs} outputs, {inputs} inputs"
            yield Check("MIDI ports", Verdict.OK, f"{system.backend.value}: {found}")
    except PortError as error:
        yield complaint("MIDI ports", Verdict.WARNING, error)


def check_synth() -> Iterator[Check]:
    """libfluidsynth, a soundfont for it, and an audio driver."""
    from polyrhythmia_live.wires.fluid import FluidSynth, library_version
    from polyrhythmia_live.wires.synth import SynthWire

    def soundfont() -> str:
        with closing(FluidSynth()) as synth:
            return f"{synth.kit.soundfont}, drum kit '{synth.kit.preset.name}'"

    def sound() -> str:
        with closing(SynthWire()) as synth:
            return f"{synth.driver} opens, latency {1000 * synth.latency_seconds:.0f} ms"

    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("FluidSynth", library_version),
        ("soundfont", soundfont),
        ("sound", sound),
    )
    for name, look in steps:
        try:
            yield Check(name, Verdict.OK, str(look()))
        except PolyrhythmiaError as error:
            yield complaint(name, Verdict.WARNING, error)
            return

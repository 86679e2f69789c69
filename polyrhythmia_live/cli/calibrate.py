"""`polyrhythmia calibrate`: how late does an output sound?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from polyrhythmia_live.calibration.offsets import (
    OFFSET_MAX_MS,
    SYNTH,
    forget_offset,
    read_offsets,
    store_offset,
)
from polyrhythmia_live.cli.offsets import find_calibrated
from polyrhythmia_live.cli.options import (
    NumberRange,
    midi_system_option,
    offsets_file,
    resolve_sound,
    synth_options,
)
from polyrhythmia_live.drums.kit import RINGING, Key, Kit
from polyrhythmia_live.errors import CalibrationError, ConfigError
from polyrhythmia_live.midi.names import OWN_CLIENT, VIRTUAL_OUT
from polyrhythmia_live.player.base import Route
from polyrhythmia_live.presets.kits import load_kit
from polyrhythmia_live.wires.base import Wire

SETTLE_SECONDS = 0.5
"""Before the first hit: ports get connected, and the noise is heard alone."""


@click.command()
@click.option(
    "-o", "--out", default=None, help=f"A MIDI port, by name; '{VIRTUAL_OUT}', or '{SYNTH}'."
)
@click.option("--audio-in", default=None, help="Part of the audio input's name, or its number.")
@click.option(
    "--input-latency-ms",
    type=NumberRange(0, 1000),
    default=None,
    help="From the audio input to here; default: what its driver says.",
)
@click.option("--sound", default="snare", show_default=True, help="What to hit: short and dry.")
@click.option("--kit", default="general-midi", show_default=True, help="The MIDI map of the port.")
@midi_system_option
@synth_options
@click.option("--audio-driver", default=None, help="For the synth.")
@click.option("--list", "listing", is_flag=True, help="List what is calibrated.")
@click.option("--forget", metavar="NAME", default=None, help="Forget what was measured of NAME.")
def calibrate(listing: bool, forget: str | None, **flags: Any) -> None:
    """Measure how late an output sounds, so that `play` sends to it that much earlier.

    Connect its sound to an audio input, by cable or with a microphone (3 ms a metre). 20 hits are
    played and heard again. Calibrate every output that is to sound together with others, the synth
    too. Needs `pip install -e '.[calibrate]'`.
    """
    file = offsets_file()
    if forget is not None:
        name = find_calibrated(forget, read_offsets(file))
        forget_offset(file, name)
        click.echo(f"forgot '{name}'")
    elif listing:
        for name, seconds in read_offsets(file).items():
            click.echo(f"{1000 * seconds:+8.1f} ms  {name}")
    elif flags["out"] is not None:
        _calibrate(file, **flags)
    else:
        raise ConfigError("expected --out NAME, --list or --forget NAME, got none of them")


def _calibrate(
    file: Path,
    out: str,
    audio_in: str | None,
    input_latency_ms: float | None,
    sound: str,
    kit: str,
    **flags: Any,
) -> None:
    from polyrhythmia_live.calibration.microphone import Microphone
    from polyrhythmia_live.calibration.onsets import hear_hits
    from polyrhythmia_live.calibration.striking import PATIENCE_SECONDS, strike
    from polyrhythmia_live.calibration.verdict import HITS, judge

    to_synth = out.casefold() == SYNTH
    instrument = RINGING if to_synth else load_kit(kit)
    key = _key(instrument, sound)
    with _synth(**flags) if to_synth else midi_port(out, **flags) as (wire, made_up_seconds):
        latency_seconds = None if input_latency_ms is None else input_latency_ms / 1000
        microphone = Microphone(audio_in, latency_seconds)
        with microphone, click.progressbar(length=HITS, label=f"hitting {wire.name}") as bar:
            time.sleep(SETTLE_SECONDS)
            sent = strike(Route(wire, instrument), key, bar.update)
        lateness = judge(hear_hits(microphone.recording, sent, PATIENCE_SECONDS))
        offset_seconds = made_up_seconds - lateness.median_seconds
        if abs(offset_seconds) > OFFSET_MAX_MS / 1000:
            raise CalibrationError(
                f"'{wire.name}' sounds {lateness}: `play` makes up for {OFFSET_MAX_MS} ms at "
                "most; look for a shorter way (no Bluetooth, a smaller audio buffer)"
            )
        store_offset(file, wire.name, offset_seconds)
        click.echo(f"'{wire.name}' sounds {lateness}; `play` knows from now on ({file})")


@contextmanager
def midi_port(name: str, midi_system: str, **_: Any) -> Iterator[tuple[Wire, float]]:
    """A MIDI port; nothing is known of what holds it back."""
    from polyrhythmia_live.midi.system import MidiSystem
    from polyrhythmia_live.wires.midi import MidiWires

    with (
        closing(MidiSystem(midi_system)) as system,
        closing(MidiWires(system, OWN_CLIENT)) as wires,
    ):
        if name.casefold() == VIRTUAL_OUT.casefold():
            with closing(wires.virtual(VIRTUAL_OUT)) as virtual:
                click.pause(f"connect '{VIRTUAL_OUT}' to what plays it, then press a key ...")
                yield virtual, 0.0
        else:
            system.find_output(name)
            with closing(wires.named(name)) as port:
                yield port, 0.0


@contextmanager
def _synth(
    soundfont: Path | None,
    synth_kit: str | None,
    gain: float,
    audio_driver: str | None,
    **_: Any,
) -> Iterator[tuple[Wire, float]]:
    """The embedded synth, and its own latency, which `play` makes up for unasked."""
    from polyrhythmia_live.wires.synth import SynthWire

    sound = resolve_sound(soundfont, synth_kit, gain)
    with closing(SynthWire(sound, audio_driver, RINGING.chokes_by_note())) as synth:
        yield synth, synth.latency_seconds


def _key(kit: Kit, sound: str) -> Key:
    if sound not in kit.keys:
        raise ConfigError(
            f"{kit.name} has no sound '{sound}': expected one of {', '.join(kit.keys)}"
        )
    return kit.keys[sound]

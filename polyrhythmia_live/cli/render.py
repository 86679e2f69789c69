"""`polyrhythmia render`: the same engine into a file."""

from __future__ import annotations

import json
import math
import sys
import wave
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from polyrhythmia_live.brain.ensemble import Ensemble
from polyrhythmia_live.brain.horizon import Horizon
from polyrhythmia_live.cli.options import (
    Score,
    drummer_options,
    force_option,
    progress_option,
    resolve_score,
    resolve_sound,
    synth_options,
)
from polyrhythmia_live.control.base import DRUMMER_LEVELS
from polyrhythmia_live.drummer.open import open_drummer
from polyrhythmia_live.drums.kit import RINGING, Kit
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.engine import Rendering, record
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.presets.kits import load_kit
from polyrhythmia_live.rhythm.bar import Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.swing import SwungGrid
from polyrhythmia_live.system.files import replacing

if TYPE_CHECKING:
    from polyrhythmia_live.wires.base import SynthSound
    from polyrhythmia_live.wires.fluid import FluidSynth

SILENT = "density 0%: nothing is played"

SUFFIXES = (".mid", ".wav", ".jsonl")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@drummer_options
@click.option("--bars", type=click.IntRange(1, 100_000), default=16, show_default=True)
@click.option("--kit", default="general-midi", show_default=True, help="For .mid and .jsonl.")
@click.option("--loop", is_flag=True, help="For .wav: of just so many bars, to be repeated.")
@force_option
@progress_option
@synth_options
def render(
    file: Path,
    bars: int,
    kit: str,
    loop: bool,
    force: bool,
    progress: bool,
    soundfont: Path | None,
    synth_kit: str | None,
    gain: float,
    **flags: Any,
) -> None:
    """Play BARS bars into FILE: .mid, .wav (through FluidSynth) or .jsonl (a line per hit).

    The same seed gives the same bytes; without one, the seed that was drawn is printed.
    """
    suffix = file_to_write(file, force)
    if loop and suffix != ".wav":
        raise ConfigError(f"--loop is for .wav: {suffix} is of just so many bars anyway")
    score = resolve_score(**flags)
    about = ""
    try:
        if suffix == ".wav":
            sound = resolve_sound(soundfont, synth_kit, gain)
            # Opened before the drummer plays: what is wrong with it is said at once.
            with closing(open_synth(sound)) as synth:
                recording = _play(score, RINGING, bars, progress)
                with replacing(file) as draft:
                    about = f", {_write_wav(draft, recording, synth, loop, gain)}"
        else:
            instrument = load_kit(kit)
            recording = _play(score, instrument, bars, progress)
            with replacing(file) as draft:
                if suffix == ".mid":
                    _write_mid(draft, recording, score)
                else:
                    lines = _json_lines(recording, score, instrument)
                    draft.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {file}: {error.strerror}") from None
    click.echo(
        f"{file}: {bars} bars of {score.controls.genre_words} at {score.tempo_bpm:g} bpm, "
        f"{sum(len(step.hits) for step in recording.steps)} hits, seed {score.seed}{about}"
    )
    if score.controls.density == 0:
        click.echo(SILENT, err=True)


def file_to_write(file: Path, force: bool) -> str:
    """The ending of its name, in small letters.

    Raises ConfigError where it cannot be written, or is there already and nothing is to `force` it.
    """
    suffix = file.suffix.casefold()
    if suffix not in SUFFIXES:
        raise ConfigError(f"expected a file ending in {', '.join(SUFFIXES)}, got {file}")
    if not file.parent.is_dir():
        raise ConfigError(f"there is no folder {file.parent} to write {file.name} to")
    if file.exists() and not force:
        raise ConfigError(f"{file} is there already: take another name, or --force to replace it")
    return suffix


def _play(score: Score, kit: Kit, bars: int, in_lines: bool) -> Rendering:
    drummer, meters = open_drummer(score.card), score.meters
    ensemble = Ensemble(
        drummer,
        meters,
        score.seed,
        lambda band: Horizon(drummer, meters, score.controls, score.seed, band=band),
    )
    all_steps, played_steps = score.meters.bar_line(bars), 0
    with ExitStack() as shown:
        progress: Any = None  # click's class of bars is private

        def tell(steps: int) -> None:
            # While the horizon is filled for the first bar, any estimate would be far too long.
            nonlocal progress, played_steps
            played_steps += steps
            if in_lines:
                click.echo(f"playing {100 * played_steps // all_steps}%", err=True)
                return
            if progress is None:
                whole = click.progressbar(length=all_steps, label="playing", file=sys.stderr)
                progress = shown.enter_context(whole)
            progress.update(steps)

        return record(
            ensemble,
            meters,
            score.preset.groove,
            kit,
            score.tempo_bpm,
            bars,
            progress=tell,
            parts=score.parts,
        )


def _write_mid(file: Path, recording: Rendering, score: Score) -> None:
    from polyrhythmia_live.wires.midi_file import write_midi_file

    end_tick = (recording.steps[-1].index + 1) * TICKS_PER_STEP
    tempos = ((0, recording.timeline.tempo_bpm),)
    name = f"Polyrhythmia {score.controls.genre_name}"
    write_midi_file(file, recording.messages, tempos, score.meters, name, end_tick)


def open_synth(sound: SynthSound) -> FluidSynth:
    """The synth that plays into a file. Raises SynthUnavailable."""
    from polyrhythmia_live.wires.fluid import FluidSynth  # loads libfluidsynth
    from polyrhythmia_live.wires.wav_file import RATE_HZ

    return FluidSynth(sound, RINGING.chokes_by_note(), RATE_HZ)


def _write_wav(file: Path, recording: Rendering, synth: FluidSynth, loop: bool, gain: float) -> str:
    """How long it is, and how loud."""
    from polyrhythmia_live.wires.wav_file import render_wav

    seconds_per_tick = recording.timeline.seconds_per_tick
    timed = [(tick * seconds_per_tick, message) for tick, message in recording.messages]
    end_seconds = (recording.steps[-1].index + 1) * TICKS_PER_STEP * seconds_per_tick
    with click.progressbar(length=len(timed), label="sounding", file=sys.stderr) as bar:
        peak = render_wav(
            file, timed, synth, end_seconds=end_seconds, loop=loop, progress=bar.update
        )
    return f"{_length(file, end_seconds)}, {_loudness(peak, gain)}"


def _length(file: Path, bars_seconds: float) -> str:
    """The bars, and what rings out after them."""
    with wave.open(str(file)) as written:
        tail_seconds = written.getnframes() / written.getframerate() - bars_seconds
    bars = f"{bars_seconds:.1f} s"
    return bars if tail_seconds < 0.05 else f"{bars} and {tail_seconds:.1f} s that ring out"


def _loudness(peak: float, gain: float) -> str:
    if peak >= 1:
        return f"clipped: try a --gain below {gain:g}"
    return f"peak {20 * math.log10(peak):.1f} dBFS" if peak > 0 else "silent"


def _json_lines(recording: Rendering, score: Score, kit: Kit) -> Iterator[str]:
    """A line about the performance, then one per hit, in the order of the steps."""
    yield _line(
        model=score.card.name,
        digest=score.card.digest,
        genre=dict(score.controls.genre),
        bpm=score.tempo_bpm,
        meter=str(score.meter),
        **{name: getattr(score.controls, name) for name in DRUMMER_LEVELS},
        seed=score.seed,
    )
    yield from hit_lines(recording.steps, score.meters, kit)


def hit_lines(steps: Iterable[Step], meters: MeterMap, kit: Kit) -> Iterator[str]:
    """A line per hit, in the order of the steps; the tick is where it sounds."""
    grid = SwungGrid(meters)
    for step in steps:
        grid.begin(step.index, step.swing)
        for hit in step.hits:
            key = kit.key(hit.lane, hit.articulation)
            yield _line(
                bar=meters.bar_of(step.index) + 1,
                step=meters.step_in_bar(step.index) + 1,
                tick=round(grid.sounding(step.tick + hit.microtiming_ticks)),
                sound=DRUM_LANES[hit.lane].articulations[hit.articulation],
                note=None if key is None else key.note,
                velocity=hit.velocity,
                microtiming=round(hit.microtiming_ticks / TICKS_PER_STEP, 4),
            )


def _line(**fields: Any) -> str:
    return json.dumps(fields) + "\n"

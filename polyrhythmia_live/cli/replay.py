"""`polyrhythmia replay`: what sounded in a performance, from its log into a file."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from polyrhythmia_live.cli.options import (
    force_option,
    progress_option,
    resolve_sound,
    synth_options,
)
from polyrhythmia_live.cli.render import file_to_write, hit_lines, open_synth
from polyrhythmia_live.desk.performance import Performance, Take, read_performance, take_of
from polyrhythmia_live.drums.kit import RINGING, Kit
from polyrhythmia_live.engine import repeat
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.presets.kits import load_kit
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.timeline import Timeline
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.wires.base import DEFAULT_SOUND, SynthSound


@click.command()
@click.argument("log", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from-bar", type=click.IntRange(1), default=1, show_default=True)
@click.option("--to-bar", type=click.IntRange(1), default=None, help="Up to its end; the last one.")
@click.option("--kit", default=None, help="For .mid and .jsonl, instead of the performance's own.")
@force_option
@progress_option
@synth_options
def replay(
    log: Path,
    file: Path,
    from_bar: int,
    to_bar: int | None,
    kit: str | None,
    force: bool,
    progress: bool,
    soundfont: Path | None,
    synth_kit: str | None,
    gain: float,
) -> None:
    """Write what sounded in the performance LOG into FILE: .mid, .wav or .jsonl.

    Bars are counted as they were played, from 1: where the song stood or went elsewhere, the next
    one follows. The same log gives the same bytes.
    """
    performance, take = read_take(log)
    if progress:
        click.echo("read 50%", err=True)
    last = take.bars if to_bar is None else to_bar
    if not from_bar <= last <= take.bars:
        raise ConfigError(
            f"expected bars of 1 to {take.bars}, got --from-bar {from_bar} --to-bar {last}"
        )
    sound = SynthSound(soundfont, synth_kit, gain)
    chosen = None if kit is None else load_kit(kit)
    write_take(file, performance, take.excerpt(from_bar - 1, last), force, chosen, sound)


def read_take(log: Path) -> tuple[Performance, Take]:
    """A performance and what sounded in it; lines that are none are said.

    Raises ConfigError for what is no log, and for one in which nothing sounded.
    """
    performance = read_performance(log)
    if performance.passed_over:
        lines = "1 line" if performance.passed_over == 1 else f"{performance.passed_over} lines"
        click.echo(f"{log}: {lines} passed over, which cannot be read", err=True)
    take = take_of(performance)
    if not take.steps:
        raise ConfigError(f"nothing sounded in {log}")
    return performance, take


def write_take(
    file: Path,
    performance: Performance,
    take: Take,
    force: bool,
    kit: Kit | None = None,
    sound: SynthSound = DEFAULT_SOUND,
) -> None:
    """Write a take, as the ending of the file's name says. Raises ConfigError."""
    suffix = file_to_write(file, force)
    kit = RINGING if suffix == ".wav" else kit or performance.head.kit
    end_tick = take.meters.bar_line(take.bars) * TICKS_PER_STEP
    try:
        with replacing(file) as draft:
            if suffix == ".jsonl":
                draft.write_text("".join(_json_lines(performance, take, kit)), encoding="utf-8")
            else:
                messages = repeat(take.steps, take.meters, take.tempos, kit)
                if suffix == ".mid":
                    _write_mid(draft, performance, take, messages, end_tick)
                else:
                    _write_wav(draft, take, messages, end_tick, sound)
    except OSError as error:
        raise ConfigError(f"cannot write {file}: {error.strerror}") from None
    hits = sum(len(step.hits) for step in take.steps)
    click.echo(f"{file}: {take.bars} bars as they were played, {hits} hits")


def _write_mid(
    file: Path,
    performance: Performance,
    take: Take,
    messages: tuple[tuple[int, bytes], ...],
    end_tick: int,
) -> None:
    from polyrhythmia_live.wires.midi_file import write_midi_file

    tempos = [(step * TICKS_PER_STEP, bpm) for step, bpm in take.tempos]
    name = f"Polyrhythmia {performance.head.controls.genre_name} {performance.head.began}"
    write_midi_file(file, messages, tempos, take.meters, name, end_tick)


def _write_wav(
    file: Path,
    take: Take,
    messages: tuple[tuple[int, bytes], ...],
    end_tick: int,
    sound: SynthSound,
) -> None:
    from polyrhythmia_live.wires.wav_file import render_wav

    seconds_at = _in_seconds(take)
    timed = [(seconds_at(tick), message) for tick, message in messages]
    resolved = resolve_sound(sound.soundfont, sound.kit, sound.gain)
    with closing(open_synth(resolved)) as synth:
        render_wav(file, timed, synth, end_seconds=seconds_at(end_tick))


def _in_seconds(take: Take) -> Callable[[int], float]:
    """From a tick of a take to its seconds, by the take's tempos."""
    first, *later = ((step * TICKS_PER_STEP, bpm) for step, bpm in take.tempos)
    lines = [Timeline(first[1])]
    for tick, bpm in later:
        lines.append(lines[-1].from_tick(tick, bpm))

    def seconds_at(tick: int) -> float:
        after = bisect_right(lines, tick, key=lambda line: line.tick_origin)
        return lines[max(0, after - 1)].time_at(tick)

    return seconds_at


def _json_lines(performance: Performance, take: Take, kit: Kit) -> Iterator[str]:
    """A line about the performance, then one per hit, as `render` writes them."""
    head = performance.head
    about: dict[str, Any] = {
        "model": head.model,
        "digest": head.digest,
        "genre": dict(head.controls.genre),
        "bpm": [[step, bpm] for step, bpm in take.tempos],
        "meter": str(take.meters),
        "seed": head.seed,
        "began": head.began,
    }
    yield json.dumps(about) + "\n"
    yield from hit_lines(take.steps, take.meters, kit)

"""Flags that more than one command has, and where they may also come from.

A flag wins over its environment variable (`POLYRHYTHMIA_PLAY_GENRE`, ...), that over the
configuration file, that over the last performance (`play` only), that over the preset, that over
the default.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
import platformdirs

from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.control.mixture import read_genre
from polyrhythmia_live.control.word import read_part
from polyrhythmia_live.drummer.card import DEFAULT_MODEL, Card
from polyrhythmia_live.drummer.open import load_card
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import VOICES_MAX
from polyrhythmia_live.presets.performances import Preset, load_preset
from polyrhythmia_live.rhythm.control import Weights
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.wires.base import GAIN, SynthSound
from polyrhythmia_live.wires.soundfont_kits import find_drum_kit, same_sounds

F = TypeVar("F", bound=Callable[..., Any])


class NumberRange(click.FloatRange):
    """A number within bounds. `nan` is none, though it is not outside of any."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class LevelType(click.types.FloatParamType):
    """A value of a level of the control table, written as the performer likes: 70, 70% or 0.7."""

    def __init__(self, name: str) -> None:
        self._level = LEVELS[name]
        self.name = self._level.unit or "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            return self._level.read(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _about(name: str) -> str:
    """The control table's words, for a flag."""
    level = LEVELS[name]
    share = level.unit == "%"
    low, high, usual = (
        f"{100 * value:g} %" if share else f"{value:g}"
        for value in (level.low, level.high, level.default)
    )
    return f"{low} to {high}: {level.about}; {usual} unless given."


_DRUMMER_OPTIONS = (
    click.option(
        "--preset",
        default="default",
        show_default=True,
        help="`scripts/polyrhythmia presets` lists them; or a .toml file of your own.",
    ),
    click.option(
        "--model",
        default=DEFAULT_MODEL,
        show_default=True,
        help="A network in models/ (name) or elsewhere (path of its .json).",
    ),
    click.option(
        "--genre",
        default=None,
        help="What to play, or two: 'rock 60 jazz'; `scripts/polyrhythmia genres` lists them.",
    ),
    click.option(
        "--bpm",
        type=LevelType("tempo"),
        default=None,
        help="Tempo of the internal clock, in quarter notes per minute; unless given, the preset's "
        "or the genre's usual one. Another genre while playing keeps the tempo.",
    ),
    *(
        click.option(f"--{name}", type=LevelType(name), default=None, help=_about(name))
        for name in DRUMMER_LEVELS
    ),
    click.option(
        "--top-k",
        type=click.IntRange(0, 512),
        default=0,
        show_default=True,
        help="Draw from the k likeliest steps only; 0 = from all.",
    ),
    click.option(
        "--top-p",
        type=NumberRange(0, 1, min_open=True),
        default=1.0,
        show_default=True,
        help="Draw from the likeliest steps that make up this probability.",
    ),
    click.option(
        "--meter",
        default=None,
        help="A time signature such as 4/4 or 7/8; 7/8=2+2+3 says how its notes are grouped.",
    ),
    click.option(
        "--voice",
        "voices",
        multiple=True,
        metavar="'NAME RATIO METER LANES'",
        help="Lanes on their own, beside the drums: 'bell 7:4 ride' plays seven beats in the time "
        "of four, 'hats 5/4 hats' bars of five; up to three. In place of the preset's.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=None,
        help="Same seed, same controls, same notes; drawn if not given.",
    ),
)


midi_system_option = click.option(
    "--midi-system",
    # Not `midi.system.SETTINGS`: that would load rtmidi before `play` has started its processes.
    type=click.Choice(["auto", "alsa", "jack", "core", "rtmidi-jack"]),
    default="auto",
    show_default=True,
)


def drummer_options(command: F) -> F:
    """Add the flags that say what is played."""
    for option in reversed(_DRUMMER_OPTIONS):
        command = option(command)
    return command


GAIN_MAX = 10
"""FluidSynth's own limit."""

_SYNTH_OPTIONS = (
    click.option(
        "--soundfont",
        type=click.Path(path_type=Path),
        default=None,
        help="For the synth; default: a drum kit with velocity layers, else General MIDI.",
    ),
    click.option(
        "--synth-kit",
        default=None,
        metavar="NAME|PROGRAM|BANK:PROGRAM",
        help="Its drum kit: standard, power, brush, tr-808 ...; "
        "`scripts/polyrhythmia kits --synth` lists what the soundfonts have.",
    ),
    click.option(
        "--gain",
        type=NumberRange(0, GAIN_MAX),
        default=GAIN,
        show_default=True,
        help="Its loudness; a bar played hard clips above about 0.5.",
    ),
)


progress_option = click.option(
    "--progress", is_flag=True, help="Say how far it is in lines, for programs that wait for it."
)
force_option = click.option("--force", is_flag=True, help="Replace a FILE that is there already.")


def synth_options(command: F) -> F:
    """Add the flags that say how the synth sounds."""
    for option in reversed(_SYNTH_OPTIONS):
        command = option(command)
    return command


def resolve_sound(soundfont: Path | None, synth_kit: str | None, gain: float) -> SynthSound:
    """How the synth is to sound; says so where the kit that is asked for sounds as another.

    Raises SynthUnavailable for a soundfont or a kit that cannot be had.
    """
    sound = SynthSound(soundfont, synth_kit, gain)
    kit = find_drum_kit(sound)
    other = same_sounds(kit) if synth_kit is not None else None
    if other is not None:
        click.echo(
            f"drum kit '{kit.preset.name}' sounds as '{other.preset.name}': "
            f"{kit.soundfont.name} has the same samples for both",
            err=True,
        )
    return sound


def offsets_file() -> Path:
    """Where `calibrate` keeps, and `play` finds, how early each output is played."""
    return platformdirs.user_config_path("polyrhythmia") / "offsets.toml"


@dataclass(frozen=True, slots=True)
class Score:
    """What is to be played: the drummer's flags, resolved. `given_bpm`: by a flag."""

    card: Card
    preset: Preset
    controls: ControlState
    given_bpm: float | None
    meter: Meter
    seed: int
    parts: tuple[Part, ...] = ()

    @property
    def tempo_bpm(self) -> float:
        """That of the flag, or of the preset, or the one that the genre is usually played at."""
        usual_bpm = self.card.tempos_bpm[self.controls.genre_name]
        return self.given_bpm or self.preset.tempo_bpm or usual_bpm

    @property
    def meters(self) -> MeterMap:
        """Where its bar lines are: one meter from the first to the last."""
        return MeterMap.of(self.meter)


def resolve_score(
    preset: str,
    model: str,
    genre: str | None,
    bpm: float | None,
    meter: str | None,
    seed: int | None,
    top_k: int,
    top_p: float,
    voices: Sequence[str] = (),
    **levels: float | None,
) -> Score:
    """Flags over preset over defaults.

    Raises PresetError, CheckpointError or ConfigError with one line for the performer.
    """
    base = load_preset(preset)
    card = load_card(model)
    chosen = _genre(genre if genre is not None else base.genre, card)
    controls = ControlState(genre=chosen, top_k=top_k, top_p=top_p)
    for name, value in {**base.levels, **_given(levels)}.items():
        controls = controls.with_level(name, value)
    return Score(
        card=card,
        preset=base,
        controls=controls,
        given_bpm=bpm,
        meter=_meter(meter) if meter is not None else base.meter,
        seed=seed if seed is not None else random.SystemRandom().getrandbits(32),
        parts=_parts(voices) if voices else base.parts,
    )


def _genre(typed: str, card: Card) -> Weights:
    known = f"a genre of the model {card.name} (`scripts/polyrhythmia genres` lists them)"
    try:
        return read_genre(typed, card.genres, known)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _meter(text: str) -> Meter:
    try:
        return Meter.parse(text)
    except ValueError as error:
        raise ConfigError(f"--meter: {error}") from error


def _parts(voices: Sequence[str]) -> tuple[Part, ...]:
    if len(voices) >= VOICES_MAX:
        raise ConfigError(f"--voice: expected {VOICES_MAX - 1} voices beside the drums at the most")
    try:
        parts = {part.name: part for part in map(read_part, voices)}
    except ValueError as error:
        raise ConfigError(f"--voice: {error}") from error
    return tuple(parts.values())


def _given(levels: dict[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in levels.items() if value is not None}

"""`polyrhythmia play`: the daemon, in the foreground."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import click
import platformdirs

from polyrhythmia_live.calibration.offsets import OFFSET_MAX_MS, SYNTH, read_offsets
from polyrhythmia_live.cli.offsets import OutputOffsets
from polyrhythmia_live.cli.options import (
    Score,
    drummer_options,
    offsets_file,
    resolve_score,
    synth_options,
)
from polyrhythmia_live.clock.base import Follow, OnClockLoss, Smoothing
from polyrhythmia_live.config import (
    VIRTUAL_OUT,
    BrainConfig,
    Config,
    PlayerConfig,
    PortOutput,
    SynthConfig,
    SynthSound,
)
from polyrhythmia_live.control.help_text import plain_table
from polyrhythmia_live.control.terminal import Terminal
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.link.base import LinkRole
from polyrhythmia_live.presets.kits import load_kit
from polyrhythmia_live.rhythm.control import DRUMMER_LEVELS
from polyrhythmia_live.supervisor import Supervisor


@click.command(epilog=f"\b\nKeys and MIDI controllers:\n\n\b\n{plain_table()}")
@drummer_options
@click.option(
    "-o",
    "--out",
    "outs",
    multiple=True,
    help="A MIDI output port, by name; may be given several times.",
)
@click.option(
    "-i",
    "--in",
    "ins",
    multiple=True,
    help="A MIDI input port with knobs and pedals, by name; several times.",
)
@click.option(
    "--clock-in",
    default=None,
    help="Follow MIDI clock, Start, Stop and Song Position from this port.",
)
@click.option(
    "--clock-out",
    "clock_outs",
    multiple=True,
    help=f"Send MIDI clock to this port; several times. '{VIRTUAL_OUT}' is our own.",
)
@click.option(
    "--clock-out-when",
    type=click.Choice(["always", "playing"]),
    default="always",
    show_default=True,
    help="When its pulses are sent; gear knows the tempo at once if they never rest.",
)
@click.option(
    "--follow",
    type=click.Choice([follow.value for follow in Follow]),
    default="both",
    show_default=True,
    help="What of --clock-in: its clock, its Start, Stop and Song Position, or both.",
)
@click.option(
    "--link",
    type=click.Choice([role.value for role in LinkRole]),
    default=None,
    help="Ableton Link: follow a session, or lead it by our clock or --clock-in's.",
)
@click.option(
    "--link-start-stop/--no-link-start-stop",
    default=False,
    show_default=True,
    help="Start and stop together with those in the session who share it.",
)
@click.option(
    "--clock-offset-ms",
    type=click.FloatRange(-100, 100),
    default=0.0,
    show_default=True,
    help="Constant error of the clock's source; positive = later.",
)
@click.option(
    "--clock-smoothing",
    type=click.Choice([smoothing.value for smoothing in Smoothing]),
    default="normal",
    show_default=True,
    help="Tight goes along with a source that wanders, smooth ignores more jitter.",
)
@click.option(
    "--on-clock-loss",
    type=click.Choice([policy.value for policy in OnClockLoss]),
    default="continue",
    show_default=True,
    help="After four bars without clock.",
)
@click.option(
    "--kit",
    default="general-midi",
    show_default=True,
    help="The MIDI map of the instruments on the ports; `polyrhythmia kits` lists them.",
)
@click.option(
    "--offset-ms",
    type=click.FloatRange(-OFFSET_MAX_MS, OFFSET_MAX_MS),
    default=None,
    help="Shift what is sent to MIDI ports; negative = earlier. Default: as `polyrhythmia "
    "calibrate` measured each, or 0.",
)
@click.option(
    "--offset",
    "offsets",
    multiple=True,
    metavar="NAME=MS",
    help="The same for one output: its --out or --clock-out, or 'synth'; several times.",
)
@click.option(
    "--synth/--no-synth",
    default=None,
    help="The embedded synth. Default: where it can sound, and no --out is given.",
)
@synth_options
@click.option(
    "--audio-driver",
    default=None,
    help="For the synth: pulseaudio, alsa, jack, coreaudio, file ...",
)
@click.option(
    "--midi-system",
    type=click.Choice(["auto", "alsa", "jack", "core"]),
    default="auto",
    show_default=True,
)
@click.option(
    "--start/--wait",
    default=True,
    show_default=True,
    help="Unless another's Start is waited for: play at once, or wait for the space bar.",
)
@click.option(
    "--count-in",
    type=click.IntRange(0, 4),
    default=0,
    show_default=True,
    metavar="BARS",
    help="Unless --clock-in counts: count so many bars before the first one.",
)
@click.pass_context
def play(context: click.Context, /, **flags: Any) -> None:
    """Play: to the synth, to a virtual MIDI port, and to every --out."""
    debug = bool(context.find_root().params.get("debug"))
    session = Path(tempfile.mkdtemp(prefix="polyrhythmia-"))
    try:
        config = make_config(flags, session, debug)
        terminal = Terminal(config.genres)
        terminal.say(_greeting(config))
        Supervisor(config, terminal).run()
    finally:
        shutil.rmtree(session, ignore_errors=True)


def _greeting(config: Config) -> str:
    controls, player = config.brain.controls, config.player
    return (
        f"{controls.genre_name} by the {config.brain.model} model on {_source(player)}, seed "
        f"{config.brain.seed}\nspace play/stop, 1-9 genre, arrows density and tempo, f fill, "
        "? all keys, q quit" + "".join(f"\n{note}" for note in config.notes)
    )


def _source(player: PlayerConfig) -> str:
    if player.link is LinkRole.FOLLOW:
        return "the clock of an Ableton Link session"
    if player.clock_in is not None:
        return f"the clock of '{player.clock_in}'"
    return "the internal clock"


def make_config(flags: dict[str, Any], session: Path, debug: bool) -> Config:
    """The flags of `play` as a Config. Raises a PolyrhythmiaError for what does not exist."""
    score = resolve_score(**{name: flags[name] for name in _SCORE_FLAGS})
    address = str(session / "player.sock")
    stored = read_offsets(offsets_file())
    offsets = OutputOffsets(flags["offsets"], flags["offset_ms"], stored)
    return Config(
        player=_player(flags, score, address, offsets),
        brain=BrainConfig(
            address=address,
            model=flags["model"],
            controls=score.controls,
            meter=score.meter,
            seed=score.seed,
            state_file=session / "drummer.state",
        ),
        genres=score.checkpoint.genres,
        lock=_runtime_folder() / "polyrhythmia.lock",
        log=None if debug else platformdirs.user_log_path("polyrhythmia") / "polyrhythmia.log",
        notes=tuple(
            f"{name} plays {abs(1000 * seconds):.0f} ms {'ahead' if seconds < 0 else 'behind'}, "
            "as calibrated"
            for name, seconds in offsets.as_calibrated.items()
        ),
    )


def _runtime_folder() -> Path:
    """This user's folder for sockets and locks; where the system gives none, one of our own."""
    given = os.environ.get("XDG_RUNTIME_DIR")
    return Path(given) if given else Path(tempfile.gettempdir()) / f"polyrhythmia-{os.getuid()}"


_SCORE_FLAGS = (
    "preset", "model", "genre", "bpm", *DRUMMER_LEVELS, "top_k", "top_p", "meter", "seed",
)  # fmt: skip


def _player(
    flags: dict[str, Any], score: Score, address: str, offsets: OutputOffsets
) -> PlayerConfig:
    ports, synth = _ports(flags, offsets), _synth(flags, offsets)
    offsets.refuse_others(port.name for port in ports)
    link = _link(flags)
    shared = link is LinkRole.FOLLOW and flags["link_start_stop"]
    return PlayerConfig(
        address=address,
        ports=ports,
        synth=synth,
        control_ports=tuple(flags["ins"]),
        midi_system=flags["midi_system"],
        clock_in=flags["clock_in"],
        follow=Follow(flags["follow"]),
        clock_offset_seconds=flags["clock_offset_ms"] / 1000,
        on_clock_loss=OnClockLoss(flags["on_clock_loss"]),
        clock_smoothing=Smoothing(flags["clock_smoothing"]),
        tempo_bpm=score.tempo_bpm,
        meter=score.meter,
        groove=score.performance.groove,
        autostart=flags["start"] and flags["clock_in"] is None and not shared,
        link=link,
        link_start_stop=flags["link_start_stop"],
        clock_nonstop=flags["clock_out_when"] == "always",
        count_in_bars=flags["count_in"] if flags["clock_in"] is None else 0,
    )


def _link(flags: dict[str, Any]) -> LinkRole | None:
    """Raises ConfigError for two clocks to follow, and for what means nothing without Link."""
    if flags["link"] is None:
        if flags["link_start_stop"]:
            raise ConfigError("--link-start-stop needs a session: add --link follow or --link lead")
        return None
    if flags["link"] == "follow" and flags["clock_in"] is not None:
        raise ConfigError(
            "expected one clock to follow, got --clock-in and --link follow: leave one out, or "
            "say --link lead to put the clock of --clock-in upon the session"
        )
    return LinkRole(flags["link"])


def _ports(flags: dict[str, Any], offsets: OutputOffsets) -> tuple[PortOutput, ...]:
    """Our own port, and each that is named once, whatever it is sent."""
    kit = load_kit(flags["kit"])
    notes = {name.casefold(): name for name in (VIRTUAL_OUT, *flags["outs"])}
    clock = {name.casefold(): name for name in flags["clock_outs"]}
    return tuple(
        PortOutput(
            name,
            kit,
            offsets.seconds(name),
            virtual=name == VIRTUAL_OUT,
            notes=key in notes,
            clock=key in clock,
        )
        for key, name in (clock | notes).items()
    )


def _synth(flags: dict[str, Any], offsets: OutputOffsets) -> SynthConfig | None:
    """Wanted if asked for; else where nothing else sounds. Asked for by name, it must work."""
    named = any(flags[flag] is not None for flag in ("soundfont", "synth_kit", "audio_driver"))
    wanted = flags["synth"] if flags["synth"] is not None else named or not flags["outs"]
    if not wanted:
        return None
    return SynthConfig(
        sound=SynthSound(flags["soundfont"], flags["synth_kit"], flags["gain"]),
        driver=flags["audio_driver"],
        offset_seconds=offsets.seconds(SYNTH),
        required=named or flags["synth"] is True,
    )

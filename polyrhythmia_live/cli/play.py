"""`polyrhythmia play`: the daemon, in the foreground."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from polyrhythmia_live.calibration.offsets import OFFSET_MAX_MS
from polyrhythmia_live.cli.options import (
    NumberRange,
    drummer_options,
    midi_system_option,
    synth_options,
)
from polyrhythmia_live.cli.page import web_bind_option
from polyrhythmia_live.cli.play_config import make_config
from polyrhythmia_live.clock.base import ClockSwing, Follow, OnClockLoss, Smoothing
from polyrhythmia_live.clock.link.base import LinkRole
from polyrhythmia_live.config import Config, PlayerConfig
from polyrhythmia_live.control.help_text import plain_table
from polyrhythmia_live.control.journal import Journal
from polyrhythmia_live.control.terminal import Terminal
from polyrhythmia_live.midi.names import VIRTUAL_CONTROL, VIRTUAL_OUT
from polyrhythmia_live.supervisor.guest import Guest
from polyrhythmia_live.supervisor.process import Supervisor
from polyrhythmia_live.tui import require_tui

OSC_PORT = 9100


@click.command(epilog=f"\b\nKeys and MIDI controllers:\n\n\b\n{plain_table()}")
@drummer_options
@click.option(
    "-o",
    "--out",
    "outs",
    multiple=True,
    metavar="NAME[=KIT]",
    help="A MIDI output port, by name, and its MIDI map where it is not that of --kit; may be "
    "given several times.",
)
@click.option(
    "-i",
    "--in",
    "ins",
    multiple=True,
    help="A MIDI input port with knobs and pedals, by name; several times.",
)
@click.option(
    "--controller",
    "controllers",
    multiple=True,
    metavar="NAME|FILE",
    help="What is plugged in, and listened to: `scripts/polyrhythmia controllers` lists them; or a "
    ".toml file of your own; several times. An --in whose name fits one has its map unasked.",
)
@click.option(
    "--control-channel",
    type=click.IntRange(1, 16),
    default=None,
    help="Hear knobs and pedals on this channel only: a pianist's pedal on another plays no fills.",
)
@click.option(
    "--clock-in",
    default=None,
    help="Follow MIDI clock, Start, Stop and Song Position from this port; 'control' is our own "
    f"'{VIRTUAL_CONTROL}', for a DAW that sends its sync there.",
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
    type=NumberRange(-100, 100),
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
    "--clock-swing",
    type=click.Choice([swing.value for swing in ClockSwing]),
    default="even",
    show_default=True,
    help="Where the source's own pulses swing: its beat's average, or swing along.",
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
    help="The MIDI map of the ports that --out names none for; `scripts/polyrhythmia kits` lists "
    "them.",
)
@click.option(
    "--offset-ms",
    type=NumberRange(-OFFSET_MAX_MS, OFFSET_MAX_MS),
    default=None,
    help="Shift what is sent to MIDI ports; negative = earlier. Default: as "
    "`scripts/polyrhythmia calibrate` measured each, or 0.",
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
    "--osc",
    type=click.IntRange(1024, 65535),
    is_flag=False,
    flag_value=OSC_PORT,
    default=None,
    metavar="[PORT]",
    help=f"Be led over OSC as well, at a UDP port ({OSC_PORT} unless given): "
    "/polyrhythmia/density 0.7, /polyrhythmia/fill; docs/osc.md. Off by default.",
)
@click.option(
    "--osc-bind",
    default=None,
    metavar="ADDRESS",
    help="Where --osc is heard. Default: this machine alone. 0.0.0.0 = on every network, by "
    "anybody there.",
)
@click.option(
    "--web",
    is_flag=True,
    help="Serve the page: see, hear and lead it in a browser on this machine (extra web).",
)
@web_bind_option
@midi_system_option
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
@click.option(
    "--set-list",
    default=None,
    metavar="NAME|FILE",
    help="Songs and their sections, to be led through with Tab, pedals or `section chorus`; "
    "`scripts/polyrhythmia set-lists` lists them.",
)
@click.option(
    "--fresh",
    is_flag=True,
    help="Begin anew. Otherwise the drummer goes on from the preset's last performance, with its "
    "genre and levels, unless a flag says another or --seed is given.",
)
@click.option(
    "--plain",
    is_flag=True,
    help="Show one status line, and not the grid of the bar that sounds and the next one.",
)
@click.option(
    "--tui",
    is_flag=True,
    help="Show everything there is, and take the mouse, too. Needs the extra tui.",
)
@click.pass_context
def play(context: click.Context, /, **flags: Any) -> None:
    """Play: to the synth, to a virtual MIDI port, and to every --out."""

    if flags["tui"]:
        require_tui()

    def terminal(config: Config) -> Terminal | Guest:
        own = Terminal(config.genres, config.brain.meters, flags["plain"])
        return Guest(own, config.desk.socket) if flags["tui"] else own

    perform(context, flags, terminal, _greeting)


def perform(
    context: click.Context,
    flags: dict[str, Any],
    terminal: Callable[[Config], Terminal | Guest | Journal],
    greeting: Callable[[Config], str],
) -> None:
    """One performance, before the terminal that is made for it; it begins with the greeting."""
    debug = bool(context.find_root().params.get("debug"))
    session = Path(tempfile.mkdtemp(prefix="polyrhythmia-"))
    try:
        config = make_config(flags, session, debug)
        Supervisor(config, terminal(config)).run(greeting(config))
    finally:
        shutil.rmtree(session, ignore_errors=True)


def _greeting(config: Config) -> str:
    controls, player = config.brain.controls, config.player
    seed = "" if config.brain.remembers else f", seed {config.brain.seed}"
    return (
        f"{controls.genre_words} on {source(player)}{seed}\n"
        "space play/stop, 1-9 genre, arrows density and tempo, f fill, "
        "? all keys, q quit" + "".join(f"\n{note}" for note in config.notes)
    )


def source(player: PlayerConfig) -> str:
    """Whose beat is played to, in words."""
    if player.link is LinkRole.FOLLOW:
        return "the clock of an Ableton Link session"
    if player.clock_in is not None:
        return f"the clock of '{player.clock_in}'"
    return "the internal clock"

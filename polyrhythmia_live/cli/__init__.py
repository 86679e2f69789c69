"""The command line: one file per command; parse, call, print. Nothing else.

Commands are imported when they are called, so `--help` and `--version` load no library that is
slow or may be missing.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

COMMANDS = {
    "play": "Play: to the synth, to a virtual MIDI port, and to every --out.",
    "serve": "Play without a terminal, as a service does.",
    "attach": "The terminal of `play`, on what plays already.",
    "ctl": "Tell what plays something: `ctl set density 70%`, `ctl fill`.",
    "capture": "The last bars that were played, as a MIDI file.",
    "replay": "What sounded in a performance, from its log into a file.",
    "studio": "Loops to make and take in a browser, and what was played.",
    "render": "Play into a file: .mid, .wav or .jsonl.",
    "ports": "List MIDI ports.",
    "kits": "List the MIDI maps of drum machines.",
    "controllers": "List the maps of MIDI controllers.",
    "learn": "Touch a knob or pad, and name what it is to move.",
    "genres": "List what the drummer can play.",
    "presets": "List the performances to begin from.",
    "set-lists": "List the songs to lead through.",
    "init": "Write a folder of your own: flags, a preset, a kit.",
    "doctor": "Check this machine, and say how to mend it.",
    "calibrate": "Measure how late an output sounds, so that `play` sends to it earlier.",
    "prepare": "Read recordings once, into one file to train on.",
    "train": "Train a network on recorded drummers.",
    "evaluate": "Measure a network on recordings it has not seen.",
}
"""Command -> its line in `--help`; the module and the function have its name, with low lines."""

MODULES = {"genres": "kits"}
"""Commands that share another's file."""


class LazyGroup(click.Group):
    """A group that knows its commands' names before it loads any of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        module = importlib.import_module(f"polyrhythmia_live.cli.{MODULES.get(name, name)}")
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={
        "auto_envvar_prefix": "POLYRHYTHMIA",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@click.version_option(package_name="polyrhythmia-live")
@click.option("--debug", is_flag=True, help="Full tracebacks, and the processes' logs here.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=None,
    help="Configuration file: a TOML table per command, a key per flag; or a folder that `init` "
    "wrote. Presets and kits that lie beside it go before all others.",
)
@click.pass_context
def polyrhythmia(context: click.Context, debug: bool, config: Path | None) -> None:
    """A live AI drummer: it keeps playing, in time, to MIDI ports, drum machines or a synth."""
    del debug  # read by `main` and by `play`
    context.default_map = _settings(config)


def _settings(given: Path | None) -> dict[str, Any]:
    """What the configuration file says; the user's own one need not exist."""
    import platformdirs

    from polyrhythmia_live.cli.settings import read_settings
    from polyrhythmia_live.presets.preset_file import look_in

    path = given or platformdirs.user_config_path("polyrhythmia")
    if given is None or given.is_dir():
        path /= "config.toml"
    look_in(None if given is None else path.parent)
    if given is None and not path.exists():
        return {}
    known = {
        name: {
            param.name or "": bool(getattr(param, "multiple", False)) for param in command.params
        }
        for name in COMMANDS
        if (command := polyrhythmia.get_command(click.Context(polyrhythmia), name)) is not None
    }
    return read_settings(path, known)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: one line and exit code 1 where the performer can mend it; 2 for usage."""
    from polyrhythmia_live.cli.streams import patient_streams

    arguments = list(sys.argv[1:] if arguments is None else arguments)
    with patient_streams():
        status = _status_of(arguments)
    sys.exit(status)


def _status_of(arguments: Sequence[str]) -> str | int | None:
    """Run a command; its exit status."""
    from polyrhythmia_live.errors import PolyrhythmiaError

    try:
        polyrhythmia.main(arguments)
    except SystemExit as ended:
        return ended.code
    except PolyrhythmiaError as error:
        if "--debug" in arguments:
            raise
        click.echo(f"polyrhythmia: {error}", err=True)
    except Exception as error:
        if "--debug" in arguments:
            raise
        name = type(error).__name__
        click.echo(f"polyrhythmia: a fault of ours ({name}: {error}); --debug tells more", err=True)
    return 1

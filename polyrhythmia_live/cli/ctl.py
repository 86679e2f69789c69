"""`polyrhythmia ctl`: one command to what plays, from a shell or a script."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from polyrhythmia_live.cli import performances
from polyrhythmia_live.cli.capture import capture_bars
from polyrhythmia_live.cli.options import force_option
from polyrhythmia_live.cli.save import save_playing
from polyrhythmia_live.control.base import LEVELS, TRIGGERS
from polyrhythmia_live.control.status_line import status_line
from polyrhythmia_live.desk.client import DeskClient
from polyrhythmia_live.drums.lanes import GROUPS, LANE
from polyrhythmia_live.errors import PolyrhythmiaError
from polyrhythmia_live.rhythm import choice
from polyrhythmia_live.rhythm.control import Word

ROOMY_COLUMNS = 1000
"""A line that is printed once may be as long as it wants."""


def _shell_name(name: str) -> str:
    """A trigger's name as one word: `end-on-one`, `play-stop`."""
    return name.replace(" ", "-").replace("/", "-")


class Triggers(click.Group):
    """A group in which every trigger of the control table is a command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *map(_shell_name, TRIGGERS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            return command
        trigger = choice.exactly(cmd_name, TRIGGERS)
        return None if trigger is None else _firing(trigger)


def _firing(name: str) -> click.Command:
    trigger = TRIGGERS[name]
    about = f"{name.capitalize()}: {trigger.takes_effect}."
    word = click.Argument(
        ["word"], nargs=-1, required=not trigger.bare, shell_complete=_words,
    )  # fmt: skip
    return click.Command(
        _shell_name(name),
        callback=lambda word=(): _ask(fire=name, word=" ".join(word)),
        params=[] if trigger.word is None else [word],
        help=f"{about} {trigger.about.capitalize()}." if trigger.about else about,
        short_help=about,
    )


@click.group(cls=Triggers)
def ctl() -> None:
    """Tell what plays something: a level, a trigger, or a command in words."""


def _ask(**request: Any) -> None:
    click.echo(performances.client().ask(**request)["answer"])


def _words(context: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The lanes, for a trigger that takes one; for one that takes a name, what is remembered."""
    trigger = TRIGGERS[choice.choose(str(context.info_name), TRIGGERS, "a trigger")]
    names: Iterable[str] = (*LANE, *GROUPS) if trigger.word is Word.LANE else ()
    if trigger.word is Word.NAME:
        try:
            names = DeskClient(performances.desk_socket()).snapshot().remembered
        except PolyrhythmiaError:
            names = ()
    return [CompletionItem(name) for name in names if name.startswith(typed)]


def _levels(_context: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    return [CompletionItem(it, help=LEVELS[it].about) for it in LEVELS if it.startswith(typed)]


def _values(context: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The genres of what plays; of a level that is a number, there is nothing to choose from."""
    if choice.exactly(str(context.params.get("name")), LEVELS) not in ("genre", "towards"):
        return []
    try:
        genres = DeskClient(performances.desk_socket()).genres
    except PolyrhythmiaError:
        return []
    return [CompletionItem(genre) for genre in genres if genre.startswith(typed)]


@ctl.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("name", shell_complete=_levels)
@click.argument("value", nargs=-1, required=True, shell_complete=_values)
def set_(name: str, value: tuple[str, ...]) -> None:
    """Put the level NAME to VALUE: density 70%, density +10, genre jazz, tempo 96 over 8 bars."""
    try:
        level = choice.choose(name, LEVELS, f"one of {', '.join(LEVELS)}")
    except ValueError as error:
        raise PolyrhythmiaError(str(error)) from None
    _ask(say=f"{level} {' '.join(value)}")


@ctl.command()
@click.argument("words", nargs=-1, required=True)
def say(words: tuple[str, ...]) -> None:
    """Ask in words, as after the colon of `play`: "tempo 120 -> 140 over 8 bars"."""
    _ask(say=" ".join(words))


@ctl.command()
@click.option("--json", "as_json", is_flag=True, help="All there is to know, as one JSON object.")
def status(as_json: bool) -> None:
    """Say how everything stands, in the words of the status line."""
    client = performances.client()
    if as_json:
        click.echo(json.dumps(client.ask(ask="snapshot")["snapshot"], ensure_ascii=False))
    else:
        click.echo(status_line(client.snapshot(), client.meters, ROOMY_COLUMNS))


@ctl.command()
def remembered() -> None:
    """Name the grooves that can be recalled, the latest remembered last."""
    for name in performances.client().snapshot().remembered:
        click.echo(name)


@ctl.command()
@click.argument("name", nargs=-1, required=True)
@click.option("--about", default=None, metavar="TEXT", help="The line that `presets` shows.")
@click.option("--force", is_flag=True, help="In the place of the preset of that name.")
def save(name: tuple[str, ...], about: str | None, force: bool) -> None:
    """Write what plays as the preset NAME: genre, levels, tempo, meter and the last bar.

    It is one of your own from then on, for `play --preset NAME`. Mutes, locks and cues are not in
    it. It goes into `performances` in the folder of --config, or in ~/.config/polyrhythmia.
    """
    save_playing(" ".join(name), about, force)


@ctl.command()
@click.argument("bars", type=click.IntRange(1))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@force_option
def capture(bars: int, file: Path | None, force: bool) -> None:
    """Write the last BARS bars into FILE (.mid): they were kept before you asked."""
    log = performances.client().ask(ask="log")["log"]
    capture_bars(Path(log), bars, file, force)

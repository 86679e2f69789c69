"""`polyrhythmia learn`: touch a knob, and name what it is to move."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

import click

from polyrhythmia_live.cli.controllers import sent, usual_genres
from polyrhythmia_live.cli.options import midi_system_option
from polyrhythmia_live.cli.performances import anything_plays
from polyrhythmia_live.control.base import CONTROLS, LEVELS, TRIGGERS
from polyrhythmia_live.control.controller.base import Entry
from polyrhythmia_live.control.controller.learning import Listening
from polyrhythmia_live.control.word import read_word
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import PortState
from polyrhythmia_live.midi.inputs import MidiInPort
from polyrhythmia_live.midi.names import stable
from polyrhythmia_live.midi.system import MidiSystem
from polyrhythmia_live.presets.controller_text import (
    new_text,
    own_file,
    read_text,
    with_entry,
    write,
)
from polyrhythmia_live.presets.controllers import (
    controller_file,
    controller_names,
    load_controller,
    read_controller,
)
from polyrhythmia_live.rhythm.choice import choose, exactly

NAMES = tuple(control.name for control in CONTROLS)
COLUMNS = 3
QUIET_SECONDS = 0.8
"""Whoever has not touched anything for so long is done."""

LOOK_SECONDS = 0.1
RESTLESS_SECONDS = 0.3
"""What a controller says within so long of being listened to is where it stands, and no touch."""

Heard = SimpleQueue[tuple[str, bytes, float]]


@click.command()
@click.argument("control", nargs=-1)
@click.option(
    "--controller",
    default=None,
    metavar="NAME|FILE",
    help="Whose map it goes into; default: that of the port that it came from.",
)
@click.option("--port", default=None, help="Listen to this MIDI input only, by name.")
@midi_system_option
def learn(control: tuple[str, ...], controller: str | None, port: str | None,
          midi_system: str) -> None:  # fmt: skip
    """Touch a knob, pad or button, and it moves CONTROL from then on.

    A trigger may be told a word: `learn break 4`, `learn section chorus`. Without CONTROL, pick
    from a list, one after the other. What is found goes into a file of yours in the folder
    `controllers` beside the configuration file, which `controllers show` prints.
    """
    wanted = _wanted(" ".join(control)) if control else None
    heard: Heard = SimpleQueue()
    with ExitStack() as stack:
        system = stack.enter_context(closing(MidiSystem(midi_system)))
        inputs = _listening(stack, system, port, heard)
        click.echo(f"listening to {', '.join(inputs)}; Ctrl-C ends it")
        if anything_plays():
            click.echo("what plays now hears the knob too, and the new map when it is started next")
        for name, word in [wanted] if wanted else _picked():
            at, entry = _touched(name, heard)
            _keep(controller, at, replace(entry, word=word))


def _listening(stack: ExitStack, system: MidiSystem, wanted: str | None, heard: Heard) -> list[str]:
    """Open the inputs; those that will not open are named. Raises PortError, or ConfigError."""
    there = [system.find_input(wanted)] if wanted is not None else list(system.inputs())
    opened: list[str] = []
    for name in there:
        receive = partial(_pass_on, heard, stable(name))
        its = stack.enter_context(closing(MidiInPort(system, name, receive)))
        if its.condition.state is PortState.OPEN:
            opened.append(f"'{stable(name)}'")
        else:
            click.echo(f"'{stable(name)}' does not open: does another program hold it?", err=True)
    if not opened:
        raise ConfigError("no MIDI input can be listened to: plug the controller in, and see "
                          "`scripts/polyrhythmia ports`")  # fmt: skip
    return opened


def _pass_on(heard: Heard, port: str, message: bytes, at_seconds: float) -> None:
    heard.put((port, message, at_seconds))


def _wanted(typed: str) -> tuple[str, str]:
    """The control that was typed, and the word that a trigger is told. Raises ConfigError."""
    words = typed.split()
    try:
        for count in range(len(words), 0, -1):
            if (name := exactly(" ".join(words[:count]), NAMES)) is not None:
                return name, _word(name, " ".join(words[count:]))
        name = choose(typed, NAMES, "a control")
        return name, _word(name, "")
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _word(name: str, typed: str) -> str:
    """What a trigger is told; a level is told nothing. Raises ValueError."""
    if name in TRIGGERS:
        return read_word(TRIGGERS[name], typed)
    if typed:
        raise ValueError(f"expected {name} alone, which is moved by a knob; got {typed!r}")
    return ""


def _picked() -> Iterator[tuple[str, str]]:
    """The controls that the performer picks, one after the other, until Enter alone."""
    width = max(map(len, NAMES)) + 6
    rows = -(-len(NAMES) // COLUMNS)
    for row in range(rows):
        cells = (f"{n + 1:3} {NAMES[n]}" for n in range(row, len(NAMES), rows))
        click.echo("".join(cell.ljust(width) for cell in cells).rstrip())
    while typed := click.prompt("control (number or name, Enter ends)", "", show_default=False):
        number = int(typed) if typed.isdecimal() else 0
        try:
            yield _wanted(NAMES[number - 1] if 0 < number <= len(NAMES) else typed)
        except ConfigError as error:
            click.echo(str(error), err=True)


def _touched(name: str, heard: Heard) -> tuple[str, Entry]:
    """What the performer touches for a control, and the port that it is at."""
    level = name in LEVELS
    click.echo(f"{name}: " + ("turn it all the way up, then all the way down ..." if level
                              else "press it, once ..."))  # fmt: skip
    from_seconds = time.monotonic() + RESTLESS_SECONDS
    listening = Listening(name)
    while True:
        try:
            port, message, at_seconds = heard.get(timeout=LOOK_SECONDS)
            if at_seconds >= from_seconds:
                listening.hear(port, message, at_seconds)
        except Empty:
            pass
        quiet_seconds = time.monotonic() - listening.changed_seconds
        if listening.changed_seconds and quiet_seconds > QUIET_SECONDS:
            found = listening.found()
            if found is not None:
                return found
            click.echo("not clear yet: " + ("a knob is wanted; further, both ways ..." if level
                                            else "a pad or button is wanted ..."))  # fmt: skip
            listening = Listening(name)


def _keep(controller: str | None, port: str, entry: Entry) -> None:
    """Write it into the performer's file, which begins as ours where there is one."""
    name = controller or _name_of(port)
    path = own_file(name)
    text, lost = with_entry(_text(name, path, port), entry, path)
    write(path, text)
    click.echo(f"{entry.control}: {sent(entry)}, at '{port}'")
    for other in lost:
        click.echo(f"{other} is moved by it no more")
    for fault in read_controller(path, usual_genres()).faults:
        click.echo(fault, err=True)
    click.echo(f"kept in {path}: `scripts/play --controller {name}`")


def _text(name: str, path: Path, port: str) -> str:
    """What the file says so far: the performer's own, else ours, else only whose it is."""
    if path.exists():
        return read_text(path)
    known = not name.endswith(".toml") and name in controller_names()
    return read_text(controller_file(name)) if known else new_text(port)


def _name_of(port: str) -> str:
    """The controller that is plugged in there, or a name for it as a file may have."""
    maps = {name: load_controller(name, ()) for name in controller_names()}
    fitting = [name for name in maps if maps[name].fit(port)]
    if fitting:
        return max(fitting, key=lambda name: maps[name].fit(port))
    last = port.split(":")[-1] if port.split(":")[-1].strip() else port
    return re.sub(r"[^a-z0-9]+", "-", last.casefold()).strip("-") or "controller"

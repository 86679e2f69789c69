"""The supervisor: starts the others, watches them, starts them again, stops them in reverse.

Standard library only: nothing here can be slow or crash in a foreign library. If it dies itself,
the children see their pipes close, end every open note and exit.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, BinaryIO

from polyrhythmia_live.calibration.offsets import SYNTH
from polyrhythmia_live.config import BrainConfig, Config, PlayerConfig
from polyrhythmia_live.control.base import ControlState, consumer_of
from polyrhythmia_live.control.journal import Journal
from polyrhythmia_live.control.presses import NEWS_SECONDS
from polyrhythmia_live.control.terminal import Terminal
from polyrhythmia_live.errors import ConfigError, PolyrhythmiaError
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    AtWork,
    Command,
    Committed,
    Controls,
    Cues,
    Failed,
    Fire,
    Locked,
    Moved,
    Outlook,
    PageAt,
    PortState,
    Quit,
    Remembered,
    Resume,
    Snapshot,
    Status,
    Suspend,
    Unchanged,
)
from polyrhythmia_live.player.ledger import LEDGER_BYTES
from polyrhythmia_live.rhythm.control import Consumer
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.supervisor.child import Child
from polyrhythmia_live.supervisor.guest import Guest
from polyrhythmia_live.system.runtime import PRIVATE_MODE, own_folder
from polyrhythmia_live.system.service import Service
from polyrhythmia_live.system.signals import Signals

PLAYER_MODULE = "polyrhythmia_live.player.process"
BRAIN_MODULE = "polyrhythmia_live.brain.process"
DESK_MODULE = "polyrhythmia_live.desk.process"
LIGHTS_MODULE = "polyrhythmia_live.lights.process"
WEB_MODULE = "polyrhythmia_live.web.process"

HANG_SECONDS = 1.0
"""A player that has not reported for so long spins or hangs: it is killed and started again."""

FIRST_REPORT_SECONDS = 15.0
"""The same, for a player that is still opening ports and loading a soundfont."""

SLOW_HANG_SECONDS = 8.0
"""The same, for brain and desk, which say each second that they are at work: music does not wait
for them, and a busy machine may. One that is still being loaded is waited for."""

STOOD_STILL_SECONDS = 0.3
"""Who has not looked for so long was put to sleep, with the whole machine perhaps: nobody is judged
by it."""

BRAIN_PATIENCE_SECONDS = 5.0
"""If no brain has come up by then, the song starts without one, from the ladder."""

DESK_AFTER_SECONDS = 0.5
"""The desk is started so long after player and brain have come up: the first hit is before it."""

SHOW_SECONDS = 0.1
"""How often desk and lights are told how everything stands."""

DESK_BACKLOG = 10_000
"""What sounded and was obeyed while the desk was away, an hour of it; then the oldest is lost."""

STOP_SECONDS = 0.7
HURRY_SECONDS = 0.1
"""How long the player has to end its notes when the performer has asked twice."""
HEARD_AT_ONCE = 1000
"""Messages of one child in a row; then the others, the keys and the screen have their turn."""

NEWS_BARS = 2
"""How far ahead what was obeyed may hold from, and be shown until then."""

KEPT_ANSWERS = 64
"""So that what is to come at the bar line is not lost behind the presses of another key."""
OUTLOOKS = 2
"""Of each voice: the next one comes a moment before its bar sounds."""

COMING = "the drummer is coming"
"""Until there is one, a song that is to start at once has not."""

DEMO = "scripts/polyrhythmia render demo.wav"

SHARED_MEMORY = Path("/dev/shm")


class Supervisor:
    """One performance, from start to end. Threads: the process's main, and no other."""

    def __init__(self, config: Config, terminal: Terminal | Guest | Journal) -> None:
        self._config = config
        self._terminal = terminal
        self._controls = config.brain.controls
        self._status: Status | None = None
        self._outlooks: dict[str, deque[Outlook]] = {}
        self._cues: dict[str, Cues] = {}
        self._locked: dict[str, Locked] = {}
        self._remembered: tuple[str, ...] = ()
        self._answers: deque[tuple[Applied | Unchanged, float]] = deque(maxlen=KEPT_ANSWERS)
        """With the moment at which each came, the newest first; none to what nobody asked for."""
        self._for_desk: deque[object] = deque(maxlen=DESK_BACKLOG)
        self._shown_at = 0.0
        self._signals = Signals(self._hurry)
        self._service = Service()
        self._looked_at = 0.0
        """When the children were last looked after."""
        self._trouble: dict[Child, str] = {}
        self._notices: set[str] = set()
        self._awaits_brain = self._rolling = config.player.autostart
        """`_rolling`: whether a player that is started anew should play at once."""

    def run(self, greeting: str) -> None:
        """Greet the performer, and play until asked to stop.

        Raises PolyrhythmiaError with one line for the performer when another plays already, or
        when player or brain cannot work as configured.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(_locked(self._config.lock))
            self._terminal.say(greeting)
            log = stack.enter_context(_opened(self._config.log))
            ledger = stack.enter_context(_shared_memory())
            self._player = Child(PLAYER_MODULE, self._player_config, log, (ledger.fileno(),))
            self._brain = Child(BRAIN_MODULE, self._brain_config, log)
            self._desk = Child(DESK_MODULE, lambda: self._config.desk, log)
            self._desk.start_at = math.inf
            self._lights = Child(LIGHTS_MODULE, lambda: self._config.lights, log)
            self._lights.start_at = math.inf
            self._web = Child(WEB_MODULE, lambda: self._config.web, log)
            self._web.start_at = math.inf
            stack.enter_context(self._signals.heeded())
            stack.enter_context(self._terminal.open())
            stack.callback(self._stop)
            self._player.start()
            self._brain.start()
            while not self._signals.ending:
                self._turn()

    @property
    def _children(self) -> dict[str, Child]:
        """In the order in which they are started."""
        return {"player": self._player, "brain": self._brain, "desk": self._desk,
                "lights": self._lights, "page": self._web}  # fmt: skip

    def _turn(self) -> None:
        if self._signals.suspending:
            self._suspend()
        children = {
            child.connection: child
            for child in self._children.values()
            if child.connection is not None
        }
        sources: list[Any] = list(children)
        if self._terminal.fileno() is not None:
            sources.append(self._terminal.fileno())
        for source in wait(sources, self._terminal.still_seconds(self._status)):
            if source in children:
                self._hear_all(children[source])
        for command in self._terminal.commands(self._snapshot(), quit_=self._signals.end):
            self._pass_on(command)
        self._look_after(time.monotonic())
        self._service.alive()
        self._tell_desk()
        self._show()
        self._terminal.show(self._snapshot())

    def _tell_desk(self) -> None:
        """Pass on what sounded and was obeyed.

        The desk is never waited for: what finds no room is kept, as far as it goes.
        """
        while self._for_desk and self._desk.send(self._for_desk[0]):
            self._for_desk.popleft()

    def _show(self) -> None:
        """Tell desk and lights now and then how everything stands; neither is waited for."""
        now_seconds = time.monotonic()
        if now_seconds - self._shown_at < SHOW_SECONDS:
            return
        self._shown_at = now_seconds
        snapshot = self._snapshot()
        if not self._for_desk:
            self._desk.send(snapshot)
        self._lights.send(snapshot)

    def _snapshot(self) -> Snapshot:
        """How everything stands at this moment."""
        parts = () if self._status is None else self._status.parts
        voices = (DRUMS, *(part.name for part in parts))
        outlooks = tuple(outlook for voice in voices for outlook in self._outlooks.get(voice, ()))
        snapshot = Snapshot(
            status=self._status if self._player.connection is not None else None,
            levels=self._controls.levels,
            outlooks=outlooks,
            cues=tuple(cue for voice in self._cues.values() for cue in voice.cues),
            locked=tuple(lane for locked in self._locked.values() for lane in locked.lanes),
            turn=next((voice.turn for voice in self._cues.values() if voice.turn), None),
            remembered=self._remembered,
            section=next((voice.section for voice in self._cues.values() if voice.section), None),
            trouble="  ".join(self._trouble.values()) or (COMING if self._awaits_brain else ""),
            seconds=time.monotonic(),
        )
        answers = (news for news, at_seconds in self._answers
                   if self._is_news(news, at_seconds, snapshot))  # fmt: skip
        return replace(snapshot, answers=tuple(answers))

    def _is_news(self, news: Applied | Unchanged, at_seconds: float, now: Snapshot) -> bool:
        """What became of a command is news for a while, and for as long as it is still to come.

        After a jump, or a start from the top, nothing comes any more that was asked for before.
        """
        if now.seconds - at_seconds < NEWS_SECONDS:
            return True
        if isinstance(news, Unchanged) or not self._rolling or now.status is None:
            return False
        if news.epoch < now.status.epoch:
            return False
        bars_ahead = self._config.brain.meters.bars_later_tick(now.tick, NEWS_BARS)
        return now.tick < news.tick <= bars_ahead

    def _hear_all(self, child: Child) -> None:
        """What a child has said since: a knob in motion is a hundred messages, and one line."""
        for _ in range(HEARD_AT_ONCE):
            self._hear(child)
            if child.connection is None or not child.connection.poll():
                return

    def _hear(self, child: Child) -> None:
        try:
            message = child.receive()
        except EOFError:
            self._lost(child)
            return
        if isinstance(message, Applied | Unchanged | Committed) or _of_the_song(message):
            self._for_desk.append(message)
        if isinstance(message, Status):
            self._tell_ports(message)
            self._light(message)
            self._rolling = self._will_roll(message)
            self._status = message
            self._trouble.pop(child, None)
        elif isinstance(message, Controls):
            self._controls = ControlState.of(message.levels)
            self._trouble.pop(child, None)
            self._awaits_brain = False
        elif isinstance(message, Outlook):
            self._look(message)
        elif isinstance(message, Cues):
            self._cues[message.voice] = message
        elif isinstance(message, Locked):
            self._locked[message.voice] = message
        elif isinstance(message, Remembered):
            self._remembered = message.names
        elif isinstance(message, Applied | Unchanged) and message.command.at_seconds:
            self._answers.appendleft((message, time.monotonic()))
        elif isinstance(message, Command):
            self._pass_on(message)
        elif isinstance(message, AtWork):
            self._trouble.pop(child, None)
            if message.trouble:
                self._say_once(message.trouble, message.trouble)
            if child is self._desk and self._config.web is not None and not self._web.starts:
                self._web.start_at = time.monotonic()
        elif isinstance(message, PageAt):
            self._trouble.pop(child, None)
            self._say_once(message.lead, "\n".join(message.lines))
        elif isinstance(message, Failed):
            if child.starts == 1 and child is not self._lights:
                raise PolyrhythmiaError(message.reason)
            self._trouble[child] = message.reason

    def _look(self, outlook: Outlook) -> None:
        """Keep an outlook; the one before it only where that is of another bar."""
        kept = self._outlooks.setdefault(outlook.voice, deque(maxlen=OUTLOOKS))
        if kept and kept[-1].first_step == outlook.first_step:
            kept.pop()
        kept.append(outlook)

    def _will_roll(self, status: Status) -> bool:
        """A player that was to start by itself may not have come to it yet."""
        started = self._status is not None and self._status.transport is Transport.ROLLING
        return status.transport is Transport.ROLLING or (self._rolling and not started)

    def _tell_ports(self, status: Status) -> None:
        """Say once, in lines that stay, what is open, and why what is not open is silent."""
        if self._status is None:
            for doing, ports in (("playing to", status.outputs), ("listening on", status.inputs)):
                names = [port.name for port in ports if port.condition.state is PortState.OPEN]
                if names:
                    self._terminal.say(f"{doing} {', '.join(names)}")
            self._tell_how_to_hear(status)
        for port in (*status.outputs, *status.inputs):
            if port.notice:
                self._say_once(port.notice, f"{port.name}: {port.notice}")
            if port.condition.state is not PortState.OPEN:
                notice = f"{port.name}: {port.condition.words}"
                self._say_once(f"{port.name}: {port.condition.brief}", notice)

    def _light(self, status: Status) -> None:
        """There are lights once a controller that has some is plugged in."""
        controllers = self._config.lights.controllers
        lit = (port for port in status.inputs if port.condition.state is PortState.OPEN
               and controllers.at(port.name).lights)  # fmt: skip
        if math.isinf(self._lights.start_at) and any(lit):
            self._lights.start_at = time.monotonic()

    def _say_once(self, news: str, line: str) -> None:
        """Say a line that stays, if it is news."""
        if news not in self._notices:
            self._notices.add(news)
            self._terminal.say(line)

    def _tell_how_to_hear(self, status: Status) -> None:
        """Say how to see and hear the drummer, where what should sound could not be opened."""
        is_open = {port.name for port in status.outputs if port.condition.state is PortState.OPEN}
        if is_open and (self._config.player.synth is None or SYNTH in is_open):
            return
        doctor = "(see `scripts/polyrhythmia doctor`)"
        port = f"to {', '.join(sorted(is_open))}" if is_open else doctor
        self._terminal.say(
            "no sound here: see the drummer below, connect an instrument or a DAW\n"
            f"{port},\nor hear a take: `{DEMO}`"
        )

    def _pass_on(self, command: Command) -> None:
        ours = consumer_of(command) is Consumer.BRAIN
        (self._brain if ours else self._player).send(command)

    def _lost(self, child: Child, hung: bool = False) -> None:
        """A child is gone, or hangs: bury it, and say so; `_look_after` starts the next."""
        name = next(name for name, it in self._children.items() if it is child)
        needed = child is self._player or child is self._brain
        stillborn = needed and child.starts == 1 and not child.reported
        exit_status = child.bury()
        if self._signals.ending:  # a service's end asks every process at once
            return
        if stillborn:
            raise PolyrhythmiaError(
                f"the {name} could not start (exit {exit_status}): "
                + (
                    f"{self._config.log} says why"
                    if self._config.log
                    else "the lines above say why"
                )
            )
        if child is self._player:
            self._answers.clear()  # the next one counts its epochs anew
        goes_on = "the groove goes on" if child is self._brain else "starting it again"
        what = "hung" if hung else f"lost (exit {exit_status})"
        self._trouble[child] = f"{name} {what}, {goes_on}"
        # Said for good too: the next one may be there before a screen is drawn again.
        self._terminal.say(self._trouble[child])

    def _look_after(self, now_seconds: float) -> None:
        """Start what is due, kill what hangs, and do not wait for ever for a brain."""
        stood_still = now_seconds - self._looked_at > STOOD_STILL_SECONDS
        self._looked_at = now_seconds
        for child in self._children.values():
            if child.connection is None:
                if now_seconds >= child.start_at:
                    child.start()
            elif stood_still:
                child.heard_at = now_seconds
            elif now_seconds - child.heard_at > self._patience_seconds(child):
                self._lost(child, hung=True)
        if not self._awaits_brain and self._player.reported:
            self._service.ready()
            if math.isinf(self._desk.start_at):
                self._desk.start_at = now_seconds + DESK_AFTER_SECONDS
        if self._awaits_brain and now_seconds - self._brain.heard_at > BRAIN_PATIENCE_SECONDS:
            self._awaits_brain = False
            self._player.send(Fire("start"))

    def _patience_seconds(self, child: Child) -> float:
        """How long nothing may be heard of a child."""
        if child is self._player:
            return HANG_SECONDS if child.reported else FIRST_REPORT_SECONDS
        return SLOW_HANG_SECONDS if child.reported else math.inf

    def _player_config(self) -> PlayerConfig:
        """As configured; after a crash, on from the tempo and the place in the song there were."""
        status = self._status
        if status is None:
            return self._config.player
        rolling = status.transport is Transport.ROLLING
        return replace(
            self._config.player,
            patient=True,
            tempo_bpm=status.timeline.tempo_bpm,
            autostart=self._rolling and not rolling,
            resume=status.timeline if rolling else None,
            ratio=status.ratio,
            mix=status.mix,
            parts=status.parts,
        )

    def _brain_config(self) -> BrainConfig:
        return replace(self._config.brain, controls=self._controls)

    def _suspend(self) -> None:
        """Ctrl-Z: end every note, give the terminal back, and stop until the shell continues us.

        Where no shell could do so, we go on at once.
        """
        for child in (self._player, self._desk):
            child.send(Suspend())
        self._terminal.give_back()
        self._signals.suspend()
        for child in (self._player, self._desk):
            child.send(Resume())

    def _stop(self) -> None:
        """In reverse: the brain has nothing to finish; the player ends its notes.

        The desk hears the player's last word.
        """
        self._service.stopping()
        until_seconds = time.monotonic() + STOP_SECONDS
        self._brain.hang_up()
        self._lights.hang_up()
        self._web.hang_up()
        self._player.send(Quit())
        self._hear_last_words(until_seconds)
        self._tell_desk()
        self._desk.hang_up()
        self._player.stop(until_seconds)
        self._brain.stop(until_seconds)
        self._lights.stop(until_seconds)
        self._web.stop(until_seconds)
        self._desk.stop(until_seconds if self._desk.reported else 0.0)  # one that is yet to come up

    def _hear_last_words(self, until_seconds: float) -> None:
        """What the player has to say until it is gone, for the log."""
        player = self._player.connection
        with contextlib.suppress(EOFError):
            while player is not None and player.poll(max(0.0, until_seconds - time.monotonic())):
                message = self._player.receive()
                if isinstance(message, Applied | Committed) or _of_the_song(message):
                    self._for_desk.append(message)

    def _hurry(self) -> None:
        """The end was asked for twice: nobody is waited for but the player, for its last notes."""
        self._brain.stop(0.0)
        self._desk.stop(0.0)
        self._lights.stop(0.0)
        self._web.stop(0.0)
        self._player.stop(time.monotonic() + HURRY_SECONDS)
        sys.exit(130)


def _of_the_song(message: object) -> bool:
    """Whether the song has moved: its first voice has, and the others with it."""
    return isinstance(message, Moved) and message.voice == DRUMS


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One performance at a time; the lock goes with the process, however it ends."""
    try:
        own_folder(path.parent)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        opened = os.open(path, flags, PRIVATE_MODE)
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror}; set XDG_RUNTIME_DIR to a folder of yours"
        ) from None
    with os.fdopen(opened, "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise ConfigError(
                f"polyrhythmia is already playing (pid {file.read().strip() or 'unknown'}): "
                "stop that one first"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextlib.contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO | None]:
    if path is None:
        yield None
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError:  # no log is no reason not to play
        path = Path(os.devnull)
    with path.open("ab") as file:
        yield file


@contextlib.contextmanager
def _shared_memory() -> Iterator[BinaryIO]:
    """The ledger's bytes: in memory, nameless, and outliving the player."""
    folder = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.TemporaryFile(dir=folder) as file:
        file.truncate(LEDGER_BYTES)
        yield file

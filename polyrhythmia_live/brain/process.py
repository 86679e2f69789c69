"""The brain process: puts the drummer, its horizon and the controls together.

Started by the supervisor as `python -m polyrhythmia_live.brain.process PIPE`, a file descriptor;
the first message on the pipe is a `BrainConfig`. It may be slow and it may crash: the player plays
on, and the supervisor starts the next one, which goes on from the saved state.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Client, Connection, wait

from polyrhythmia_live.brain.ensemble import Ensemble
from polyrhythmia_live.brain.grooves import Grooves
from polyrhythmia_live.brain.horizon import MEMORY, Horizon
from polyrhythmia_live.brain.saved import pack, trouble, unpack
from polyrhythmia_live.config import BrainConfig
from polyrhythmia_live.drummer.open import load_card, open_drummer
from polyrhythmia_live.errors import PolyrhythmiaError
from polyrhythmia_live.messages import (
    DRUMS,
    LIFE_SECONDS,
    Alive,
    Applied,
    Command,
    Committed,
    Controls,
    Failed,
    Fire,
    Hello,
    Plan,
    Remembered,
    Status,
    Unchanged,
)
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.system.note import note
from polyrhythmia_live.system.pipes import send_if_room
from polyrhythmia_live.system.signals import leave_to_the_supervisor

NICENESS = 3
"""Player, JACK and DAW come first, because the brain has bars of time to think. But not by far, or
a knob is heard late on a busy machine: see docs/measured.md."""

HEARD_AT_ONCE = 100
"""How many messages are taken at once, some 5 ms of them; then the plan goes on, even where they
come faster."""

GROOVES = "grooves"
"""The folder beside the state file in which the remembered grooves lie."""

SUPERVISOR_GONE = (EOFError, BrokenPipeError, ConnectionResetError)

KNOCK_SECONDS = 0.05
"""How often a player that is not there yet is tried again."""


class Brain:
    """Feeds what arrives to the horizon, and what the horizon plans to the player.

    Threads: one, the process's main. Real-time: no.
    """

    def __init__(self, config: BrainConfig, supervisor: Connection) -> None:
        card = load_card(config.model)
        drummer = open_drummer(card)
        self._config = config
        self._network = card.digest
        self._supervisor = supervisor
        grooves = Grooves(
            config.state_file.parent / GROOVES, card.digest, card.genres, config.meters
        )
        self._ensemble = Ensemble(
            drummer,
            config.meters,
            config.seed,
            lambda band: Horizon(
                drummer,
                config.meters,
                config.controls,
                config.seed,
                set_list=config.set_list,
                grooves=grooves,
                band=band,
            ),
        )
        self._drums = self._ensemble.first
        self._told: dict[str, object] = {}
        """What the supervisor was told last of the levels, and of each voice's outlook."""
        self._answers: list[Applied | Unchanged] = []
        self._unplanned = 0
        self._live_at = 0.0
        if config.state_file.exists():
            # Whatever is wrong with the file, the drummer plays.
            try:
                self._recollect(card.genres)
            except Exception as error:
                note(f"{config.state_file}: {trouble(error)}")

    def _recollect(self, genres: Sequence[str]) -> None:
        """Go on where the last brain stood, or begin with what an earlier run remembers."""
        config = self._config
        run, song = unpack(config.state_file.read_bytes(), self._network, genres, config.meters)
        if run == config.run:
            self._drums.restore(song, song.uncommitted)
        elif config.remembers:
            self._drums.restore(song.let_go, 0)

    def save(self) -> None:
        """Put the state into its file. A full disk must not end a performance."""
        config = self._config
        saved = pack(self._drums.save(), config.run, self._network, config.meters)
        try:
            with replacing(config.state_file) as draft:
                draft.write_bytes(saved)
        except OSError as error:
            note(f"{config.state_file}: {error.strerror}")

    def run(self) -> None:
        """Serve one player after the other, for as long as there is a supervisor."""
        while True:
            with self._knock() as player:
                try:
                    self._serve(player)
                except _PlayerGone:
                    continue

    def _knock(self) -> Connection:
        while True:
            try:
                connection: Connection = Client(self._config.address, family="AF_UNIX")
            except OSError:
                self._live()
                if self._supervisor.poll(KNOCK_SECONDS):
                    self._take(self._supervisor.recv())
            else:
                return connection

    def _serve(self, player: Connection) -> None:
        """One small chunk of the plan at a time, so that a knob never waits long."""
        _send(player, Hello())
        idle = False
        while True:
            self._live()
            self._hear(player, LIFE_SECONDS if idle else 0)
            self._tell("levels", Controls(self._drums.controls.levels))
            self._tell("grooves", Remembered(self._drums.remembered))
            self._tell("cues", self._drums.cues())
            self._tell("locks", self._drums.locked())
            self._answer()
            plan = self._ensemble.next_plan()
            if plan is not None:
                _send(player, plan)
            idle = plan is None
            if not isinstance(plan, Plan):  # a standby can be waited for
                for horizon in self._ensemble.horizons:
                    self._tell(f"outlook of {horizon.voice}", horizon.outlook())

    def _live(self) -> None:
        """Say now and then that we are at work."""
        now_seconds = time.monotonic()
        if now_seconds >= self._live_at:
            self._live_at = now_seconds + LIFE_SECONDS
            send_if_room(self._supervisor, Alive())

    def _hear(self, player: Connection, timeout: float) -> None:
        """Take in what has come: no message waits while a chunk is made for each one before it.

        A knob in motion sends hundreds in a second, and the commits stand in the same line.
        """
        for _ in range(HEARD_AT_ONCE):
            sources = wait([player, self._supervisor], timeout)
            if not sources:
                return
            for source in sources:
                if source is player:
                    self._take(_receive(player))
                else:
                    self._take(self._supervisor.recv())
            timeout = 0

    def _take(self, message: object) -> None:
        answer = self._ensemble.receive(message)
        if answer is not None:
            self._answers.append(answer)
        elif isinstance(message, Command):
            self._answers.append(Unchanged(message))
        if isinstance(message, Committed) and self._ends_a_bar(message):
            self.save()
        elif isinstance(message, Fire) and message.name in (*MEMORY, "undo"):
            self.save()  # a brain that is lost in this bar must not lose what is kept
        elif isinstance(message, Status):
            self._note(message)

    def _answer(self) -> None:
        """Say what became of commands, after what they changed: a screen draws one by the other."""
        for answer in self._answers:
            send_if_room(self._supervisor, answer)
        self._answers.clear()

    def _ends_a_bar(self, committed: Committed) -> bool:
        line = committed.step.index + 1
        return committed.voice == DRUMS and self._config.meters.is_bar_line(line)

    def _note(self, status: Status) -> None:
        """Leave a line in the log where the player had to go on without a plan."""
        unplanned = sum(status.rung_steps[1:])
        if unplanned > self._unplanned:
            note(f"{unplanned - self._unplanned} steps were not planned in time")
        self._unplanned = unplanned

    def _tell(self, about: str, news: object) -> None:
        """Tell the supervisor, if it is news."""
        if self._told.get(about) != news and send_if_room(self._supervisor, news):
            self._told[about] = news


class _PlayerGone(Exception):
    """The player's end of the connection is closed; the supervisor will start another."""


def _receive(player: Connection) -> object:
    try:
        message: object = player.recv()
    except (EOFError, OSError) as error:
        raise _PlayerGone from error
    return message


def _send(player: Connection, message: object) -> None:
    try:
        player.send(message)
    except OSError as error:
        raise _PlayerGone from error


def main() -> None:
    """Entry point: the file descriptor of the supervisor's pipe."""
    leave_to_the_supervisor()
    os.nice(NICENESS)
    supervisor = Connection(int(sys.argv[1]))
    try:
        brain = Brain(supervisor.recv(), supervisor)
        try:
            brain.run()
        except SUPERVISOR_GONE:
            brain.save()  # what was turned since the last bar line
    except PolyrhythmiaError as error:
        supervisor.send(Failed(str(error)))
        sys.exit(1)
    except SUPERVISOR_GONE:
        pass  # nothing was begun


if __name__ == "__main__":
    main()

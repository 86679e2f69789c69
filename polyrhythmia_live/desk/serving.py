"""What the desk is told goes to its clients and into the log; what they ask for goes back."""

from __future__ import annotations

import asyncio
import importlib.metadata
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from polyrhythmia_live.config import DeskConfig, OscConfig
from polyrhythmia_live.desk.door import Client, Door, Held
from polyrhythmia_live.desk.outcome import outcome
from polyrhythmia_live.desk.performance_log import PerformanceLog
from polyrhythmia_live.desk.plain import PROTOCOL_VERSION, line, plain
from polyrhythmia_live.desk.requests import Id, Request, id_of, read_object, request, table
from polyrhythmia_live.desk.words import words
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import (
    LIFE_SECONDS,
    Alive,
    Applied,
    AtWork,
    Command,
    Committed,
    Fire,
    Moved,
    Press,
    Resume,
    Snapshot,
    Suspend,
    Unchanged,
)
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.system.pipes import send_if_room

if TYPE_CHECKING:
    from polyrhythmia_live.desk.osc.door import OscDoor

ANSWER_SECONDS = 2.0
"""How long a client waits to hear what became of a command."""

NO_ANSWER = "no answer: is something starting again?"
PAUSED = "paused by Ctrl-Z: `fg` in its terminal goes on"

LINGER_SECONDS = 0.6
HEARD_AT_ONCE = 1000

FAREWELL = "the performance has ended"

Reply = Callable[..., None]
"""Called once with what is to be told: `answer` and `news`, `snapshot` or `error`."""


@dataclass(slots=True, eq=False)
class _Asked:
    """A request that is still to be answered: what became of its commands, with the next snapshot.

    `client` None = who asked is no client of the socket, and cannot leave. `waiting` are the
    commands nobody has answered; a request without commands is for the snapshot.
    """

    client: Client | None
    reply: Reply
    commands: tuple[Command, ...]
    waiting: set[Command]
    news: list[Applied | Unchanged] = field(default_factory=list)


class Desk:
    """Threads: one, the process's main. Real-time: no."""

    def __init__(self, config: DeskConfig, supervisor: Connection) -> None:
        self._config = config
        self._supervisor = supervisor
        self._product = importlib.metadata.version("polyrhythmia-live")
        self._log = PerformanceLog(config.log, config.head, self._product)
        self._door = Door(config.socket, self._greeting(), self._hear_client, self._let_go)
        self._osc = None if config.osc is None else self._osc_door(config.osc)
        self._asked: list[_Asked] = []
        self._last_stamp_seconds = 0.0
        self._told = ""
        self._paused = False
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Serve until the supervisor is gone or a signal asks for the end."""
        loop = asyncio.get_running_loop()
        # A service's end asks every process at once, and the player has a last word.
        end_soon = partial(loop.call_later, LINGER_SECONDS, self._ended.set)
        loop.add_signal_handler(signal.SIGTERM, end_soon)
        trouble = []
        try:
            await self._door.open()
        except OSError as error:
            trouble.append(f"no `scripts/polyrhythmia ctl`: {error.filename}: {error.strerror}")
        try:
            if self._osc is not None:
                self._osc.open()
        except OSError as error:
            trouble.append(f"{error.strerror}")
        self._say(AtWork("; ".join(trouble)))
        self._live()
        loop.add_reader(self._supervisor.fileno(), self._hear_all)
        try:
            await self._ended.wait()
        finally:
            loop.remove_reader(self._supervisor.fileno())
            self._log.close()
            if self._osc is not None:
                self._osc.close()
            await self._door.close(line(end=FAREWELL))

    def _live(self) -> None:
        """Say that we are at work, again and again."""
        self._say(Alive())
        asyncio.get_running_loop().call_later(LIFE_SECONDS, self._live)

    def _osc_door(self, config: OscConfig) -> OscDoor:
        from polyrhythmia_live.desk.osc.door import OscDoor  # only there is python-osc needed

        return OscDoor(config, self._product, self._hear_osc)

    def _greeting(self) -> bytes:
        head = self._config.head
        return line(
            polyrhythmia=PROTOCOL_VERSION,
            product=self._product,
            genres=plain(self._config.genres),
            meters=plain(head.meters),
            lanes=plain(head.kit.lanes),
            songs=[
                {"name": song.name, "sections": [section.name for section in song.sections]}
                for song in self._config.set_list.songs
            ],
            **table(),
        )

    # from the supervisor

    def _hear_all(self) -> None:
        try:
            for _ in range(HEARD_AT_ONCE):
                self._hear(self._supervisor.recv())
                if not self._supervisor.poll():
                    break
        except (EOFError, OSError):
            self._ended.set()
        lines = self._log.flush()
        for client in self._door.clients if lines else ():
            if client.listens:
                client.follow(lines)
        if self._log.trouble != self._told:
            self._told = self._log.trouble
            self._say(AtWork(self._told))

    def _hear(self, message: object) -> None:
        if isinstance(message, Snapshot):
            status = message.status
            if status is not None and status.transport is Transport.ROLLING:
                self._log.follow(status.song, message.seconds)
            self._show(message)
        elif isinstance(message, Suspend | Resume):
            self._paused = isinstance(message, Suspend)
        elif isinstance(message, Applied | Moved | Committed):
            self._log.write(message)
        if isinstance(message, Applied | Unchanged):
            for asked in self._asked:
                if message.command in asked.waiting:
                    asked.waiting.discard(message.command)
                    asked.news.append(message)

    def _show(self, snapshot: Snapshot) -> None:
        """To whom it is to be shown; with it come the answers to what was asked before it."""
        watching = [client for client in self._door.clients if client.subscribed]
        ready = [asked for asked in self._asked if not asked.waiting]
        picture = None
        if watching or any(not it.commands for it in ready):
            said = words(snapshot, self._config.head.meters)
            picture = {**plain(snapshot), "words": said}
        text = line(snapshot=picture) if watching else b""
        for client in watching:
            client.show(text)
        for asked in ready:
            self._asked.remove(asked)
            self._answer(asked, snapshot, picture)
        if self._osc is not None:
            self._show_osc(self._osc, snapshot)

    def _answer(self, asked: _Asked, snapshot: Snapshot, picture: Any) -> None:
        if not asked.commands:
            asked.reply(snapshot=picture)
            return
        told = (
            outcome(news, snapshot, self._config.genres, self._config.head.meters)
            for news in asked.news
        )
        asked.reply(answer="; ".join(told), news=plain(asked.news))

    def _show_osc(self, osc: OscDoor, snapshot: Snapshot) -> None:
        for held in osc.too_long_held():
            self._let_go_of(osc.held, held)
        if osc.has_subscribers():
            osc.show(snapshot, self._config.genres, self._config.head.meters)

    # from the clients

    def _hear_client(self, client: Client, text: bytes) -> None:
        id_: Id = None
        try:
            given = read_object(text)
            id_ = id_of(given)
            self._obey(client, id_, request(given, self._config.genres, self._stamp_seconds()))
        except ConfigError as error:
            _tell(client, id_, error=str(error))

    def _obey(self, client: Client, id_: Id, wanted: Request) -> None:
        if wanted.subscribe is not None:
            client.subscribed = wanted.subscribe
        elif wanted.listen is not None:
            client.listens = wanted.listen
            if wanted.listen and self._log.timeline is not None:
                client.follow(line(timeline=plain(self._log.timeline)))
        elif wanted.ask == "log":
            if self._log.trouble:
                raise ConfigError(self._log.trouble)
            _tell(client, id_, log=str(self._log.path))
        else:
            self._ask(client, client.held, wanted.commands, partial(_tell, client, id_))

    def _hear_osc(self, given: Mapping[str, Any], reply: Reply | None) -> tuple[Command, ...]:
        """Obey a request that came over OSC. Raises ConfigError, in one line."""
        assert self._osc is not None
        wanted = request(dict(given), self._config.genres, self._stamp_seconds())
        self._ask(None, self._osc.held, wanted.commands, reply)
        return wanted.commands

    def _ask(
        self,
        client: Client | None,
        held: Held,
        commands: tuple[Command, ...],
        reply: Reply | None,
    ) -> None:
        """Pass commands on; whoever waits for a reply has one in the end."""
        for command in commands:
            _keep_in_hand(held, command)
            self._pass_on(command)
        if reply is not None:
            asked = _Asked(client, reply, commands, set(commands))
            self._asked.append(asked)
            asyncio.get_running_loop().call_later(ANSWER_SECONDS, self._give_up, asked)

    def _pass_on(self, command: Command) -> None:
        if not self._say(command):
            raise ConfigError("the supervisor stands still: nothing can be asked of it now")

    def _give_up(self, asked: _Asked) -> None:
        if asked in self._asked:
            self._asked.remove(asked)
            asked.reply(error=PAUSED if self._paused else NO_ANSWER)

    def _let_go(self, client: Client) -> None:
        """Of a client that has gone nothing is held down, and nobody waits for an answer."""
        self._asked = [asked for asked in self._asked if asked.client is not client]
        for held in tuple(client.held.values()):
            self._let_go_of(client.held, held)

    def _let_go_of(self, all_held: Held, held: Fire) -> None:
        del all_held[held.name, held.word]
        self._say(Fire(held.name, self._stamp_seconds(), Press.UP, held.word))

    def _stamp_seconds(self) -> float:
        """This moment, and no other command's: by it, a command knows its answer again."""
        after_seconds = self._last_stamp_seconds + 1e-6
        self._last_stamp_seconds = max(time.monotonic(), after_seconds)
        return self._last_stamp_seconds

    def _say(self, message: object) -> bool:
        """Tell the supervisor, where it listens."""
        try:
            return send_if_room(self._supervisor, message)
        except OSError:
            self._ended.set()
            return False


def _keep_in_hand(held: Held, command: Command) -> None:
    if isinstance(command, Fire) and command.press is Press.DOWN:
        held[command.name, command.word] = command
    elif isinstance(command, Fire):
        held.pop((command.name, command.word), None)


def _tell(client: Client, id_: Id, **fields: Any) -> None:
    client.tell(line(**({} if id_ is None else {"id": id_}), **fields))


def serve(supervisor: Connection) -> None:
    """Be the desk of this supervisor for as long as it lives."""
    try:
        config: DeskConfig = supervisor.recv()
    except (EOFError, OSError):
        return  # nothing was begun

    async def run() -> None:
        await Desk(config, supervisor).run()

    asyncio.run(run())

"""The desk's door for OSC: a UDP socket, whose senders may be anybody, under any name.

An address of UDP can be forged. So what is sent without a subscription is little, and no more than
so much a second; a subscription goes to the host that asked for it, and ends by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from polyrhythmia_live.config import OscConfig
from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.desk.door import Held
from polyrhythmia_live.desk.osc.addresses import KNOB, ROOT, TOLD, address_of, request_of, state
from polyrhythmia_live.desk.osc.budget import Budget, Budgets
from polyrhythmia_live.desk.osc.packet import (
    DATAGRAM_BYTES,
    Argument,
    Message,
    read,
    written,
)
from polyrhythmia_live.desk.osc.subscription import Address, Subscription
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import Command, Fire, Snapshot
from polyrhythmia_live.rhythm.meter_map import MeterMap

SENDERS_MAX = 16
MESSAGES_PER_SECOND = 200
"""Of one sender; of what is more, only a level's last value is heard. A fader in motion sends a
hundred."""

LEVEL_ADDRESSES = frozenset(
    address_of(name).encode() + end for name in LEVELS for end in (b"", KNOB.encode())
)
KEPT_MAX, KEPT_SECONDS = 64, 0.05
"""Of so many levels that came too fast the latest value waits, and how long until it is tried."""

READ_AT_ONCE = 64
REST_SECONDS = 0.01
"""After so many datagrams in a row others have their turn; what comes faster is the system's to
drop. What a flood costs: docs/measured.md."""

REPLIES_PER_SECOND = 10
"""Errors and pongs, to all together: with a forged address they are sent to somebody else."""

ERROR_LENGTH = 160

SUBSCRIBERS_MAX = 8
LEASE_SECONDS, LEASE_MAX_SECONDS = 60, 300
PORTS = range(1024, 65536)

AHEAD_SECONDS = 10.0
AHEAD_MAX = 64
"""So many messages of bundles wait for their time, and so long at the most: a time that is further
off is another clock's."""

HELD_SECONDS = 60.0
"""What is held down for longer is let go: the datagram that did so may be lost."""

Reply = Callable[..., None]
"""Called with `answer=` or `error=`, a line each, once it is known what became of a request."""

Obey = Callable[[Mapping[str, Any], Reply | None], Iterable[Command]]
"""Called with a request, as the socket's clients say it, and who waits for its answer, if anybody.

Returns its commands; raises ConfigError.
"""


class OscDoor:
    """Threads: the event loop's. Real-time: no."""

    def __init__(self, config: OscConfig, product: str, obey: Obey) -> None:
        self.held: Held = {}
        """The triggers that are held down over OSC."""
        self.refused = 0
        """Datagrams and messages that were no OSC, asked for nothing there is, or were too many."""
        self._config = config
        self._product = product
        self._obey = obey
        self._socket: socket.socket | None = None
        self._subscriptions: dict[Address, Subscription] = {}
        self._senders = Budgets(SENDERS_MAX, MESSAGES_PER_SECOND)
        self._replies = Budget(REPLIES_PER_SECOND)
        self._ahead = 0
        self._later: dict[tuple[Address, bytes], bytes] = {}
        """By sender and address, the datagrams that wait for room."""
        self._is_trying = False

    def open(self) -> None:
        """Begin to listen. Raises OSError, in words for the performer, where that cannot be."""
        address, port = self._config.address, self._config.port
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM)
        try:
            opened.setblocking(False)
            opened.bind((address, port))
        except OSError as error:
            opened.close()
            raise OSError(
                0, f"no OSC at {address}, port {port}: {error.strerror}; --osc takes another port"
            ) from None
        self._socket = opened
        self._listen()

    def close(self) -> None:
        """Hear nobody any more."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def has_subscribers(self) -> bool:
        """Whether anybody is to be shown how everything stands; whose lease has ended is not."""
        now_seconds = time.monotonic()
        self._subscriptions = {target: it for target, it in self._subscriptions.items()
                               if it.until_seconds > now_seconds}  # fmt: skip
        return bool(self._subscriptions)

    def show(self, snapshot: Snapshot, genres: Sequence[str], meters: MeterMap) -> None:
        """Tell the subscribers what is news to them of how everything stands."""
        whole = {**state(snapshot, genres, meters), address_of("refused"): (self.refused,)}
        now_seconds = time.monotonic()
        for target, subscription in self._subscriptions.items():
            for datagram in written(subscription.news(whole, now_seconds)):
                self._send(datagram, target)

    def too_long_held(self) -> tuple[Fire, ...]:
        """What is to be let go, because nobody can be meaning to hold it any more."""
        before_seconds = time.monotonic() - HELD_SECONDS
        return tuple(it for it in self.held.values() if it.at_seconds < before_seconds)

    # from the senders

    def _listen(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().add_reader(self._socket.fileno(), self._hear_all)

    def _hear_all(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(READ_AT_ONCE):
            if self._socket is None:
                return
            try:
                datagram, sender = self._socket.recvfrom(DATAGRAM_BYTES + 1)
            except BlockingIOError:
                return
            except OSError:
                continue  # what was sent earlier has found nobody
            self._hear(datagram, sender)
        assert self._socket is not None
        loop.remove_reader(self._socket.fileno())
        loop.call_later(REST_SECONDS, self._listen)

    def _hear(self, datagram: bytes, sender: Address) -> None:
        now_seconds = time.monotonic()
        budget = self._senders.of(sender, now_seconds)
        if budget is None:
            self.refused += 1
            return
        later = self._later.pop((sender, _address(datagram)), None)
        self.refused += later is not None  # this one says where the level is now
        if not budget.has_room(now_seconds):
            self._keep(datagram, sender)
            return
        budget.spend(1, now_seconds)
        try:
            messages = read(datagram)
        except ValueError as error:
            self._refuse(sender, str(error))
            return
        budget.spend(len(messages) - 1, now_seconds)
        for message in messages:
            self._take(message, sender)

    def _keep(self, datagram: bytes, sender: Address) -> None:
        """Of a level the last value of a burst is to hold; all else is passed over."""
        address = _address(datagram)
        if address not in LEVEL_ADDRESSES or len(self._later) >= KEPT_MAX:
            self.refused += 1
            return
        self._later[sender, address] = datagram
        if not self._is_trying:
            self._is_trying = True
            asyncio.get_running_loop().call_later(KEPT_SECONDS, self._try_kept)

    def _try_kept(self) -> None:
        self._is_trying = False
        later, self._later = self._later, {}
        for (sender, _), datagram in later.items():
            self._hear(datagram, sender)

    def _take(self, message: Message, sender: Address) -> None:
        """Do what a message asks for, now or when its bundle is due."""
        if not message.due_seconds:
            self._do(message, sender)
            return
        ahead_seconds = message.due_seconds - time.time()  # the one clock that others have too
        if ahead_seconds <= 0.0:
            self._do(message, sender)
        elif ahead_seconds > AHEAD_SECONDS:
            self._refuse(
                sender,
                f"expected a bundle up to {AHEAD_SECONDS:g} s ahead; got one "
                f"{ahead_seconds:.0f} s ahead: do the clocks of both machines agree?",
            )
        elif self._ahead >= AHEAD_MAX:
            self._refuse(sender, f"expected {AHEAD_MAX} messages ahead of time at the most")
        else:
            self._ahead += 1
            asyncio.get_running_loop().call_later(ahead_seconds, self._do_later, message, sender)

    def _do_later(self, message: Message, sender: Address) -> None:
        self._ahead -= 1
        self._do(message, sender)

    def _do(self, message: Message, sender: Address) -> None:
        path = message.address.removeprefix(f"{ROOT}/")
        if path in TOLD:
            return
        try:
            if path == message.address:
                raise ConfigError(f"expected an address that begins with {ROOT}/; got {path!r}")
            if path == "ping":
                self._reply("pong", self._product, sender)
            elif path == "subscribe":
                self._subscribe(sender, message.arguments)
            else:
                self._ask(sender, request_of(path, message.arguments))
        except (ConfigError, ValueError) as error:
            self._refuse(sender, str(error))

    def _ask(self, sender: Address, request: Mapping[str, Any] | None) -> None:
        if request is None:
            return
        target = self._target_of(sender)
        subscription = None if target is None else self._subscriptions[target]
        reply = None if subscription is None else partial(self._answer, sender, subscription)
        for command in self._obey(request, reply):
            if subscription is not None:
                subscription.touch(command.name, time.monotonic())

    def _subscribe(self, sender: Address, arguments: Sequence[Argument]) -> None:
        """At which port of its host, 0 = where it sends from, and for how many seconds.

        What is told at our own port, or at another daemon's, would be obeyed there. A button adds
        whether it is pressed: that is passed over.
        """
        port, seconds, *_ = (*map(_whole, arguments[:2]), None, None)
        port = port or sender[1]
        seconds = LEASE_SECONDS if seconds is None else seconds
        if port not in PORTS or port == self._config.port:
            raise ValueError(
                f"expected a port from {PORTS[0]} to {PORTS[-1]} that is not ours; got port {port}"
            )
        if not 0 <= seconds <= LEASE_MAX_SECONDS:
            raise ValueError(f"expected 0 to {LEASE_MAX_SECONDS} seconds; got {seconds}")
        target = (sender[0], port, *sender[2:])
        has_room = not self.has_subscribers() or len(self._subscriptions) < SUBSCRIBERS_MAX
        if not seconds:
            self._subscriptions.pop(target, None)
        elif has_room or target in self._subscriptions:
            self._subscriptions[target] = Subscription(sender, time.monotonic() + seconds)
        else:
            raise ValueError(f"expected {SUBSCRIBERS_MAX} subscribers at the most")
        self._reply("subscribed", seconds, target)

    # to the senders

    def _target_of(self, sender: Address) -> Address | None:
        """Where a sender hears what it subscribed to; else where its host does.

        A surface on a phone sends from one port and hears at another.
        """
        of_host = [(target, it.sender) for target, it in self._subscriptions.items()
                   if it.sender[0] == sender[0]]  # fmt: skip
        own = [target for target, subscriber in of_host if subscriber == sender]
        return next(iter((*own, *(target for target, _ in of_host))), None)

    def _answer(
        self,
        sender: Address,
        subscription: Subscription,
        answer: str = "",
        error: str = "",
        **_: Any,
    ) -> None:
        """The latest is told with the next news: a fader in motion is many commands."""
        if error:
            self._refuse(sender, error)
        else:
            subscription.answer = answer

    def _refuse(self, sender: Address, why: str) -> None:
        self.refused += 1
        self._reply("error", why[:ERROR_LENGTH], sender, self._target_of(sender) or sender)

    def _reply(self, name: str, told: Argument, *targets: Address) -> None:
        now_seconds = time.monotonic()
        if self._replies.has_room(now_seconds):
            self._replies.spend(1, now_seconds)
            for datagram in written([Message(address_of(name), (told,))]):
                for target in {*targets}:
                    self._send(datagram, target)

    def _send(self, datagram: bytes, target: Address) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it is told again when it subscribes again
                self._socket.sendto(datagram, target)


def _address(datagram: bytes) -> bytes:
    """Where a message goes to (OSC 1.0: a text that ends with a zero); a bundle has none."""
    return datagram.partition(b"\0")[0]


def _whole(number: Argument) -> int:
    if isinstance(number, int | float) and math.isfinite(number):
        return int(number)
    raise ValueError(f"expected a port and seconds; got {str(number)[:20]!r}")

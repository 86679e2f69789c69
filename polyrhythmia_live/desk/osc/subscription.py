"""Who is told how everything stands, and what they know already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from polyrhythmia_live.desk.osc.addresses import KNOB, address_of
from polyrhythmia_live.desk.osc.packet import Argument, Message

TOUCHED_SECONDS = 0.4
"""A level that a subscriber turns itself is not told to it meanwhile: an older value would pull its
fader from under the finger."""

Address = tuple[Any, ...]
"""Of a socket: host and port, and what else IPv6 has."""


@dataclass(slots=True)
class Subscription:
    """One subscriber, until its lease ends. Threads: one."""

    sender: Address
    """Where it asked from; it may hear at another port of the same host."""
    until_seconds: float
    answer: str = ""
    """What became of its latest command, still to be told."""
    _touched: dict[str, float] = field(default_factory=dict)
    _told: dict[str, tuple[Argument, ...]] = field(default_factory=dict)

    def touch(self, name: str, now_seconds: float) -> None:
        """It has asked for a level itself."""
        self._touched[address_of(name)] = now_seconds

    def news(
        self, state: Mapping[str, tuple[Argument, ...]], now_seconds: float
    ) -> Iterator[Message]:
        """What it does not know yet; with this it has been told."""
        for address, arguments in state.items():
            touched_seconds = self._touched.get(address.removesuffix(KNOB), 0.0)
            rests = now_seconds - touched_seconds >= TOUCHED_SECONDS
            if rests and self._told.get(address) != arguments:
                self._told[address] = arguments
                yield Message(address, arguments)
        if self.answer:
            yield Message(address_of("answer"), (self.answer,))
            self.answer = ""

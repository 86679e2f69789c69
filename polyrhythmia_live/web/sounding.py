"""What sounds, as notes timed on the monotonic clock, for pages that play it themselves.

It is made of the lines of the performance log, which come a little before what they say sounds: a
page plays all of it by one constant delay later, which is the longest that a line may take.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from polyrhythmia_live.desk.performance import event_of
from polyrhythmia_live.desk.plain import line, valued
from polyrhythmia_live.drums.kit import RINGING
from polyrhythmia_live.messages import Applied, Committed, Moved
from polyrhythmia_live.player.events import STRIKE, step_events
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.swing import swung
from polyrhythmia_live.rhythm.timeline import Timeline, Transport

RETRY_SECONDS = 0.5
LINE_BYTES = 1 << 20
KEPT_MESSAGES = 256
"""Of a page that reads slowly: several bars; an older note is of no use to it."""


class Sounding:
    """Turns lines of the log into messages for pages. Pure, but for what it heard before.

    `{"sounds": [[due_seconds, note, velocity], ...], "voice": name, "step": n}`: a step of a voice,
    which takes the place of what was said of that step before; notes are General MIDI's.
    `{"silence": due_seconds}`: what is due from then on is not to sound; with `"all"`, what rings
    is to end too.
    """

    def __init__(self, meters: MeterMap) -> None:
        self._meters = meters
        self._timeline: Timeline | None = None
        self._epoch = 0
        self._first_step = 0

    def heard(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """What a line means to the ear; None = nothing. Raises ValueError for what is no line."""
        event = event_of(given, self._epoch)
        if isinstance(event, Timeline):
            self._timeline = event
        elif isinstance(event, Committed):
            return self._strikes(event)
        elif isinstance(event, Moved):
            return self._moved(event)
        elif isinstance(event, Applied) and event.command.name == "panic":
            return {"silence": event.command.at_seconds, "all": True}
        return None

    def _strikes(self, committed: Committed) -> dict[str, Any] | None:
        timeline, step, own = self._timeline, committed.step, committed.own
        if timeline is None:
            return None
        in_song = own.denominator / own.numerator
        events = step_events(
            step,
            RINGING,
            committed.tempo_bpm,
            round(self._first_step * TICKS_PER_STEP / in_song),
            lambda tick: swung(tick, step.swing, self._meters),
        )
        sounds = [
            [round(timeline.time_at(event.tick * in_song), 6), event.message[1], event.message[2]]
            for event in events
            if event.purpose == STRIKE
        ]
        return {"sounds": sounds, "voice": committed.voice, "step": step.index}

    def _moved(self, moved: Moved) -> dict[str, Any] | None:
        self._epoch, self._first_step = moved.epoch, max(0, moved.step_index)
        if self._timeline is None:
            return None
        stops = moved.transport is Transport.STOPPED
        return (
            {"silence": self._timeline.time_at(moved.step_index * TICKS_PER_STEP)}
            if stops
            else None
        )


class Hub:
    """Listens to the desk, and tells all pages that want to hear. Threads: the event loop's."""

    def __init__(self, desk: Path | None) -> None:
        self._desk = desk
        self._queues: set[asyncio.Queue[str]] = set()

    async def run(self) -> None:
        """Listen, and begin anew where the desk does, until cancelled."""
        while self._desk is not None:
            with contextlib.suppress(OSError, EOFError, ValueError):
                await self._listen(self._desk)
            await asyncio.sleep(RETRY_SECONDS)

    async def serve(self, tell: Callable[[str], Any]) -> None:
        """Tell one page what sounds, until cancelled or it is gone."""
        queue: asyncio.Queue[str] = asyncio.Queue(KEPT_MESSAGES)
        self._queues.add(queue)
        try:
            while True:
                await tell(await queue.get())
        finally:
            self._queues.discard(queue)

    async def _listen(self, desk: Path) -> None:
        reader, writer = await asyncio.open_unix_connection(desk, limit=LINE_BYTES)
        try:
            greeting = json.loads(await reader.readuntil())
            sounding = Sounding(valued(MeterMap, greeting["meters"]))
            writer.write(line(listen=True))
            while True:
                self._tell(sounding.heard(json.loads(await reader.readuntil())))
        finally:
            writer.transport.abort()

    def _tell(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        text = json.dumps(message, separators=(",", ":"))
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(text)

"""Events on their way out: ordered by tick, sent on time, entered in the ledger."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from polyrhythmia_live.midi.base import note_off
from polyrhythmia_live.player.base import Route
from polyrhythmia_live.player.events import NOTE_END, STRIKE, Event, step_events
from polyrhythmia_live.player.ledger import Ledger, silence
from polyrhythmia_live.player.song import Song
from polyrhythmia_live.rhythm.bar import Step
from polyrhythmia_live.wires.base import Wire

LATE_SECONDS = 0.005
"""A note-on sent more than this behind its deadline is counted as late."""

STALE_SECONDS = 0.1
"""A note-on this late (after a suspend) is dropped: better a hole than a burst."""


@dataclass(slots=True)
class Counters:
    """What the real-time path counts instead of logging."""

    late: int = 0
    dropped: int = 0


class NoteQueue:
    """The queue of one route; `slot` is its place in the ledger.

    Events keep their ticks until they are sent, so a tempo change moves them with it.
    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, route: Route, slot: int, ledger: Ledger, counters: Counters) -> None:
        self.wire = route.wire
        self._instrument = route.instrument
        self._slot = slot
        self._ledger = ledger
        self._counters = counters
        self._events: list[Event] = []
        self._end_ticks: dict[bytes, int] = {}
        self._rests_until_tick: int | None = None
        channel, notes = route.instrument.channel, set(route.instrument.notes.values())
        self._every_off = tuple(note_off(channel, note) for note in sorted(notes))

    def push(self, step: Step, tempo_bpm: float, not_before_tick: int) -> None:
        """Queue a committed step."""
        if self._rests_until_tick is not None and step.tick < self._rests_until_tick:
            return
        for event in step_events(step, self._instrument, tempo_bpm, not_before_tick):
            heapq.heappush(self._events, event)

    def deadline(self, song: Song) -> float | None:
        """When the next event is due, in seconds; None when the queue is empty."""
        if not self._events:
            return None
        return song.time_at(self._events[0].tick) + self.wire.offset_seconds

    def send_due(self, song: Song, now_seconds: float) -> None:
        """Send everything whose deadline has come."""
        deadline = self.deadline(song)
        while deadline is not None and deadline <= now_seconds:
            event = heapq.heappop(self._events)
            if event.purpose == STRIKE:
                self._strike(event, now_seconds - deadline)
            else:
                self._end(event)
            deadline = self.deadline(song)

    def clear(self) -> None:
        """Forget what is queued and end what sounds."""
        self._events.clear()
        self._rests_until_tick = None
        self.end_open_notes()

    def rejoin(self, tick: int) -> None:
        """Begin anew from a tick on: the wire has lost what was sent to it.

        Every note of the instrument is ended first: a note may still sound there whose end was sent
        while nobody listened, and the ledger does not know it.
        """
        self.clear()
        for message in self._every_off:
            self.wire.send(message)
        self._rests_until_tick = tick

    def end_open_notes(self) -> None:
        """Send the note-off of every note that the ledger has open."""
        for message in self._ledger.offs(self._slot):
            self._send_off(message)

    def panic(self) -> None:
        """The ledger's own offs first, then CC 123 and 120, which many machines ignore."""
        self.end_open_notes()
        for message in silence(self._instrument.channel):
            self.wire.send(message)

    def _strike(self, event: Event, lateness_seconds: float) -> None:
        if lateness_seconds > STALE_SECONDS:
            self._counters.dropped += 1
            return
        if lateness_seconds > LATE_SECONDS:
            self._counters.late += 1
        channel, note = event.message[0] & 0x0F, event.message[1]
        off = note_off(channel, note)
        if self._ledger.is_open(self._slot, channel, note):
            self.wire.send(off)
        self._ledger.enter(self._slot, event.message)
        self.wire.send(event.message)
        self._end_ticks[off] = event.end_tick
        heapq.heappush(self._events, Event(event.end_tick, NOTE_END, off))

    def _end(self, event: Event) -> None:
        """End a note, unless it is over already or was struck again since."""
        channel, note = event.message[0] & 0x0F, event.message[1]
        struck_again = (
            event.purpose == NOTE_END and self._end_ticks.get(event.message) != event.tick
        )
        if self._ledger.is_open(self._slot, channel, note) and not struck_again:
            self._send_off(event.message)

    def _send_off(self, message: bytes) -> None:
        self.wire.send(message)
        self._ledger.strike(self._slot, message)


class NoteQueues:
    """The queues of all routes, in the ledger's order.

    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, routes: Sequence[Route], ledger: Ledger, counters: Counters) -> None:
        self._queues = tuple(
            NoteQueue(route, slot, ledger, counters) for slot, route in enumerate(routes)
        )
        offsets = [route.wire.offset_seconds for route in routes]
        self.earliest_seconds = min(offsets, default=0.0)
        """By how much the wire that plays first is ahead of the clock (negative) or behind."""
        self.latest_seconds = max(offsets, default=0.0)

    def push(self, step: Step, tempo_bpm: float, not_before_tick: int) -> None:
        """Queue a committed step everywhere."""
        for queue in self._queues:
            queue.push(step, tempo_bpm, not_before_tick)

    def deadlines(self, song: Song) -> Iterator[float | None]:
        """When the next event of each route is due."""
        return (queue.deadline(song) for queue in self._queues)

    def send_due(self, song: Song, now: Callable[[], float]) -> None:
        """Send everything whose deadline has come by the time its queue's turn does."""
        for queue in self._queues:
            queue.send_due(song, now())

    def clear(self) -> None:
        """Forget what is queued and end what sounds."""
        for queue in self._queues:
            queue.clear()

    def rejoin(self, wire: Wire, tick: int) -> None:
        """Let a wire that has returned begin anew from a tick on; the others go on."""
        for queue in self._queues:
            if queue.wire is wire:
                queue.rejoin(tick)

    def panic(self) -> None:
        """End every note on every route."""
        for queue in self._queues:
            queue.panic()

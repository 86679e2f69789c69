"""Events on their way out: ordered by tick, handed over in time, entered in the ledger.

A wire with a lookahead is given each event so long before it is due. Such a note is in the ledger
from then on, and leaves it when its end is due, not when that is handed over: until then it may be
taken back, and the process may die.

A strike that is not to sound after all is withdrawn, and nothing else is: its end comes as if it
had sounded, and so does what ends other notes for it. So nobody needs to know whether it came too
late, and no note hangs.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
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
        self._end_ticks: dict[bytes, float] = {}
        self._ending: dict[bytes, float] = {}
        """Ends that were handed over, and when each is due."""
        self._ahead: deque[tuple[float, Event]] = deque()
        """Strikes that were handed over and are not due yet, and when each is."""
        self._last_due_seconds = -math.inf
        """Nothing is due before what was handed over already: when the tempo rises in between, an
        end must not overtake its start."""
        self._struck_tick = -math.inf
        """Where the latest strike that was handed over falls."""
        self._rests_until_tick: int | None = None
        keys = sorted(set(route.instrument.keys.values()))
        self._every_off = tuple(note_off(*key) for key in keys)

    def push(self, step: Step, song: Song, not_before_tick: int) -> None:
        """Queue a committed step, which the song has begun."""
        if self._rests_until_tick is not None and step.tick < self._rests_until_tick:
            return
        tempo_bpm = song.tempo_at(step.tick)
        for event in step_events(step, self._instrument, tempo_bpm, not_before_tick, song.sounding):
            heapq.heappush(self._events, event)

    def replace(self, step: Step, song: Song, not_before_tick: int, now_seconds: float) -> None:
        """Queue a step anew that was queued otherwise, but for what was handed over of it.

        Of that, strikes that are no longer in it are withdrawn. To be called when all that is due
        by now has been sent.
        """
        self._events = [event for event in self._events if event.step != step.index]
        heapq.heapify(self._events)
        if self._rests_until_tick is not None and step.tick < self._rests_until_tick:
            return
        tempo_bpm = song.tempo_at(step.tick)
        events = step_events(step, self._instrument, tempo_bpm, not_before_tick, song.sounding)
        keys = {event.message[:2] for event in events if event.purpose == STRIKE}
        self._withdraw(
            lambda event: event.step == step.index and event.message[:2] not in keys, now_seconds
        )
        for event in events:
            to_come = song.time_at(event.tick) - self.ahead_seconds > now_seconds
            if to_come and event.tick > self._struck_tick:
                heapq.heappush(self._events, event)

    def holds(self, tick: float, song: Song, now_seconds: float) -> bool:
        """Whether the wire was given what falls on a tick, and may have let it out."""
        time_seconds = song.time_at(tick)
        if time_seconds - self.ahead_seconds > now_seconds:
            return False
        usually_seconds = time_seconds + self.wire.offset_seconds
        dues_seconds = (due_seconds for due_seconds, event in self._ahead if event.tick == tick)
        return next(dues_seconds, usually_seconds) < self.wire.firm_until(now_seconds)

    @property
    def ahead_seconds(self) -> float:
        """How long before its time on the clock an event is handed over; may be negative."""
        return self.wire.lookahead_seconds - self.wire.offset_seconds

    def deadline(self, song: Song) -> float | None:
        """When to hand over the next event, in seconds; None when the queue is empty."""
        if not self._events:
            return None
        return song.time_at(self._events[0].tick) - self.ahead_seconds

    def send_due(self, song: Song, now_seconds: float) -> None:
        """Hand over everything whose deadline has come."""
        if self._ending:
            self._strike_out_ended(now_seconds)
        while self._ahead and self._ahead[0][0] <= now_seconds:
            self._ahead.popleft()
        if self._ahead and song.leaves:
            self._withdraw_left_out(song, now_seconds)
        deadline = self.deadline(song)
        while deadline is not None and deadline <= now_seconds:
            event = heapq.heappop(self._events)
            due_seconds = max(deadline + self.wire.lookahead_seconds, self._last_due_seconds)
            self._last_due_seconds = due_seconds
            if event.purpose == STRIKE:
                self._struck_tick = event.tick
                self._strike(event, due_seconds, now_seconds)
            else:
                self._end(event, due_seconds, now_seconds)
            deadline = self.deadline(song)

    def clear(self) -> None:
        """Forget what is queued and end what sounds."""
        self._events.clear()
        self._struck_tick = -math.inf
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
        """Take back what does not sound yet, and end every note that the ledger has open."""
        self.wire.take_back()
        self._ahead.clear()
        self._ending.clear()
        self._last_due_seconds = -math.inf
        for message in self._ledger.offs(self._slot):
            self.wire.send(message)
            self._ledger.strike(self._slot, message)

    def panic(self) -> None:
        """The ledger's own offs first, then CC 123 and 120, which many machines ignore."""
        self.end_open_notes()
        for channel in self._instrument.channels:
            for message in silence(channel):
                self.wire.send(message)

    def _strike(self, event: Event, due_seconds: float, now_seconds: float) -> None:
        lateness_seconds = now_seconds - due_seconds
        if lateness_seconds > STALE_SECONDS:
            self._counters.dropped += 1
            return
        if lateness_seconds > LATE_SECONDS:
            self._counters.late += 1
        off = note_off(event.message[0] & 0x0F, event.message[1])
        if self._sounds(off):
            self.wire.send_at(off, due_seconds)
        self._ending.pop(off, None)
        self._ledger.enter(self._slot, event.message)
        self.wire.send_at(event.message, due_seconds)
        if due_seconds > now_seconds:
            self._ahead.append((due_seconds, event))
        self._end_ticks[off] = event.end_tick
        heapq.heappush(self._events, Event(event.end_tick, NOTE_END, off))

    def _end(self, event: Event, due_seconds: float, now_seconds: float) -> None:
        """End a note, unless it is over already or was struck again since."""
        off = event.message
        struck_again = event.purpose == NOTE_END and self._end_ticks.get(off) != event.tick
        if struck_again or not self._sounds(off):
            return
        self.wire.send_at(off, due_seconds)
        if due_seconds <= now_seconds:
            self._ledger.strike(self._slot, off)
        else:
            self._ending[off] = due_seconds

    def _withdraw_left_out(self, song: Song, now_seconds: float) -> None:
        """Withdraw what the song will have left before it is due.

        It is queued again: the song may stay after all.
        """
        withdrawn = self._withdraw(lambda it: song.time_at(it.tick) == math.inf, now_seconds)
        for event in withdrawn:
            heapq.heappush(self._events, event)
        if withdrawn:
            self._last_due_seconds = self._ahead[-1][0] if self._ahead else -math.inf

    def _withdraw(self, unwanted: Callable[[Event], bool], now_seconds: float) -> list[Event]:
        """Withdraw strikes that have not gone out for certain; which they were."""
        firm_until = self.wire.firm_until(now_seconds)
        found = [it for it in self._ahead if it[0] >= firm_until and unwanted(it[1])]
        for it in found:
            self._ahead.remove(it)
            self.wire.withdraw(it[1].message, it[0])
        return [event for _, event in found]

    def _sounds(self, off: bytes) -> bool:
        """Whether a note was handed over, and its end not yet."""
        opened = self._ledger.is_open(self._slot, off[0] & 0x0F, off[1])
        return opened and off not in self._ending

    def _strike_out_ended(self, now_seconds: float) -> None:
        over = [off for off, due_seconds in self._ending.items() if due_seconds <= now_seconds]
        for off in over:
            del self._ending[off]
            self._ledger.strike(self._slot, off)


class NoteQueues:
    """The queues of all routes, in the ledger's order.

    Threads: dispatcher only. Real-time: yes.
    """

    def __init__(self, routes: Sequence[Route], ledger: Ledger, counters: Counters) -> None:
        self._queues = tuple(
            NoteQueue(route, slot, ledger, counters) for slot, route in enumerate(routes)
        )

    @property
    def latest_seconds(self) -> float:
        """How long after its time on the clock the last wire plays an event; may be negative."""
        return max((queue.wire.offset_seconds for queue in self._queues), default=0.0)

    @property
    def ahead_seconds(self) -> float:
        """How long before its time on the clock the first wire is handed an event."""
        return max((queue.ahead_seconds for queue in self._queues), default=0.0)

    def push(self, step: Step, song: Song, not_before_tick: int) -> None:
        """Queue a committed step everywhere."""
        for queue in self._queues:
            queue.push(step, song, not_before_tick)

    def replace(self, step: Step, song: Song, not_before_tick: int, now_seconds: float) -> None:
        """Queue a step anew everywhere, but for what was handed over of it."""
        for queue in self._queues:
            queue.replace(step, song, not_before_tick, now_seconds)

    def hold(self, tick: float, song: Song, now_seconds: float) -> bool:
        """Whether a wire was given what falls on a tick, and may have let it out."""
        return any(queue.holds(tick, song, now_seconds) for queue in self._queues)

    def deadlines(self, song: Song) -> Iterator[float | None]:
        """When the next event of each route is due."""
        return (queue.deadline(song) for queue in self._queues)

    def send_due(self, song: Song, now: Callable[[], float]) -> None:
        """Hand over everything whose deadline has come by the time its queue's turn does."""
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

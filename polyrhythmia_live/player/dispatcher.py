"""The real-time path: wait for the next deadline, send, count. Nothing else.

One thread. Everything that others want of it comes through one inbox, which is also what it waits
on; everything it has to say goes out through `report`, which must not block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from polyrhythmia_live.clock.base import Clock, Move, MoveKind, Moves, Timebase
from polyrhythmia_live.midi.base import is_control_change
from polyrhythmia_live.output.base import Output
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.player.ledger import Ledger
from polyrhythmia_live.player.messages import (
    Committed,
    Continue,
    ControlIn,
    Hello,
    Moved,
    NudgeTempo,
    Panic,
    Plan,
    Quit,
    Rung,
    SetTempo,
    Standby,
    Start,
    StartStop,
    Stop,
    Tap,
)
from polyrhythmia_live.player.note_queue import Counters, NoteQueue
from polyrhythmia_live.rhythm.bar import MICROTIMING_MIN_TICKS
from polyrhythmia_live.rhythm.control import LEVELS, TRIGGERS
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.timeline import Transport

COMMIT_MARGIN_SECONDS = 0.005
"""A step is committed this long before its earliest possible hit is due."""


@dataclass(frozen=True, slots=True)
class ClockIn:
    """A message from the port that the clock is bound to, stamped on arrival."""

    message: bytes
    arrival_seconds: float


class Dispatcher:
    """Plays the plan on the clock, to every output.

    With `autostart`, the song starts by itself when the first plan has come. A clock that rolls
    already is joined at the next bar line.
    Threads: its own. Real-time: yes. Any thread may put to `inbox`; others may read the plain
    attributes, which are for display.
    """

    def __init__(
        self,
        timebase: Timebase,
        clock: Clock,
        outputs: Sequence[Output],
        ledger: Ledger,
        ladder: Ladder,
        report: Callable[[object], None],
        autostart: bool = False,
    ) -> None:
        self.inbox: SimpleQueue[object] = SimpleQueue()
        self.clock = clock
        self.counters = Counters()
        self.rung = Rung.PLAN
        self.rung_steps = [0] * len(Rung)
        self.epoch = 0
        self.next_step = 0
        self._timebase = timebase
        self._ladder = ladder
        self._report = report
        self._autostart = autostart
        self._queues = tuple(
            NoteQueue(output, slot, ledger, self.counters) for slot, output in enumerate(outputs)
        )
        self._earliest_offset = min((output.offset_seconds for output in outputs), default=0.0)
        self._not_before_tick = 0
        self._played_from_top = False
        self._running = True
        if clock.transport is Transport.ROLLING:
            self._join()
        self._actions = self._action_table()

    def run(self) -> None:
        """Play until told to quit. Every open note is ended on the way out.

        And on the way in: notes that a process before this one left open are in the ledger.
        """
        try:
            self._clear()
            while self._running:
                self.turn()
        finally:
            self._clear()

    def _clear(self) -> None:
        for queue in self._queues:
            queue.clear()

    def turn(self) -> None:
        """Wait for the next deadline or message, and do what is due."""
        message = self._timebase.wait(self.inbox, self.next_deadline())
        action = self._actions.get(type(message))
        if action is not None:
            action(message)
        now_seconds = self._timebase.now()
        poll_at_seconds = self.clock.poll_at_seconds
        if poll_at_seconds is not None and poll_at_seconds <= now_seconds:
            self._move(self.clock.poll(now_seconds))
        self._commit_due(now_seconds)
        for queue in self._queues:
            queue.send_due(self.clock.timeline, self._timebase.now())

    def next_deadline(self) -> float | None:
        """When something is due next, in seconds; None while nothing is."""
        deadlines = [self.clock.poll_at_seconds, self._commit_deadline()]
        deadlines += [queue.deadline(self.clock.timeline) for queue in self._queues]
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def position(self, standby: int | None = None) -> Moved:
        """Where the song stands; also for a brain that has just come up."""
        tempo_bpm = self.clock.timeline.tempo_bpm
        return Moved(self.epoch, self.next_step, self.clock.transport, tempo_bpm, standby)

    def tick(self) -> int:
        """Where the song is now, for display. Threads: any."""
        if self.clock.transport is Transport.ROLLING:
            return max(0, self.clock.timeline.tick_at(self._timebase.now()))
        return self.next_step * TICKS_PER_STEP

    def _join(self) -> None:
        """The song is under way already: come in at its next bar line."""
        step_now = max(0, self.tick()) // TICKS_PER_STEP
        self.next_step = self._ladder.meter.next_bar_line(step_now)
        self._played_from_top = True

    def _commit_deadline(self) -> float | None:
        if self.clock.transport is not Transport.ROLLING:
            return None
        earliest_tick = self.next_step * TICKS_PER_STEP + MICROTIMING_MIN_TICKS
        due_seconds = self.clock.timeline.time_at(earliest_tick)
        return due_seconds + self._earliest_offset - COMMIT_MARGIN_SECONDS

    def _commit_due(self, now_seconds: float) -> None:
        deadline = self._commit_deadline()
        while deadline is not None and deadline <= now_seconds:
            self._commit()
            deadline = self._commit_deadline()

    def _commit(self) -> None:
        step, self.rung = self._ladder.step(self.next_step)
        self.rung_steps[self.rung] += 1
        tempo_bpm = self.clock.timeline.tempo_bpm
        for queue in self._queues:
            queue.push(step, tempo_bpm, self._not_before_tick)
        self.next_step += 1
        self._played_from_top = True
        self._report(Committed(self.epoch, step, self.rung, tempo_bpm))

    def _move(self, moves: Moves) -> None:
        """Begin a new epoch at each move's position.

        From the top again, what is played is the standby plan: the old bar 0 has been heard.
        """
        for move in moves:
            self._clear()
            self.epoch += 1
            self.next_step = -(-move.tick // TICKS_PER_STEP)
            self._ladder.relocate(self.next_step)
            self._report(self.position(self._take_standby_for(move)))

    def _take_standby_for(self, move: Move) -> int | None:
        if move.kind is MoveKind.STOP:
            return None
        self._not_before_tick = move.tick
        if move.tick > 0 or not self._played_from_top:
            return None
        standby = self._ladder.take_standby()
        self._played_from_top = standby is None
        return standby

    # what the inbox may ask for

    def _action_table(self) -> dict[type, Callable[..., None]]:
        now = self._timebase.now
        return {
            Hello: lambda _: self._report(self.position()),
            Plan: self._plan,
            Standby: lambda standby: self._ladder.prepare(standby.serial, standby.steps),
            ClockIn: lambda it: self._move(self.clock.receive(it.message, it.arrival_seconds)),
            ControlIn: self._control_in,
            Start: lambda _: self._start(),
            Stop: lambda _: self._move(self.clock.stop(now())),
            Continue: lambda _: self._move(self.clock.continue_(now())),
            StartStop: self._start_stop,
            SetTempo: lambda it: self._set_tempo(LEVELS["tempo"].clamp(it.tempo_bpm)),
            NudgeTempo: self._nudge_tempo,
            Tap: lambda tap: self.clock.tap(tap.time_seconds),
            Panic: lambda _: self._panic(),
            Quit: self._quit,
        }

    def _plan(self, plan: Plan) -> None:
        if plan.epoch == self.epoch:
            self._ladder.plan(plan.steps, self.next_step)
        if self._autostart:
            self._start()

    def _start(self) -> None:
        self._autostart = False
        self._move(self.clock.start(self._timebase.now()))

    def _control_in(self, control: ControlIn) -> None:
        """Panic is the player's own business: it does not wait for the brain."""
        if is_control_change(control.message) and control.message[1] in TRIGGERS["panic"].ccs:
            self._panic()
        self._report(control)

    def _start_stop(self, _: StartStop) -> None:
        if self.clock.transport is Transport.ROLLING:
            self._move(self.clock.stop(self._timebase.now()))
        else:
            self._start()

    def _set_tempo(self, tempo_bpm: float) -> None:
        self.clock.set_tempo(tempo_bpm, self._timebase.now())

    def _nudge_tempo(self, nudge: NudgeTempo) -> None:
        self._set_tempo(LEVELS["tempo"].nudged(self.clock.timeline.tempo_bpm, nudge.presses))

    def _panic(self) -> None:
        for queue in self._queues:
            queue.panic()

    def _quit(self, _: Quit) -> None:
        self._running = False

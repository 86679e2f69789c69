"""The real-time path: wait for the next deadline, send, count. Nothing else.

One thread. Everything that others want of it comes through one inbox, which is also what it waits
on; everything it has to say goes out through `report`, which must not block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import SimpleQueue

from polyrhythmia_live.clock.base import Clock, Move, MoveKind, Moves, Timebase
from polyrhythmia_live.messages import (
    Committed,
    ControlIn,
    DoubleTime,
    EndOnOne,
    HalfTime,
    Hello,
    Moved,
    Panic,
    Plan,
    Quit,
    Rung,
    Standby,
    Start,
    Stop,
)
from polyrhythmia_live.player.clock_out import ClockOut
from polyrhythmia_live.player.conductor import AT_ONCE, Conductor, Upbeat
from polyrhythmia_live.player.control_map import ControlMap
from polyrhythmia_live.player.inbox import ClockIn, OutputBack
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.player.ledger import Ledger
from polyrhythmia_live.player.link_out import LinkOut
from polyrhythmia_live.player.note_queue import Counters, NoteQueues
from polyrhythmia_live.player.song import Song
from polyrhythmia_live.rhythm.bar import MICROTIMING_MIN_TICKS, Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, first_step_from
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio
from polyrhythmia_live.rhythm.timeline import Transport
from polyrhythmia_live.wires.base import Output

COMMIT_MARGIN_SECONDS = 0.005
"""A step is committed this long before its earliest possible hit is due."""


class Dispatcher:
    """Plays the plan on the clock, to every output.

    With `autostart`, the song starts by itself when the first plan has come. A clock that rolls
    already is joined at the next bar line. `clock_outs` and `link_outs` pass the clock on; `upbeat`
    is what comes before a song's first tick.
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
        clock_outs: Sequence[ClockOut] = (),
        link_outs: Sequence[LinkOut] = (),
        upbeat: Upbeat = AT_ONCE,
        ratio: Ratio = NORMAL_TIME,
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
        self._queues = NoteQueues(outputs, ledger, self.counters)
        self._clock_outs = clock_outs
        self._link_outs = link_outs
        self._followers: tuple[ClockOut | LinkOut, ...] = (*clock_outs, *link_outs)
        self._conductor = Conductor(clock, ladder.meters, upbeat)
        self._song = Song(clock, ladder.meters, ratio)
        self._control_map = ControlMap()
        self._count_in = upbeat.count_in
        self._not_before_tick = 0
        self._last_step: int | None = None
        self._played_from_top = False
        self._running = True
        self._actions = self._action_table()
        self._begin()

    def run(self) -> None:
        """Play until told to quit. Every open note is ended on the way out.

        And on the way in: notes that a process before this one left open are in the ledger.
        """
        try:
            self._queues.clear()
            while self._running:
                self.turn()
        finally:
            for follower in self._followers:
                follower.stop(self._timebase.now())
            self._queues.clear()

    def turn(self) -> None:
        """Wait for the next deadline or message, and do what is due."""
        message = self._timebase.wait(self.inbox, self.next_deadline())
        if message is not None:
            self._act(message)
        now_seconds = self._timebase.now()
        poll_at_seconds = self.clock.poll_at_seconds
        if poll_at_seconds is not None and poll_at_seconds <= now_seconds:
            self._move(self.clock.poll(now_seconds))
        self._commit_due(now_seconds)
        for clock_out in self._clock_outs:  # before the notes of the same tick
            clock_out.send_due(self.clock.timeline, self._timebase.now())
        self._queues.send_due(self._song, self._timebase.now)
        for link_out in self._link_outs:  # a network can wait
            link_out.send_due(self.clock.timeline, self._timebase.now())
        end_seconds = self._end_deadline()
        if end_seconds is not None and end_seconds <= now_seconds:
            self._act(Stop())

    def next_deadline(self) -> float | None:
        """When something is due next, in seconds; None while nothing is."""
        timeline = self.clock.timeline
        deadlines = [self.clock.poll_at_seconds, self._commit_deadline(), self._end_deadline()]
        deadlines += [follower.deadline(timeline) for follower in self._followers]
        deadlines += self._queues.deadlines(self._song)
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def position(self, standby: int | None = None) -> Moved:
        """Where the song stands; also for a brain that has just come up."""
        step = max(0, self.next_step)
        tempo_bpm = self._song.tempo_at(step * TICKS_PER_STEP)
        return Moved(self.epoch, step, self.clock.transport, tempo_bpm, standby)

    @property
    def ratio(self) -> Ratio:
        """How fast the song goes through the clock's bars, as asked for last. Threads: any."""
        return self._song.ratio

    def tick(self) -> int:
        """Where the clock's bars are now, for display; negative in a count-in. Threads: any."""
        if self.clock.transport is Transport.ROLLING:
            now_tick = self.clock.timeline.tick_at(self._timebase.now())
            return max(min(0, self._not_before_tick), now_tick)
        return self._song.clock_tick_at(self.next_step * TICKS_PER_STEP)

    def _begin(self) -> None:
        """Where the song is under way already, come in at its next bar line."""
        clock = self.clock
        if clock.transport is Transport.ROLLING:
            step_now = max(0, self._song.tick_at(self._timebase.now())) // TICKS_PER_STEP
            self.next_step = self._ladder.meters.next_bar_line(step_now)
            self._played_from_top = True
        for follower in self._followers:
            follower.begin(clock.timeline, clock.transport, self._timebase.now())

    def _commit_deadline(self) -> float | None:
        if self.clock.transport is not Transport.ROLLING or self.next_step == self._end_step():
            return None
        earliest_tick = self.next_step * TICKS_PER_STEP + MICROTIMING_MIN_TICKS
        due_seconds = self._song.time_at(earliest_tick)
        return due_seconds + self._queues.earliest_seconds - COMMIT_MARGIN_SECONDS

    def _end_step(self) -> int | None:
        return None if self._last_step is None else self._last_step + 1

    def _end_deadline(self) -> float | None:
        """When the song ends that was told to."""
        end_step = self._end_step()
        if end_step is None:
            return None
        return self._song.time_at(end_step * TICKS_PER_STEP) + self._queues.latest_seconds

    def _commit_due(self, now_seconds: float) -> None:
        deadline = self._commit_deadline()
        while deadline is not None and deadline <= now_seconds:
            self._commit()
            deadline = self._commit_deadline()

    def _commit(self) -> None:
        if self.next_step < 0:  # the count-in ends where the song begins: counted from its end
            self._push(Step(self.next_step, self._count_in[self.next_step]))
            return
        step, self.rung = self._ladder.step(self.next_step)
        self.rung_steps[self.rung] += 1
        self._push(step)
        self._played_from_top = True
        self._report(Committed(self.epoch, step, self.rung, self._song.tempo_at(step.tick)))

    def _push(self, step: Step) -> None:
        self._queues.push(step, self._song.tempo_at(step.tick), self._not_before_tick)
        self.next_step += 1

    def _move(self, moves: Moves) -> None:
        """Begin a new epoch at each move's position.

        From the top again, what is played is the standby plan: the old bar 0 has been heard.
        """
        for move in moves:
            self._queues.clear()
            self._conductor.moved(move)
            self._song.moved(move)
            self._last_step = None
            self._autostart = False
            self.epoch += 1
            self.next_step = self._first_step(move)
            self._ladder.relocate(max(0, self.next_step))
            self._report(self.position(self._take_standby_for(move)))
            for follower in self._followers:
                follower.move(move, self.clock.timeline, self._timebase.now())

    def _first_step(self, move: Move) -> int:
        """The first step from a move on: one of the count-in, where there is time for it."""
        step = first_step_from(self._song.tick_on(move.tick))
        if move.kind is not MoveKind.START or move.tick != 0:
            return step
        now_tick = self._song.tick_at(self._timebase.now())
        return min(0, max(-len(self._count_in), first_step_from(now_tick)))

    def _take_standby_for(self, move: Move) -> int | None:
        if move.kind is MoveKind.STOP:
            return None
        song_tick = self._song.tick_on(move.tick)
        self._not_before_tick = min(song_tick, self.next_step * TICKS_PER_STEP)
        if move.tick > 0 or not self._played_from_top:
            return None
        standby = self._ladder.take_standby()
        self._played_from_top = standby is None
        return standby

    # what the inbox may ask for

    def _act(self, message: object) -> None:
        action = self._actions.get(type(message))
        if action is not None:
            action(message)
        else:
            self._move(self._conductor.obey(message, self._timebase.now()))

    def _action_table(self) -> dict[type, Callable[..., None]]:
        """The others are the conductor's."""
        return {
            Hello: lambda _: self._report(self.position()),
            Plan: self._plan,
            Standby: lambda standby: self._ladder.prepare(standby.serial, standby.steps),
            ClockIn: lambda it: self._move(self.clock.receive(it.message, it.arrival_seconds)),
            OutputBack: self._output_back,
            ControlIn: self._control_in,
            EndOnOne: self._end_on_one,
            HalfTime: lambda _: self._turn_to(self._song.ratio.halved),
            DoubleTime: lambda _: self._turn_to(self._song.ratio.doubled),
            Panic: lambda _: self._queues.panic(),
            Quit: self._quit,
        }

    def _plan(self, plan: Plan) -> None:
        if plan.epoch == self.epoch:
            self._ladder.plan(plan.steps, self.next_step)
        if self._autostart:
            self._act(Start())

    def _output_back(self, back: OutputBack) -> None:
        """It comes in at the next bar line; nobody else notices."""
        bar_line = self._ladder.meters.first_bar_line_from(max(0, self.next_step))
        self._queues.rejoin(back.output, bar_line * TICKS_PER_STEP)
        for clock_out in self._clock_outs:
            if clock_out.output is back.output:
                clock_out.rejoin(self.clock.timeline, self._timebase.now())

    def _control_in(self, control: ControlIn) -> None:
        command = self._control_map.command(control.message, self._timebase.now())
        if command is not None:
            self._act(command)
        self._report(control)

    def _end_on_one(self, _: EndOnOne) -> None:
        if self._conductor.leads and self.clock.transport is Transport.ROLLING:
            self._last_step = self._ladder.meters.first_bar_line_from(max(0, self.next_step))

    def _turn_to(self, ratio: Ratio) -> None:
        self._song.turn_to(ratio, max(0, self.next_step) * TICKS_PER_STEP)

    def _quit(self, _: Quit) -> None:
        self._running = False

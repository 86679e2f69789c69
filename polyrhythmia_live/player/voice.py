"""One line of music with a body: its plan, its place in the song, and the wires it goes out by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from polyrhythmia_live.clock.base import Clock, Move, MoveKind
from polyrhythmia_live.messages import Command, Committed, Moved, Plan, Rung, Standby
from polyrhythmia_live.player.base import Route
from polyrhythmia_live.player.ladder import Ladder
from polyrhythmia_live.player.ledger import Ledger
from polyrhythmia_live.player.mixer import Mixer
from polyrhythmia_live.player.note_queue import Counters, NoteQueues
from polyrhythmia_live.player.song import Song
from polyrhythmia_live.rhythm.bar import MICROTIMING_MIN_TICKS, Bar, Hits, Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP, first_step_from
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.mix import Mix
from polyrhythmia_live.rhythm.part import Part
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.wires.base import Wire

COMMIT_MARGIN_SECONDS = 0.005
"""A step is committed this long before its earliest possible hit is handed over, in a song that
does not swing: swing only delays."""


class Voice:
    """Commits its steps when they are due, and sends their notes on time.

    `count_in` are the steps before the song's first one, which this voice counts, muted or not.
    `ratio` and `song_meters` are the song's, on the clock; `own_ratio` is the voice's to the song's
    beat, and its meters are the ladder's.
    Threads: dispatcher only, but where a method or attribute says otherwise. Real-time: yes.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        ladder: Ladder,
        routes: Sequence[Route],
        ledger: Ledger,
        count_in: tuple[Hits, ...] = (),
        ratio: Ratio = NORMAL_TIME,
        mixer: Mixer | None = None,
        own_ratio: Ratio = NORMAL_TIME,
        song_meters: MeterMap | None = None,
    ) -> None:
        """`mixer` None = one that mixes nothing; `song_meters` None = the ladder's."""
        self.name = name
        self.counters = Counters()
        """For display. Threads: any may read."""
        self.rung = Rung.PLAN
        """The rung of the latest step. Threads: any may read."""
        self.rung_steps = [0] * len(Rung)
        """How many steps came from each rung. Threads: any may read."""
        self.part: Part | None = None
        """What it plays, where it is not the first voice. Threads: any may read."""
        self.leaves = False
        """Whether it plays on only until it has left the others."""
        self.epoch = 0
        self.next_step = 0
        """The first step that is not committed yet; negative in a count-in."""
        self.last_step: int | None = None
        """The step that it plays up to, and no further; None where it was not asked to end."""
        self._clock = clock
        self._ladder = ladder
        self._song = Song(clock, song_meters or ladder.meters, ratio, own_ratio, ladder.meters)
        self._routes, self._ledger = routes, ledger
        self._queues = NoteQueues(routes, ledger, self.counters)
        self._mixer = Mixer(()) if mixer is None else mixer
        self._count_in = count_in
        self._not_before_tick = 0
        self._played_from_top = False

    @property
    def ratio(self) -> Ratio:
        """How fast its song goes through the clock's bars, as asked for last.

        Threads: any. Real-time: yes.
        """
        return self._song.ratio

    @property
    def lanes(self) -> tuple[str, ...]:
        """The names of the lanes that it is mixed by. Threads: any. Real-time: yes."""
        return self._mixer.lanes

    @property
    def mix(self) -> Mix:
        """What of it is heard, and how loud. Threads: any. Real-time: yes."""
        return self._mixer.mix

    def position(self, standby: int | None = None) -> Moved:
        """Where it stands in the song. Threads: dispatcher only. Real-time: yes."""
        step = max(0, self.next_step)
        tempo_bpm = self._song.tempo_at(step * TICKS_PER_STEP)
        return Moved(self.name, self.epoch, step, self._clock.transport, tempo_bpm, standby)

    def tick(self, now_seconds: float) -> int:
        """Where the song is, for display; negative in a count-in. Threads: any. Real-time: yes."""
        if self._clock.transport is Transport.ROLLING:
            return max(min(0, self._not_before_tick), self._song.tick_at(now_seconds))
        return self.next_step * TICKS_PER_STEP

    def timeline_at(self, tick: int) -> Timeline:
        """Where the song's ticks fall around one of them. Threads: any. Real-time: yes."""
        return self._song.timeline_at(tick)

    def join(self, now_seconds: float) -> None:
        """Come in at the next bar line of a song that is under way.

        To be called before the dispatcher runs. Threads: player's main. Real-time: no.
        """
        step_now = max(0, self._song.tick_at(now_seconds)) // TICKS_PER_STEP
        self.next_step = self._ladder.meters.next_bar_line(step_now)
        self._played_from_top = True

    def beside(self, part: Part, epoch: int, clock_tick: int) -> Voice:
        """A voice that plays a part of the same song on the same wires, mixed as this one.

        It comes in at a tick of the clock, in an epoch. Without a plan it is silent.
        Threads: dispatcher only. Real-time: yes.
        """
        song_meters = self._song.meters
        meters = song_meters if part.meter is None else MeterMap.of(part.meter)
        meter = meters.meter_at(0)
        voice = Voice(
            part.name,
            self._clock,
            Ladder(meters, None, Bar(meter, ((),) * meter.bar_steps)),
            self._routes,
            self._ledger,
            mixer=self._mixer.beside(),
            own_ratio=part.ratio,
            song_meters=song_meters,
        )
        voice.part = part
        voice.epoch = epoch
        voice._song = self._song.beside(part.ratio, meters)
        voice.next_step = max(0, voice.step_from(clock_tick))
        voice._played_from_top = True
        return voice

    @property
    def next_line_tick(self) -> int:
        """The song's tick of the next bar line of which nothing is committed.

        Threads: dispatcher only. Real-time: yes.
        """
        song_step = first_step_from(self.uncommitted_tick)
        return self._song.meters.first_bar_line_from(song_step) * TICKS_PER_STEP

    def leave(self, clock_tick: int) -> None:
        """Play up to a tick of the clock, but not what falls on it, and then be gone.

        Threads: dispatcher only. Real-time: yes.
        """
        self.leaves = True
        self.last_step = max(self.step_from(clock_tick), self.next_step) - 1

    @property
    def has_left(self) -> bool:
        """Whether it was to leave, and all that it played is sent.

        Threads: dispatcher only. Real-time: yes.
        """
        if not self.leaves or self.next_step != self._end_step():
            return False
        return all(deadline is None for deadline in self._queues.deadlines(self._song))

    # what the brain plans

    def plan(self, plan: Plan) -> None:
        """Take planned steps over, if they are of this epoch.

        Threads: dispatcher only. Real-time: yes.
        """
        if plan.epoch == self.epoch:
            self._ladder.plan(plan.steps, self.next_step)

    def prepare(self, standby: Standby) -> None:
        """Keep steps at hand for a start from the top. Threads: dispatcher only. Real-time: yes."""
        self._ladder.prepare(standby.serial, standby.steps)

    # what is due

    def deadlines(self) -> Iterator[float | None]:
        """When something of it is due, in seconds. Threads: dispatcher only. Real-time: yes."""
        yield self._commit_deadline()
        yield from self._queues.deadlines(self._song)

    def end_deadline(self) -> float | None:
        """When it has ended, if it was asked to end. Threads: dispatcher only. Real-time: yes."""
        end_step = self._end_step()
        if end_step is None or self.leaves:
            return None
        return self._song.time_at(end_step * TICKS_PER_STEP) + self._queues.latest_seconds

    def commit_due(self, now_seconds: float) -> Iterator[Committed]:
        """Commit every step whose time has come. Threads: dispatcher only. Real-time: yes."""
        deadline = self._commit_deadline()
        while deadline is not None and deadline <= now_seconds:
            if self.next_step < 0:  # the count-in ends where the song begins: counted from its end
                self._push(Step(self.next_step, self._count_in[self.next_step]))
            else:
                yield self._commit()
            deadline = self._commit_deadline()

    def send_due(self, now: Callable[[], float]) -> None:
        """Send every message whose time has come. Threads: dispatcher only. Real-time: yes."""
        self._queues.send_due(self._song, now)

    def _commit_deadline(self) -> float | None:
        if self._clock.transport is not Transport.ROLLING or self.next_step == self._end_step():
            return None
        earliest_tick = self.next_step * TICKS_PER_STEP + MICROTIMING_MIN_TICKS
        ahead_seconds = self._queues.ahead_seconds + COMMIT_MARGIN_SECONDS
        return self._song.time_at(earliest_tick) - ahead_seconds

    def _end_step(self) -> int | None:
        return None if self.last_step is None else self.last_step + 1

    def _commit(self) -> Committed:
        step, self.rung = self._ladder.step(self.next_step)
        self.rung_steps[self.rung] += 1
        tempo_bpm = self._song.tempo_at(step.tick)
        own = NORMAL_TIME if self.part is None else self.part.ratio
        played = Committed(self.name, self.epoch, step, self.rung, tempo_bpm, own=own)
        committed = self._mixer.mixed(played)
        self._push(committed.step)
        self._song.arrive(self.next_step * TICKS_PER_STEP)
        self._played_from_top = True
        return committed

    def _push(self, step: Step) -> None:
        self._song.begin(step)
        self._queues.push(step, self._song, self._not_before_tick)
        self.next_step += 1

    # what becomes of the transport, and what the performer asks

    def moved(self, move: Move, now_seconds: float) -> Moved:
        """Begin a new epoch at a move's position.

        From the top again, the voice plays the standby plan: the old bar 0 has been heard.
        Threads: dispatcher only. Real-time: yes.
        """
        self.clear()
        self._song.moved(move)
        self.last_step = None
        self.epoch += 1
        self.next_step = self._first_step(move, now_seconds)
        self._ladder.relocate(max(0, self.next_step))
        return self.position(self._take_standby_for(move))

    def _first_step(self, move: Move, now_seconds: float) -> int:
        """The first step from a move on: one of the count-in, where there is time for it."""
        step = first_step_from(self._song.tick_on(move.tick))
        if move.kind is not MoveKind.START or move.tick != 0:
            return step
        now_tick = self._song.tick_at(now_seconds)
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

    def end_on_one(self, bars: int = 0) -> int:
        """Play up to the next bar's first step, or so many bars more, and no further; that step.

        Threads: dispatcher only. Real-time: yes.
        """
        meters = self._ladder.meters
        line = meters.first_bar_line_from(max(0, self.next_step))
        return self.end_at(meters.bars_later(line, bars))

    def end_at(self, step: int) -> int:
        """Play up to this step, or the next one, and no further; that step.

        Threads: dispatcher only. Real-time: yes.
        """
        self.last_step = max(step, self.next_step)
        return self.last_step

    def clock_tick(self, tick: int) -> int:
        """The clock's tick at one of the voice's. Threads: dispatcher only. Real-time: yes."""
        return self._song.clock_tick(tick)

    def step_from(self, clock_tick: int) -> int:
        """The first step not before a tick of the clock.

        Threads: dispatcher only. Real-time: yes.
        """
        return first_step_from(self._song.tick_on(clock_tick))

    @property
    def uncommitted_tick(self) -> int:
        """The song's first tick of which nothing is committed.

        Threads: dispatcher only. Real-time: yes.
        """
        return self._song.song_tick_from(max(0, self.next_step) * TICKS_PER_STEP)

    def turn_to(self, ratio: Ratio, from_tick: int, bars: int = 0) -> int:
        """Change the song's ratio at the next bar line of clock and song; the first step there.

        `from_tick` is the song's, not before `uncommitted_tick`. After so many of the clock's bars
        it changes back; 0 = it stays. Threads: dispatcher only. Real-time: yes.
        """
        song_tick = self._song.turn_to(ratio, from_tick, bars)
        return first_step_from(self._song.tick_from(song_tick))

    def rejoin(self, wire: Wire) -> None:
        """Let a wire that has returned come in at the next bar line; the others go on.

        Threads: dispatcher only. Real-time: yes.
        """
        bar_line = self._ladder.meters.first_bar_line_from(max(0, self.next_step))
        self._queues.rejoin(wire, bar_line * TICKS_PER_STEP)

    def mix_by(self, command: Command, now_seconds: float) -> tuple[Committed, ...] | None:
        """Obey a control of the mixer, down to the hits that no wire was given yet.

        What is silenced is so down to the hits that no wire has let out.
        The steps that sound otherwise than was said of them; None where nothing changes.
        Threads: dispatcher only. Real-time: yes.
        """
        self._queues.send_due(self._song, lambda: now_seconds)
        if not self._mixer.obey(command):
            return None
        changed = self._mixer.mixed_again(
            lambda tick: self._is_to_come(tick, now_seconds),
            lambda tick: self._queues.hold(self._sounding(tick), self._song, now_seconds),
        )
        for it in changed:
            self._queues.replace(it.step, self._song, self._not_before_tick, now_seconds)
        return changed

    def _is_to_come(self, tick: int, now_seconds: float) -> bool:
        """Whether no wire was given what falls on a tick of the straight grid."""
        time_seconds = self._song.time_at(self._sounding(tick))
        return time_seconds - self._queues.ahead_seconds > now_seconds

    def _sounding(self, tick: int) -> float:
        """The tick on which something sounds that stands on a tick of the straight grid."""
        return max(self._song.sounding(tick), self._not_before_tick)

    def panic(self) -> int:
        """End every note on every wire; the next step.

        Threads: dispatcher only. Real-time: yes.
        """
        self._queues.panic()
        return max(0, self.next_step)

    def clear(self) -> None:
        """Forget what is queued and end what sounds. Threads: dispatcher only. Real-time: yes."""
        self._queues.clear()
        self._mixer.forget()

"""The horizon: a voice is planned some bars ahead, and planned anew when something changes.

The plan reaches far ahead, so that a slow moment of the network is never heard. When a control
changes, the plan is rewound to the first uncommitted step, so that a knob is heard there and not
bars later. Pure logic: messages in, one small chunk of plan out at a time, so that the caller can
look at its messages in between.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Generic

from polyrhythmia_live.brain.band import Band
from polyrhythmia_live.brain.chart import Chart
from polyrhythmia_live.brain.grooves import Grooves
from polyrhythmia_live.brain.locks import Locks
from polyrhythmia_live.brain.memory import NEVER, Done, Memory, Now, Refused
from polyrhythmia_live.brain.saved import SavedSong
from polyrhythmia_live.brain.standbys import CHUNK_STEPS, STANDBY_BARS, Standbys
from polyrhythmia_live.brain.undo import Undo
from polyrhythmia_live.config import NO_SET_LIST, Section, SetList
from polyrhythmia_live.control.base import ENDS, LEADING, LEVELS, LOCKING, ControlState
from polyrhythmia_live.drummer.base import Drummer, StateT
from polyrhythmia_live.drummer.take import Take
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    Command,
    Committed,
    Cue,
    Cues,
    Fire,
    Lead,
    Locked,
    Moved,
    Outlook,
    Plan,
    Standby,
    Unchanged,
)
from polyrhythmia_live.rhythm.bar import Hits, Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport

HORIZON_BARS = 2
KEPT_BARS = 8
"""Played bars that a relocation can still find."""

TEMPO_SHARE = 0.1
"""The plan is made anew when the tempo is this share off: at half the pace, other grooves fit."""

FIRST_CHUNK_STEPS = 2
"""After a change the next steps are all that matters."""

SURELY_NOT = 1e-9
"""What a draw is counted as that the network held impossible, and a knob made possible."""

VETO_DRAWS = 8
"""How often another bar is drawn where the drummer insists on the same."""

MEMORY = ("again", "back", "keep", "go on", "fork", "remember", "recall", "forget")
"""The triggers that the memory obeys."""


@dataclass(slots=True)
class _Reach:
    """How far the player has the plan: up to the step `planned`, made for a tempo."""

    planned: int
    tempo_bpm: float
    chunk_steps: int = FIRST_CHUNK_STEPS


class Horizon(Generic[StateT]):
    """A voice's part of the brain, without pipes: `receive` messages, pass on `next_plan`.

    An exception of the drummer (`FloatingPointError` above all) passes through both; the horizon
    stays sound and tries the same step again at the next call.

    Threads: one at a time. Real-time: no.
    """

    def __init__(
        self,
        drummer: Drummer[StateT],
        meters: MeterMap,
        controls: ControlState,
        seed: int,
        bars: int = HORIZON_BARS,
        voice: str = DRUMS,
        set_list: SetList = NO_SET_LIST,
        grooves: Grooves | None = None,
        band: Band | None = None,
    ) -> None:
        """`grooves` None = what is remembered by name is kept for as long as this lives; `band`
        None = there are no other voices.
        """
        self.voice = voice
        self._band = Band() if band is None else band
        self._drummer = drummer
        self._meters = meters
        self._bars = bars
        self._chart = Chart(meters, controls, seed, drummer.genres, set_list)
        grooves = grooves or Grooves(None, "", drummer.genres, meters)
        self._memory = Memory(drummer, meters, self._chart, seed, grooves)
        self._locks = Locks[StateT](meters)
        self._undo = Undo(self._chart, self._memory, self._locks, meters)
        self._standbys = Standbys(drummer, voice, meters.bar_line(STANDBY_BARS))
        self._take = Take(drummer, 0, drummer.start(seed))
        self._epoch: int | None = None
        self._rolling = False
        self._tempo_bpm = LEVELS["tempo"].default
        self._uncommitted = 0
        self._reach = _Reach(0, self._tempo_bpm)

    @property
    def controls(self) -> ControlState:
        """What was asked for; a genre may still wait for its bar line."""
        return self._chart.controls

    @property
    def playing(self) -> ControlState:
        """What holds where the song is: a genre that waits does not."""
        return self._chart.asked_at(self._uncommitted)

    def take_levels(self, controls: ControlState) -> None:
        """Play on from here at these levels."""
        self._chart.take_levels(controls)
        self._standbys.wanted = True
        self.think_again()

    def think_again(self) -> None:
        """Plan anew what has not sounded: what is heard of others is not what it was."""
        self._rethink(self._uncommitted)

    @property
    def remembered(self) -> tuple[str, ...]:
        """The grooves that can be recalled, the latest remembered last."""
        return self._memory.grooves.names

    def receive(self, message: object) -> Applied | Unchanged | None:
        """Take a message in; one that is not for the brain, or makes no sense, is left alone.

        A command that changed something is answered with where it holds from, and one that could
        not be obeyed with why, where there is more to say than that it changed nothing.
        """
        if isinstance(message, Moved) and message.voice == self.voice:
            self._moved(message)
        elif isinstance(message, Committed) and message.voice == self.voice:
            self._committed(message)
        elif isinstance(message, Applied) and message.voice in (self.voice, None):
            self._player_obeyed(message)
        elif isinstance(message, Command):
            return self._answered(message)
        return None

    @property
    def planned_ticks(self) -> int:
        """Up to where it is planned, in its own ticks."""
        return self._reach.planned * TICKS_PER_STEP

    def next_plan(self, steps: int = CHUNK_STEPS) -> Plan | Standby | Lead | None:
        """The next message for the player, made of one small chunk; None when all is planned.

        The plan goes on by so many steps at the most.
        """
        lead = None if self._epoch is None else self._chart.lead(self._uncommitted)
        if lead is not None:
            return Lead(self.voice, self._epoch or 0, *lead)
        end = self._meters.bars_later(self._uncommitted, self._bars)
        reach = self._reach
        if self._epoch is None or reach.planned >= end:
            return self._standbys.next(self._opening, self._standby_steps)
        stop = min(end, reach.planned + min(steps, reach.chunk_steps))
        planned = self._planned_steps(reach.planned, stop)
        self._reach = replace(reach, planned=stop, chunk_steps=CHUNK_STEPS)
        return Plan(self.voice, self._epoch, planned)

    def outlook(self) -> Outlook:
        """The bar that holds the latest committed step, and the one after it."""
        line = self._meters.bar_line_at(max(0, self._uncommitted - 1))
        next_line = self._meters.next_bar_line(line)
        end = self._meters.next_bar_line(next_line)
        coming = self._known(next_line, end)
        likelihoods = tuple(self._take.likelihood(step.index) for step in coming)
        confidence = confidence_of(likelihoods)
        told = tuple(None if each is None else round(each, 2) for each in likelihoods)
        return Outlook(self.voice, self._known(line, next_line), coming, confidence, told)

    def cues(self) -> Cues:
        """What was asked for and is not over, and the genre that is still played."""
        cues = self._chart.cues(self.voice, self._uncommitted)
        remembered = self._memory.bars.cues(self._uncommitted)
        return replace(cues, cues=(*cues.cues, *remembered, *self._missing_groove()))

    def _missing_groove(self) -> tuple[Cue, ...]:
        """A groove that the next section should bring, and that is not remembered."""
        to_come = self._chart.show.groove_to_come()
        if to_come is None or self._memory.section_waits:
            return ()
        line, section = to_come
        return (Cue(f"no groove {section.groove}", line, self._meters.next_bar_line(line)),)

    def locked(self) -> Locked:
        """The lanes that are locked, or are to be."""
        return self._locks.said(self.voice)

    def _known(self, first: int, stop: int) -> tuple[Step, ...]:
        """The steps among these that have sounded or are planned, up to the song's last one."""
        first, stop = max(first, self._take.first_index), min(stop, self._take.end_index)
        if self._chart.last is not None:
            stop = min(stop, self._chart.last + 1)
        return tuple(Step(index, self._shown(index)) for index in range(first, stop))

    def _shown(self, step: int) -> Hits:
        """The first voice shows all that it hears: it is the song's."""
        hits = self._take.hits(step)
        return hits if self.voice == DRUMS else self._band.own(self.voice, step, hits)

    def save(self) -> SavedSong:
        """Where the song stands, its controls and the drummer's state, for `restore`."""
        kept = self._drummer.keep(self._latest())
        memory, chart = self._memory, self._chart
        return SavedSong(
            self._uncommitted,
            self._chart.controls_at_rest,
            kept,
            entry=chart.show.kept(),
            locks=self._locks.kept(),
            bars=memory.sounded.whole,
            kept=None if memory.bars.kept is None else memory.bars.kept.bar,
        )

    def restore(self, song: SavedSong, step_index: int) -> None:
        """Play on from a step as a drummer who has just played that song; the controls stay.

        Call it before any message is received. Raises an exception of any kind for the state of
        another drummer, and leaves all as it is.
        """
        self._take = Take(self._drummer, step_index, self._drummer.recall(song.drummer))
        self._memory.restore(song, step_index)
        self._locks.restore(song.locks)
        self._uncommitted = self._reach.planned = step_index
        if step_index == song.uncommitted:
            self._chart.show.recall(song.entry)

    # from the player

    def _moved(self, moved: Moved) -> None:
        latest = self._latest()
        taken = self._standbys.take_over(moved.standby)
        take = self._take if taken is None else taken
        if not take.first_index <= moved.step_index <= take.end_index:
            take = Take(self._drummer, moved.step_index, latest)
        elif taken is None and moved.step_index < self._uncommitted:
            take.rewind(moved.step_index)
        anew = take is not self._take
        if anew:
            self._chart.begin_anew()
        begun: Section | None = None
        stays = moved.step_index == self._uncommitted and moved.transport is Transport.ROLLING
        fallen = not stays and self._chart.leave_rise()
        if fallen:
            self._undo.forget_places()
            self._standbys.wanted = True
        if moved.step_index != self._uncommitted:
            begun = self._chart.jumped(moved.step_index)
            self._locks.jumped()
        if anew or moved.step_index != self._uncommitted:
            self._memory.moved(moved.step_index, anew)
            self._undo.forget_places()
        if moved.step_index == 0 and moved.transport is Transport.ROLLING:
            begun = self._chart.begin_show()
        if self._chart.last is not None and moved.step_index > self._chart.last:
            begun = self._chart.ended()
        if moved.epoch != self._epoch:
            self._chart.last = None
        self._rolling = moved.transport is Transport.ROLLING
        self._take = take
        self._epoch = moved.epoch
        self._tempo_bpm = moved.tempo_bpm
        self._uncommitted = moved.step_index
        self._plan_again()
        if (begun is not None and self._memory.section_begins(begun, self._now())) or fallen:
            self._rethink(self._uncommitted)
        self._bring_groove()

    def _committed(self, committed: Committed) -> None:
        if committed.epoch != self._epoch:
            return
        step = committed.step
        if step.index < self._uncommitted:
            return  # it was mixed anew, and nothing else was played
        reach = self._meters.bars_later(self._take.end_index, self._bars)
        if not self._take.first_index <= step.index <= reach:
            self._take = Take(self._drummer, step.index, self._latest())
        self._tempo_bpm = committed.tempo_bpm
        self._uncommitted = step.index + 1
        self._chart.heard(self._uncommitted)
        self._reach.planned = max(self._reach.planned, self._uncommitted)
        self._planned_steps(step.index, self._uncommitted)
        played = step.hits if committed.played is None else committed.played
        self._band.note(self.voice, step.index, played)
        if self._memory.heard(replace(step, hits=played)):
            self._standbys.wanted = True
        # What others do otherwise than was heard of them changes no plan: each would wait for the
        # other, and all be planned anew at every step.
        planned = self._band.own(self.voice, step.index, self._take.hits(step.index))
        heard = self._band.heard(self.voice, step.index, played)
        if played != planned and self._take.observe(step.index, heard):
            self._plan_again()
        self._locks.settle(self._uncommitted, self._take)
        self._bring_groove()
        thought_bpm = self._reach.tempo_bpm
        if abs(self._tempo_bpm - thought_bpm) > TEMPO_SHARE * thought_bpm:
            self._rethink(self._uncommitted)
        kept_from = self._meters.bars_later(self._uncommitted, -KEPT_BARS)
        self._take.forget_before(kept_from)
        self._chart.forget_before(kept_from)
        self._memory.forget_before(kept_from)
        self._band.forget_before(self.voice, kept_from)
        if self._meters.is_bar_line(self._uncommitted):
            self._standbys.wanted = True

    # from the performer

    def _answered(self, command: Command) -> Applied | Unchanged | None:
        """What became of a command; None where it changed nothing, and there is no more to say."""
        step = self._uncommitted
        before = self._undo.before(command, self._latest(), step)
        try:
            done = self._obey(command)
        except Refused as refused:
            return Unchanged(command, str(refused))
        if done is None:
            return None
        if command.name != "undo":
            self._undo.push(before, done.step)
        if self._undo.has_changed(before):
            self._standbys.wanted = True
        if done.replan < self._take.end_index or done.replan < self._reach.planned:
            self._rethink(done.replan)
        tick, epoch = done.step * TICKS_PER_STEP, self._epoch or 0
        return Applied(command, self.voice, done.step, tick, epoch, step, done.words)

    def _obey(self, command: Command) -> Done | None:
        """Do what a command asks for; None where it changes nothing. Raises Refused."""
        step, now = self._uncommitted, self._now()
        if isinstance(command, Fire) and command.name in MEMORY:
            return self._memory.obey(command, now)
        if isinstance(command, Fire) and command.name in LOCKING:
            holds_from = self._locks.obey(command, step, self._rolling, self._take)
            return None if holds_from is None else Done(holds_from, step)
        if command.name == "veto":
            return self._veto(now)
        if isinstance(command, Fire) and command.name == "undo":
            return self._undo.leave_out(command.word, now) if command.word else self._undo.pop(now)
        if command.name == "now" and not self._memory.section_waits:
            done = self._memory.comes_at_once(now)
            if done is not None:
                return done
        holds_from = self._chart.obey(command, step, self._rolling)
        if holds_from is None:
            why_not = self._chart.show.why_not(command) if isinstance(command, Fire) else ""
            if why_not:
                raise Refused(why_not)
            return None
        if command.name == "genre":
            self._memory.other_genre(holds_from)
        if command.name in LEADING and command.name != "vamp":
            self._led(holds_from)
        self._bring_groove()
        return Done(holds_from, step)

    def _led(self, line: int) -> None:
        """The set list goes elsewhere with a line: what is kept gives way, and a groove comes."""
        show = self._chart.show
        if not self._rolling and show.now is not None:
            self._memory.section_begins(show.section(show.now), self._now())
        elif not self._memory.section_waits:
            self._memory.other_genre(line)

    def _bring_groove(self) -> None:
        """Let the groove of the section that comes next wait for its line."""
        line = self._memory.section_comes(self._chart.show.groove_to_come(), self._now())
        if line is not None and line < max(self._take.end_index, self._reach.planned):
            self._rethink(max(line, self._uncommitted))

    def _veto(self, now: Now[StateT]) -> Done:
        """Draw the next bar until it is another. Raises Refused where it is the same every time."""
        line = self._meters.first_bar_line_from(now.step)
        end = self._meters.next_bar_line(line)
        if not now.rolling:
            raise Refused("veto: nothing plays")
        bars = self._memory.bars
        refused = (*bars.refused_at(line), self._planned_steps(line, end))
        for _ in range(VETO_DRAWS):
            done = self._memory.vetoed(now, refused)
            self._take.rewind(line)
            if self._planned_steps(line, end) not in refused:
                self._reach.planned = min(self._reach.planned, line)
                return replace(done, replan=NEVER, words="veto: another bar")
        self._memory.bars = bars
        self._take.rewind(line)
        raise Refused("veto: the drummer has no other bar")

    def _now(self) -> Now[StateT]:
        def state(step: int) -> StateT | None:
            there = self._take.first_index <= step <= self._take.end_index
            return self._take.state(step) if there else None

        return Now(self._uncommitted, self._rolling, self._tempo_bpm, self._planned_steps, state)

    def _player_obeyed(self, applied: Applied) -> None:
        """The player has done what cannot be taken back, and says which step is the last one.

        What the set list asked for, nobody did at any time.
        """
        command, step = applied.command, self._uncommitted
        if command.at_seconds:
            self._undo.push(self._undo.before(command, self._latest(), step), step)
        if command.name in ENDS:
            self._chart.end_with(applied.step, step)
            self._undo.forget_places()
            self._rethink(step)

    # the plan

    def _latest(self) -> StateT:
        """The state after the last step that sounded, or the one in which a relocation began."""
        step = min(self._uncommitted, self._take.end_index)
        return self._memory.entered(step, self._take.state(step))

    def _opening(self) -> StateT:
        """The state in which a song would begin from the top."""
        return self._memory.opening(self._latest())

    def _rethink(self, step: int) -> None:
        """Play on anew from a step."""
        self._take.rewind(step)
        planned = min(step, self._reach.planned)
        tempo_bpm = self._tempo_bpm if step == self._uncommitted else self._reach.tempo_bpm
        self._reach = _Reach(planned, tempo_bpm)

    def _plan_again(self) -> None:
        self._reach = _Reach(self._uncommitted, self._tempo_bpm)

    def _planned_steps(self, first: int, stop: int) -> tuple[Step, ...]:
        """Steps of the take, played by the chart as far as they are not there yet."""
        take, memory = self._take, self._memory
        while take.end_index < stop:
            step = take.end_index
            self._overhear(step - 1)
            place = memory.place(step, self._tempo_bpm)
            given = memory.given(place)
            place = self._locks.given(place, self._chart.asked_lanes(step), take)
            place = self._band.asked(self.voice, place)
            if given is not None:
                given = self._band.heard(self.voice, step, given)
            state = memory.entered(step, take.state(step))
            hits = take.extend(place, memory.controls_at(step), given=given, state=state)
            self._band.note(self.voice, step, self._band.own(self.voice, step, hits))
        return tuple(
            Step(
                index,
                self._band.own(self.voice, index, take.hits(index)),
                memory.controls_at(index).grid_swing,
            )
            for index in range(first, stop)
        )

    def _overhear(self, step: int) -> None:
        """Hear what others play between a step, the last of the take, and the next one."""
        if step >= self._take.first_index:
            own = self._band.own(self.voice, step, self._take.hits(step))
            self._take.overhear(self._band.heard(self.voice, step, own))

    def _standby_steps(self, take: Take[StateT], first: int, stop: int) -> tuple[Step, ...]:
        """Steps from the top, as they would be played now."""
        for step in range(take.end_index, stop):
            place = self._chart.place_from_the_top(step, self._tempo_bpm)
            given = self._memory.given_from_the_top(step)
            if given is not None:
                place = replace(place, fill=None, accent=None)
            place = self._band.asked(self.voice, self._locks.given(place, frozenset(), None))
            take.extend(place, self._chart.controls_from_the_top, given=given)
        swing = self._chart.controls_from_the_top.grid_swing
        return tuple(
            Step(index, self._band.own(self.voice, index, take.hits(index)), swing)
            for index in range(first, stop)
        )


def confidence_of(likelihoods: Iterable[float | None]) -> float | None:
    """The geometric mean of what the network gave its own draws, to the per cent; None of none."""
    drawn = [max(each, SURELY_NOT) for each in likelihoods if each is not None]
    if not drawn:
        return None
    return round(math.exp(math.fsum(map(math.log, drawn)) / len(drawn)), 2)

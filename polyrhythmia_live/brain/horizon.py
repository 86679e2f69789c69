"""The horizon: a voice is planned some bars ahead, and planned anew when something changes.

The plan reaches far ahead, so that a slow moment of the network is never heard. When a control
changes, the plan is rewound to the first uncommitted step, so that a knob is heard there and not
bars later. Pure logic: messages in, one small chunk of plan out at a time, so that the caller can
look at its messages in between.
"""

from __future__ import annotations

from typing import Generic

from polyrhythmia_live.brain.chart import Chart
from polyrhythmia_live.brain.locks import Locks
from polyrhythmia_live.brain.saved import SavedSong
from polyrhythmia_live.brain.standbys import CHUNK_STEPS, STANDBY_BARS, Standbys
from polyrhythmia_live.config import NO_SET_LIST, SetList
from polyrhythmia_live.control.base import LEVELS, LOCKING, ControlState
from polyrhythmia_live.drummer.base import Drummer, StateT
from polyrhythmia_live.drummer.take import Take
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    Command,
    Committed,
    Cues,
    Fire,
    Lead,
    Locked,
    Moved,
    Outlook,
    Plan,
    Standby,
)
from polyrhythmia_live.rhythm.bar import Step
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
    ) -> None:
        self.voice = voice
        self._drummer = drummer
        self._meters = meters
        self._bars = bars
        self._chart = Chart(meters, controls, seed, drummer.genres, set_list)
        self._locks = Locks[StateT](meters)
        self._standbys = Standbys(drummer, voice, meters.bar_line(STANDBY_BARS))
        self._take = Take(drummer, 0, drummer.start(seed))
        self._epoch: int | None = None
        self._rolling = False
        self._tempo_bpm = self._thought_bpm = LEVELS["tempo"].default
        self._uncommitted = 0
        self._planned = 0
        self._chunk_steps = FIRST_CHUNK_STEPS

    @property
    def controls(self) -> ControlState:
        """What was asked for; a genre may still wait for its bar line."""
        return self._chart.controls

    def receive(self, message: object) -> Applied | None:
        """Take a message in; one that is not for the brain, or makes no sense, is left alone.

        A command that changed something is answered with where it holds from.
        """
        if isinstance(message, Moved) and message.voice == self.voice:
            self._moved(message)
        elif isinstance(message, Committed) and message.voice == self.voice:
            self._committed(message)
        elif isinstance(message, Applied) and message.voice == self.voice:
            self._ending(message)
        elif isinstance(message, Command):
            step_index = self._obey(message)
            if step_index is not None:
                tick = step_index * TICKS_PER_STEP
                epoch, uncommitted = self._epoch or 0, self._uncommitted
                return Applied(message, self.voice, step_index, tick, epoch, uncommitted)
        return None

    def next_plan(self) -> Plan | Standby | Lead | None:
        """The next message for the player, made of one small chunk; None when all is planned."""
        lead = None if self._epoch is None else self._chart.lead(self._uncommitted)
        if lead is not None:
            return Lead(self.voice, self._epoch or 0, *lead)
        end = self._meters.bars_later(self._uncommitted, self._bars)
        if self._epoch is None or self._planned >= end:
            return self._standbys.next(self._latest, self._standby_steps)
        stop = min(end, self._planned + self._chunk_steps)
        steps = self._planned_steps(self._planned, stop)
        self._planned = stop
        self._chunk_steps = CHUNK_STEPS
        return Plan(self.voice, self._epoch, steps)

    def outlook(self) -> Outlook:
        """The bar that holds the latest committed step, and the one after it."""
        line = self._meters.bar_line_at(max(0, self._uncommitted - 1))
        next_line = self._meters.next_bar_line(line)
        end = self._meters.next_bar_line(next_line)
        return Outlook(self.voice, self._known(line, next_line), self._known(next_line, end))

    def cues(self) -> Cues:
        """What was asked for and is not over, and the genre that is still played."""
        return self._chart.cues(self.voice, self._uncommitted)

    def locked(self) -> Locked:
        """The lanes that are locked, or are to be."""
        return self._locks.said(self.voice)

    def _known(self, first: int, stop: int) -> tuple[Step, ...]:
        """The steps among these that have sounded or are planned, up to the song's last one."""
        first, stop = max(first, self._take.first_index), min(stop, self._take.end_index)
        if self._chart.last is not None:
            stop = min(stop, self._chart.last + 1)
        return tuple(Step(index, self._take.hits(index)) for index in range(first, stop))

    def save(self) -> SavedSong:
        """Where the song stands, its controls and the drummer's state, for `restore`."""
        kept = self._drummer.keep(self._latest())
        entry, locks = self._chart.show.kept(), self._locks.kept()
        return SavedSong(self._uncommitted, self.controls, kept, entry, locks)

    def restore(self, song: SavedSong, step_index: int) -> None:
        """Play on from a step as a drummer who has just played that song; the controls stay.

        Call it before any message is received. Raises an exception of any kind for the state of
        another drummer, and leaves all as it is.
        """
        self._take = Take(self._drummer, step_index, self._drummer.recall(song.drummer))
        self._locks.restore(song.locks)
        self._uncommitted = self._planned = step_index
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
        if take is not self._take:
            self._chart.begin_anew()
        if moved.step_index != self._uncommitted:
            self._chart.jumped(moved.step_index)
            self._locks.jumped()
        if moved.step_index == 0 and moved.transport is Transport.ROLLING:
            self._chart.begin_show()
        if self._chart.last is not None and moved.step_index > self._chart.last:
            self._chart.ended()
        if moved.epoch != self._epoch:
            self._chart.last = None
        self._rolling = moved.transport is Transport.ROLLING
        self._take = take
        self._epoch = moved.epoch
        self._tempo_bpm = moved.tempo_bpm
        self._uncommitted = moved.step_index
        self._plan_again()

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
        self._planned = max(self._planned, self._uncommitted)
        self._planned_steps(step.index, self._uncommitted)
        played = step.hits if committed.played is None else committed.played
        if self._take.observe(step.index, played):
            self._plan_again()
        self._locks.settle(self._uncommitted, self._take)
        if abs(self._tempo_bpm - self._thought_bpm) > TEMPO_SHARE * self._thought_bpm:
            self._rethink()
        kept_from = self._meters.bars_later(self._uncommitted, -KEPT_BARS)
        self._take.forget_before(kept_from)
        self._chart.forget_before(kept_from)
        if self._meters.is_bar_line(self._uncommitted):
            self._standbys.wanted = True

    # from the performer

    def _obey(self, command: Command) -> int | None:
        """The step from which the command holds; None where it changed nothing."""
        controls, locks, step = self.controls, self._locks.kept(), self._uncommitted
        if isinstance(command, Fire) and command.name in LOCKING:
            step_index = self._locks.obey(command, step, self._rolling, self._take)
        else:
            step_index = self._chart.obey(command, step, self._rolling)
        if step_index is not None:
            self._rethink()
        if self.controls != controls or self._locks.kept() != locks:
            self._standbys.wanted = True
        return step_index

    def _ending(self, applied: Applied) -> None:
        """The player, who obeys these, says which step is the last."""
        if applied.command.name in ("end on one", "outro"):
            self._chart.end_with(applied.step, self._uncommitted)
            self._rethink()

    # the plan

    def _latest(self) -> StateT:
        """The state after the last step that sounded, or the one in which a relocation began."""
        return self._take.state(min(self._uncommitted, self._take.end_index))

    def _rethink(self) -> None:
        self._take.rewind(self._uncommitted)
        self._plan_again()

    def _plan_again(self) -> None:
        self._thought_bpm = self._tempo_bpm
        self._planned = self._uncommitted
        self._chunk_steps = FIRST_CHUNK_STEPS

    def _planned_steps(self, first: int, stop: int) -> tuple[Step, ...]:
        """Steps of the take, played by the chart as far as they are not there yet."""
        take, chart = self._take, self._chart
        while take.end_index < stop:
            step = take.end_index
            place = chart.place(step, self._tempo_bpm)
            place = self._locks.given(place, chart.asked_lanes(step), take)
            take.extend(place, chart.controls_at(step))
        return tuple(
            Step(index, take.hits(index), chart.controls_at(index).grid_swing)
            for index in range(first, stop)
        )

    def _standby_steps(self, take: Take[StateT], first: int, stop: int) -> tuple[Step, ...]:
        """Steps from the top, as they would be played now."""
        for step in range(take.end_index, stop):
            place = self._chart.place_from_the_top(step, self._tempo_bpm)
            place = self._locks.given(place, frozenset(), None)
            take.extend(place, self._chart.controls_from_the_top)
        swing = self._chart.controls_from_the_top.grid_swing
        return tuple(Step(index, take.hits(index), swing) for index in range(first, stop))

"""The horizon: a voice is planned some bars ahead, and planned anew when something changes.

The plan reaches far ahead, so that a slow moment of the network is never heard. When a control
changes, the plan is rewound to the first uncommitted step, so that a knob is heard there and not
bars later. Pure logic: messages in, one small chunk of plan out at a time, so that the caller can
look at its messages in between.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic

from polyrhythmia_live.brain.phrase import Phrase
from polyrhythmia_live.brain.saved import SavedSong
from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.drummer.base import Drummer, StateT
from polyrhythmia_live.drummer.take import Take
from polyrhythmia_live.messages import (
    DRUMS,
    Applied,
    Choose,
    Command,
    Committed,
    Cue,
    Cues,
    Fire,
    LevelChange,
    Moved,
    NudgeLevel,
    Outlook,
    Plan,
    Standby,
    Turn,
)
from polyrhythmia_live.rhythm.bar import Step
from polyrhythmia_live.rhythm.control import Weights
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport

HORIZON_BARS = 2
KEPT_BARS = 8
"""Played bars that a relocation can still find."""
STANDBY_BARS = 1
"""One bar is enough to start with: the plan has caught up long before its end."""
KEPT_STANDBYS = 3
"""A Start may have taken over a standby that was being replaced at that moment."""

TEMPO_SHARE = 0.1
"""The plan is made anew when the tempo is this share off: at half the pace, other grooves fit."""

PHRASES: dict[str, Callable[[Phrase, int], Phrase]] = {
    "fill": Phrase.with_fill,
    "break": Phrase.with_break,
    "crash": Phrase.with_crash,
}
"""What a trigger makes of the phrase, from the first uncommitted step on."""

FIRST_CHUNK_STEPS = 2
"""After a change the next steps are all that matters."""
CHUNK_STEPS = 8


@dataclass(slots=True)
class _Branch(Generic[StateT]):
    """A standby: what would be played from the top, and how much of it the player has."""

    serial: int
    take: Take[StateT]
    sent_steps: int = 0


@dataclass(frozen=True, slots=True)
class _Turn:
    """A change of genre that waits for its bar line: what is played before it."""

    line: int
    outgoing: Weights


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
    ) -> None:
        self.controls = controls
        """What was asked for; a genre may still wait for its bar line."""
        self.voice = voice
        self._drummer = drummer
        self._meters = meters
        self._bars = bars
        self._seed = seed
        self._phrase = self._own_phrase()
        self._turn: _Turn | None = None
        self._last: int | None = None
        """The song's last step, where the performer has asked for its end."""
        self._rolling = False
        self._take = Take(drummer, 0, drummer.start(seed))
        self._epoch: int | None = None
        self._tempo_bpm = self._thought_bpm = LEVELS["tempo"].default
        self._uncommitted = 0
        self._planned = 0
        self._chunk_steps = FIRST_CHUNK_STEPS
        self._branches: list[_Branch[StateT]] = []
        self._branch_wanted = True
        self._serial = 0

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

    def next_plan(self) -> Plan | Standby | None:
        """The next message for the player, made of one small chunk; None when all is planned."""
        end = self._meters.bars_later(self._uncommitted, self._bars)
        if self._epoch is None or self._planned >= end:
            return self._next_standby()
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
        cues = (
            Cue(figure.kind.value, figure.first, figure.end)
            for figure in self._phrase.figures
            if figure.first < figure.end and self._uncommitted <= figure.end
        )
        turn = self._turn
        if turn is None or turn.line + 1 < self._uncommitted:  # its line sounds
            return Cues(self.voice, tuple(cues))
        outgoing = replace(self.controls, genre=turn.outgoing).genre_name
        return Cues(self.voice, tuple(cues), Turn(outgoing, turn.line))

    def _known(self, first: int, stop: int) -> tuple[Step, ...]:
        """The steps among these that have sounded or are planned, up to the song's last one."""
        first, stop = max(first, self._take.first_index), min(stop, self._take.end_index)
        if self._last is not None:
            stop = min(stop, self._last + 1)
        return tuple(Step(index, self._take.hits(index)) for index in range(first, stop))

    def save(self) -> SavedSong:
        """Where the song stands, its controls and the drummer's state, for `restore`."""
        kept = self._drummer.keep(self._latest())
        return SavedSong(self._uncommitted, self.controls, kept)

    def restore(self, song: SavedSong, step_index: int) -> None:
        """Play on from a step as a drummer who has just played that song; the controls stay.

        Call it before any message is received. Raises an exception of any kind for the state of
        another drummer, and leaves all as it is.
        """
        self._take = Take(self._drummer, step_index, self._drummer.recall(song.drummer))
        self._uncommitted = self._planned = step_index

    # from the player

    def _moved(self, moved: Moved) -> None:
        latest = self._latest()
        taken = next((it.take for it in self._branches if it.serial == moved.standby), None)
        take = self._take if taken is None else taken
        if not take.first_index <= moved.step_index <= take.end_index:
            take = Take(self._drummer, moved.step_index, latest)
        elif taken is None and moved.step_index < self._uncommitted:
            take.rewind(moved.step_index)
        if take is not self._take:
            self._phrase = self._own_phrase()
        if moved.step_index != self._uncommitted:
            self._turn = None
        if moved.epoch != self._epoch:
            self._last = None
        self._rolling = moved.transport is Transport.ROLLING
        self._take = take
        self._epoch = moved.epoch
        self._tempo_bpm = moved.tempo_bpm
        self._uncommitted = moved.step_index
        self._branches = [branch for branch in self._branches if branch.take is not taken]
        # A standby that has just begun must not be the next start too: the bar line makes the next.
        # Without one, the player may be a new one that has no standby yet.
        self._branch_wanted = taken is None
        self._plan_again()

    def _committed(self, committed: Committed) -> None:
        if committed.epoch != self._epoch:
            return
        step = committed.step
        reach = self._meters.bars_later(self._take.end_index, self._bars)
        if not self._take.first_index <= step.index <= reach:
            self._take = Take(self._drummer, step.index, self._latest())
        self._tempo_bpm = committed.tempo_bpm
        self._uncommitted = step.index + 1
        self._planned = max(self._planned, self._uncommitted)
        self._planned_steps(step.index, self._uncommitted)
        if self._take.observe(step.index, step.hits):
            self._plan_again()
        if abs(self._tempo_bpm - self._thought_bpm) > TEMPO_SHARE * self._thought_bpm:
            self._rethink()
        kept_from = self._meters.bars_later(self._uncommitted, -KEPT_BARS)
        self._take.forget_before(kept_from)
        self._phrase = self._phrase.forget_before(kept_from)
        if self._meters.is_bar_line(self._uncommitted):
            self._branch_wanted = True

    # from the performer

    def _obey(self, command: Command) -> int | None:
        """The step from which the command holds; None where it changed nothing."""
        if isinstance(command, Fire):
            if command.name == "now":
                return self._turn_now()
            change = PHRASES.get(command.name)
            return None if change is None else self._phrased(change)
        if command.name == "genre":
            if isinstance(command, Choose | NudgeLevel):
                return self._choose_genre(command)
            return None
        if command.name in DRUMMER_LEVELS and not isinstance(command, Choose):
            changed = self._set_level(command)
        else:
            changed = False
        return self._uncommitted if changed else None

    def _set_level(self, command: LevelChange) -> bool:
        name = command.name
        value = command.moved(LEVELS[name], getattr(self.controls, name))
        if value is None or not math.isfinite(value):
            return False
        return self._change(self.controls.with_level(name, value))

    def _choose_genre(self, command: Choose | NudgeLevel) -> int | None:
        """Where the genre comes in: at the bar line, after a fill; chosen again, at once.

        What stands begins in it at once.
        """
        genres = self._drummer.genres
        if isinstance(command, Choose):
            index = command.index
        else:
            index = genres.index(self.controls.genre_name) + command.presses
        if not 0 <= index < len(genres):
            return None
        chosen, outgoing = (
            self.controls.with_genre(genres[index]),
            self._controls_at(self._uncommitted).genre,
        )
        if chosen == self.controls:
            return self._turn_now() if isinstance(command, Choose) else None
        line = self._meters.first_bar_line_from(self._uncommitted)
        if self._rolling and chosen.genre != outgoing:
            self._turn = _Turn(line, outgoing)
            self._phrase = self._phrase.with_turn(self._uncommitted, line)
        else:
            self._turn, line = None, self._uncommitted
        self._change(chosen)
        return line

    def _turn_now(self) -> int | None:
        """Let a genre come in at once that waits for its bar line."""
        if self._turn is None or self._turn.line <= self._uncommitted:
            return None
        self._turn = None
        self._phrase = self._phrase.cut_short(self._uncommitted)
        self._rethink()
        return self._uncommitted

    def _ending(self, applied: Applied) -> None:
        """The player, who obeys "end on one", says which step is the last."""
        if applied.command.name == "end on one":
            self._last = applied.step
            self._phrase = self._phrase.with_ending(self._uncommitted, applied.step)
            self._rethink()

    def _change(self, controls: ControlState) -> bool:
        if controls == self.controls:
            return False
        self.controls = controls
        self._phrase = replace(self._phrase, fills=controls.fills)
        self._branch_wanted = True
        self._rethink()
        return True

    def _phrased(self, change: Callable[[Phrase, int], Phrase]) -> int | None:
        """Change the phrase from the first uncommitted step on; the step where it is heard.

        A song that stands is asked for nothing: it would be a surprise when it goes on.
        """
        if not self._rolling:
            return None
        phrase = change(self._phrase, self._uncommitted)
        if phrase == self._phrase:
            return None
        self._phrase = phrase
        self._rethink()
        return phrase.figures[-1].first

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

    def _next_standby(self) -> Standby | None:
        if self._branch_wanted:
            self._serial += 1
            branch = _Branch(self._serial, Take(self._drummer, 0, self._latest()))
            self._branches = [*self._branches, branch][-KEPT_STANDBYS:]
            self._branch_wanted = False
        if not self._branches:
            return None
        branch = self._branches[-1]
        end = self._meters.bar_line(STANDBY_BARS)
        if branch.sent_steps >= end:
            return None
        stop = min(end, branch.sent_steps + CHUNK_STEPS)
        steps = self._steps(branch.take, 0, stop, self._own_phrase(), lambda _: self.controls)
        branch.sent_steps = stop
        return Standby(self.voice, branch.serial, steps)

    def _planned_steps(self, first: int, stop: int) -> tuple[Step, ...]:
        return self._steps(self._take, first, stop, self._phrase, self._controls_at)

    def _steps(
        self,
        take: Take[StateT],
        first: int,
        stop: int,
        phrase: Phrase,
        controls_at: Callable[[int], ControlState],
    ) -> tuple[Step, ...]:
        """Steps of a take, played as far as they are not there yet."""
        while take.end_index < stop:
            step = take.end_index
            take.extend(phrase.place(step, self._tempo_bpm), controls_at(step))
        return tuple(Step(index, take.hits(index)) for index in range(first, stop))

    def _controls_at(self, step: int) -> ControlState:
        """What holds at a step: before its bar line, a genre that waits does not."""
        if self._turn is None or step >= self._turn.line:
            return self.controls
        return replace(self.controls, genre=self._turn.outgoing)

    def _own_phrase(self) -> Phrase:
        """The phrase in which nothing is asked for."""
        return Phrase(self._meters, seed=self._seed, fills=self.controls.fills)

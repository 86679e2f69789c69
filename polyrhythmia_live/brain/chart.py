"""The chart: all that was asked of a voice, and what it says of each step.

Levels, the figures of the phrase, a genre that waits for its bar line, the end. The drummer is not
in it: what is played by the chart, and what has sounded, is the horizon's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from polyrhythmia_live.brain.phrase import Phrase
from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEVELS, ControlState
from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.messages import (
    Choose,
    Command,
    Cue,
    Cues,
    Fire,
    LevelChange,
    NudgeLevel,
    Turn,
)
from polyrhythmia_live.rhythm.control import Weights
from polyrhythmia_live.rhythm.meter_map import MeterMap

FIGURES: dict[str, Callable[[Phrase, int], Phrase]] = {
    "fill": Phrase.with_fill,
    "break": Phrase.with_break,
    "crash": Phrase.with_crash,
}
"""What a trigger makes of the phrase, from the first uncommitted step on."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """A change of genre that waits for its bar line: what is played before it."""

    line: int
    outgoing: Weights


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a voice at some moment."""

    controls: ControlState
    phrase: Phrase
    turn: _Turn | None


class Chart:
    """What was asked of one voice. `genres` are those that the drummer knows.

    Steps are the voice's; `step`, below, is the first one that nothing has been heard of.
    Threads: one at a time. Real-time: no.
    """

    def __init__(
        self, meters: MeterMap, controls: ControlState, seed: int, genres: Sequence[str]
    ) -> None:
        self.controls = controls
        """What was asked for; a genre may still wait for its bar line."""
        self.last: int | None = None
        """The song's last step, where the performer has asked for its end."""
        self._meters = meters
        self._seed = seed
        self._genres = tuple(genres)
        self._phrase = self._own_phrase()
        self._turn: _Turn | None = None

    # what it says

    def controls_at(self, step: int) -> ControlState:
        """What holds at a step: before its bar line, a genre that waits does not."""
        if self._turn is None or step >= self._turn.line:
            return self.controls
        return replace(self.controls, genre=self._turn.outgoing)

    def place(
        self, step: int, tempo_bpm: float, fills: float, given: Callable[[int], bool]
    ) -> Place:
        """What is asked of the drummer at a step.

        `fills` is the level of that name there, and `given` says of a step whether its hits are.
        """
        phrase = self._phrase
        if fills != phrase.fills:
            phrase = replace(phrase, fills=fills)
        return phrase.place(step, tempo_bpm, given)

    def place_from_the_top(self, step: int, tempo_bpm: float) -> Place:
        """The same where the song would start again, with nothing asked for but the levels."""
        return self._own_phrase().place(step, tempo_bpm)

    def cues(self, voice: str, step: int) -> Cues:
        """What was asked for and is not over, and the genre that is still played."""
        cues = tuple(
            Cue(figure.kind.value, figure.first, figure.end)
            for figure in self._phrase.figures
            if figure.first < figure.end and step <= figure.end
        )
        turn = self._turn
        if turn is None or turn.line + 1 < step:  # its line sounds
            return Cues(voice, cues)
        outgoing = replace(self.controls, genre=turn.outgoing).genre_name
        return Cues(voice, cues, Turn(outgoing, turn.line))

    @property
    def asked(self) -> Asked:
        """All that was asked for, to take it up again by `take_back`."""
        return Asked(self.controls, self._phrase, self._turn)

    # what is asked

    def take_back(self, asked: Asked) -> None:
        """Let hold what held when it was `asked`."""
        self.controls, self._phrase, self._turn = asked.controls, asked.phrase, asked.turn

    def put_back(self, name: str, value: float) -> None:
        """Let a level stand where it stood."""
        self._change(self.controls.with_level(name, value))

    def take_levels(self, controls: ControlState) -> None:
        """Let these levels hold: those of what has come in."""
        self._turn = None
        self._change(controls)

    def lead_into(self, step: int, line: int) -> None:
        """A fill from a step into a bar line on which something new comes in."""
        self._phrase = self._phrase.with_turn(step, line)

    def cut_short(self, step: int) -> None:
        """End each fill that was asked for at a step: what it leads to comes in there."""
        self._phrase = self._phrase.cut_short(step)

    def obey(self, command: Command, step: int, rolling: bool) -> int | None:
        """Take a command in; the step from which it holds, None where it changes nothing."""
        if isinstance(command, Fire):
            return self._fire(command.name, step, rolling)
        if command.name == "genre":
            if isinstance(command, Choose | NudgeLevel):
                return self._choose_genre(command, step, rolling)
            return None
        if command.name in DRUMMER_LEVELS and not isinstance(command, Choose):
            return self._set_level(command, step)
        return None

    def end_with(self, last: int, step: int) -> None:
        """The song ends with this step: a fill leads there, and it crashes."""
        self.last = last
        self._phrase = self._phrase.with_ending(step, last)

    # where the song is

    def jumped(self) -> None:
        """The song is at another place: the genre that was waited for is there."""
        self._turn = None

    def begin_anew(self) -> None:
        """Other music begins: nothing that was asked of the phrase is due in it."""
        self._phrase = self._own_phrase()

    def forget_before(self, step: int) -> None:
        """Drop what is over at a step, and no longer felt."""
        self._phrase = self._phrase.forget_before(step)

    def _fire(self, name: str, step: int, rolling: bool) -> int | None:
        if name == "now":
            return self._turn_now(step)
        figure = FIGURES.get(name)
        return None if figure is None or not rolling else self._figured(figure, step)

    def _figured(self, figure: Callable[[Phrase, int], Phrase], step: int) -> int | None:
        """Change the phrase from a step on; the step where it is heard.

        A song that stands is asked for nothing: it would be a surprise when it goes on.
        """
        phrase = figure(self._phrase, step)
        if phrase == self._phrase:
            return None
        self._phrase = phrase
        return phrase.figures[-1].first

    def _set_level(self, command: LevelChange, step: int) -> int | None:
        name = command.name
        value = command.moved(LEVELS[name], getattr(self.controls, name))
        if value is None or not math.isfinite(value):
            return None
        return step if self._change(self.controls.with_level(name, value)) else None

    def _choose_genre(self, command: Choose | NudgeLevel, step: int, rolling: bool) -> int | None:
        """Where the genre comes in: at the bar line, after a fill; chosen again, at once.

        What stands begins in it at once.
        """
        if isinstance(command, Choose):
            index = command.index
        else:
            index = self._genres.index(self.controls.genre_name) + command.presses
        if not 0 <= index < len(self._genres):
            return None
        chosen, outgoing = (
            self.controls.with_genre(self._genres[index]),
            self.controls_at(step).genre,
        )
        if chosen == self.controls:
            return self._turn_now(step) if isinstance(command, Choose) else None
        line = self._meters.first_bar_line_from(step)
        if rolling and chosen.genre != outgoing:
            self._turn = _Turn(line, outgoing)
            self._phrase = self._phrase.with_turn(step, line)
        else:
            self._turn, line = None, step
        self._change(chosen)
        return line

    def _turn_now(self, step: int) -> int | None:
        """Let a genre come in at once that waits for its bar line."""
        if self._turn is None or self._turn.line <= step:
            return None
        self._turn = None
        self.cut_short(step)
        return step

    def _change(self, controls: ControlState) -> bool:
        if controls == self.controls:
            return False
        self.controls = controls
        self._phrase = replace(self._phrase, fills=controls.fills)
        return True

    def _own_phrase(self) -> Phrase:
        """The phrase in which nothing is asked for."""
        return Phrase(self._meters, seed=self._seed, fills=self.controls.fills)

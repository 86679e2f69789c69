"""The chart: all that was asked of a voice, and what it says of each step.

Levels, the figures of the phrase, a genre that waits for its bar line, the end. The drummer is not
in it: what is played by the chart, and what has sounded, is the horizon's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from polyrhythmia_live.brain.energy import Arc, energetic, ramp, rise
from polyrhythmia_live.brain.phrase import Phrase, nothing
from polyrhythmia_live.brain.show import Show
from polyrhythmia_live.config import NO_SET_LIST, Section, SetList
from polyrhythmia_live.control.base import DRUMMER_LEVELS, LEADING, LEVELS, ControlState
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
from polyrhythmia_live.rhythm.swing import first_fixed_step

FIGURES: dict[str, Callable[[Phrase, int, str], Phrase]] = {
    "fill": lambda phrase, step, _: phrase.with_fill(step),
    "break": lambda phrase, step, bars: phrase.with_break(step, int(bars or 2)),
    "drop": lambda phrase, step, bars: phrase.with_drop(step, int(bars or 2)),
    "intro": lambda phrase, step, bars: phrase.with_intro(step, int(bars or 4)),
    "crash": lambda phrase, step, _: phrase.with_crash(step),
}
"""What a trigger and its word make of the phrase, from the first uncommitted step on."""

RISE_BARS = 16

AHEAD_SECTIONS = 3
"""The drummer thinks two bars ahead; a section has one bar at the least."""

LEAD_STEPS = 2
"""So long before its line the song is told a section's tempo: after that nobody changes his mind.
"""

SWINGING = ("swing", "swing8")
MORPHING = ("towards", "morph")


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
    arc: Arc | None


class Chart:
    """What was asked of one voice. `genres` are those that the drummer knows.

    Steps are the voice's; `step`, below, is the first one that nothing has been heard of.
    Threads: one at a time. Real-time: no.
    """

    def __init__(
        self,
        meters: MeterMap,
        controls: ControlState,
        seed: int,
        genres: Sequence[str],
        set_list: SetList = NO_SET_LIST,
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
        self._arc: Arc | None = None
        self.show = Show(set_list, meters)
        """Where it is in the set list."""
        self._wanted: tuple[int, float | None] | None = None
        self._led: tuple[int, float | None] | None = None

    # what it says

    def controls_at(self, step: int) -> ControlState:
        """What holds at a step: before its bar line, a genre or section that waits does not.

        Energy is on its arc there, and has taken the other levels along.
        """
        return energetic(self.asked_at(step))

    def asked_at(self, step: int) -> ControlState:
        """The same as it was asked for: energy has taken no level along yet."""
        section = self.show.at(step)
        if section is not None:
            return self._controls_of(section)
        controls = self.controls
        if self._arc is not None:
            controls = replace(controls, energy=self._arc.at(step))
        if self._turn is not None and step < self._turn.line:
            controls = replace(controls, genre=self._turn.outgoing)
        return controls

    def place(
        self,
        step: int,
        tempo_bpm: float,
        fills: float | None = None,
        given: Callable[[int], bool] = nothing,
    ) -> Place:
        """What is asked of the drummer at a step.

        `fills` is the level of that name there, where it is not the one that stands, and `given`
        says of a step whether its hits are.
        """
        phrase = self._phrase if fills is None else replace(self._phrase, fills=fills)
        for line in self.show.lines(AHEAD_SECTIONS):
            phrase = self._led_into(phrase, line)
        return phrase.place(step, tempo_bpm, given)

    @property
    def controls_from_the_top(self) -> ControlState:
        """What holds where the song would start again."""
        first = self.show.from_the_top()
        return energetic(self.controls_at_rest if first is None else self._controls_of(first))

    @property
    def controls_at_rest(self) -> ControlState:
        """What would be asked for, were the song to stop here: a rise leaves no energy behind."""
        energy = None if self._arc is None else self._arc.at_rest
        return self.controls if energy is None else replace(self.controls, energy=energy)

    def asked_lanes(self, step: int) -> frozenset[int]:
        """The lanes that the performer has asked for something in, at a step."""
        return self._phrase.asked_lanes(step)

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
        if self._arc is not None:
            cues = (*cues, Cue(self._arc.name, self._arc.first, self._arc.end))
        turn = self._turn
        section = self.show.section_now()
        if turn is None or turn.line + 1 < step:  # its line sounds
            return Cues(voice, cues, section=section)
        outgoing = replace(self.controls, genre=turn.outgoing).genre_words
        return Cues(voice, cues, Turn(outgoing, turn.line), section)

    def lead(self, step: int) -> tuple[int, float | None] | None:
        """What the set list wants of the song itself, each thing once: from which step which tempo.

        None in place of a tempo = that the song ends there.
        """
        wanted, self._wanted = self._wanted or self._wanted_soon(step), None
        if wanted is None or wanted == self._led:
            return None
        self._led = wanted
        return wanted

    @property
    def asked(self) -> Asked:
        """All that was asked for, to take it up again by `take_back`."""
        return Asked(self.controls, self._phrase, self._turn, self._arc)

    # what is asked

    def take_back(self, asked: Asked, genre: bool) -> None:
        """Let that be to come which was when it was `asked`; and its `genre` hold, if it is that.

        Other levels stay: a section, or a groove, may have brought them since.
        """
        controls = self.controls
        if self._arc != asked.arc:
            controls = replace(controls, energy=asked.controls.energy)
        if genre:
            controls = replace(controls, genre=asked.controls.genre)
        self.controls = controls
        self._phrase = replace(asked.phrase, fills=controls.fills)
        self._turn, self._arc = asked.turn, asked.arc

    def leave_out(self, name: str, step: int) -> bool:
        """Take back what was asked for by a trigger's name and is not over; whether there was any.

        Whatever else was asked for stays.
        """
        if name == "rise":
            return self.leave_rise()
        phrase, self._phrase = self._phrase, self._phrase.without(name, step)
        return self._phrase != phrase

    def put_back(self, name: str, value: float) -> None:
        """Let a level stand where it stood."""
        if name == "energy":
            self._arc = None
        self._change(self.controls.with_level(name, value))

    def take_levels(self, controls: ControlState) -> None:
        """Let these levels hold: those of what has come in."""
        self._turn = self._arc = None
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
            return self._fire(command, step, rolling)
        if command.name == "genre":
            if isinstance(command, Choose | NudgeLevel):
                return self._choose_genre(command, step, rolling)
            return None
        if command.name in MORPHING:
            return self._morph(command, step, rolling)
        if command.name in DRUMMER_LEVELS and not isinstance(command, Choose):
            return self._set_level(command, step, rolling)
        return None

    def end_with(self, last: int, step: int) -> None:
        """The song ends with this step: a fill leads there, and it crashes."""
        self.last = last
        self._phrase = self._phrase.with_ending(step, last)

    # where the song is

    def leave_rise(self) -> bool:
        """The song stops, or is elsewhere: a rise is over, and its bar of nothing with it.

        Whether there was one.
        """
        if self._arc is None or self._arc.at_rest is None:
            return False
        self.controls = self.controls_at_rest
        self._phrase = self._phrase.without_drop(self._arc.end)
        self._arc = None
        return True

    def jumped(self, step: int) -> Section | None:
        """The song is at another place: the genre that was waited for is there.

        The section that begins with it, if it is another one; so too below.
        """
        self._turn = self._arc = self._led = None
        return self._enter(self.show.jump(step), step)

    def begin_anew(self) -> None:
        """Other music begins, from the top: nothing that was asked of the phrase is due in it."""
        self._phrase = self._own_phrase()

    def begin_show(self) -> Section | None:
        """The song starts from the top."""
        self._led = None
        return self._enter(self.show.begin(), 0)

    def ended(self) -> Section | None:
        """The song has come to its end, and stands: the next one is ready."""
        return self._enter(self.show.ended(), 0)

    def heard(self, step: int) -> None:
        """All before a step has sounded."""
        if self._arc is not None:
            self.controls = replace(self.controls, energy=self._arc.at(step))
            if step >= self._arc.end:
                self._arc = None
        if self.show.heard(step) and self.show.now is not None:
            now = self.show.now
            self._change(self._controls_of(self.show.section(now)))
            self._turn = self._arc = None
            self._phrase = self._led_into(self._phrase, now.line)

    def forget_before(self, step: int) -> None:
        """Drop what is over at a step, and no longer felt."""
        self._phrase = self._phrase.forget_before(step)

    def _fire(self, fire: Fire, step: int, rolling: bool) -> int | None:
        """A song that stands is asked for nothing: it would be a surprise when it goes on."""
        if fire.name == "now":
            return self._turn_now(step)
        if fire.name in LEADING:
            return self._led_on(fire, step, rolling)
        if not rolling:
            return None
        if fire.name == "rise":
            return self._rise(int(fire.word or RISE_BARS), step)
        figure = FIGURES.get(fire.name)
        return None if figure is None else self._figured(figure, fire.word, step)

    def _figured(
        self, figure: Callable[[Phrase, int, str], Phrase], word: str, step: int
    ) -> int | None:
        """Change the phrase from a step on; the step where it is heard."""
        phrase = figure(self._phrase, step, word)
        if phrase == self._phrase:
            return None
        self._phrase = phrase
        return phrase.figures[-1].first

    def _set_level(self, command: LevelChange, step: int, rolling: bool) -> int | None:
        name = command.name
        value = command.moved(LEVELS[name], getattr(self.controls, name))
        if value is None or not math.isfinite(value):
            return None
        if name != "energy":
            if not self._change(self.controls.with_level(name, value)):
                return None
            return first_fixed_step(step, self._meters) if name in SWINGING else step
        target = LEVELS[name].clamp(value)
        if command.bars and rolling:
            end = self._meters.bars_later(self._meters.first_bar_line_from(step), command.bars)
            self._arc = ramp(step, end, self.controls.energy, target)
            return step
        was_moving, self._arc = self._arc is not None, None
        changed = self._change(self.controls.with_level(name, value))
        return step if changed or was_moving else None

    def _rise(self, bars: int, step: int) -> int:
        """Energy goes up, stays there, and is as before after a bar of nothing."""
        top = self._meters.bars_later(self._meters.first_bar_line_from(step), bars)
        fall = self._meters.bars_later(top, bars // 2)
        energy = self.controls.energy
        self.leave_rise()
        self._arc = rise(step, top, fall, energy, self.controls.energy)
        self._phrase = self._phrase.with_drop(fall, 1)
        return step

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

    def _morph(self, command: Command, step: int, rolling: bool) -> int | None:
        """Where another mixture of two genres comes in: at the bar line, and without a fill."""
        controls, outgoing = self.controls, self.controls_at(step).genre
        if isinstance(command, Choose):
            if command.name == "towards" and 0 <= command.index < len(self._genres):
                controls = controls.with_towards(self._genres[command.index])
        elif command.name == "morph" and not isinstance(command, Fire):
            share = command.moved(LEVELS["morph"], controls.morph)
            if share is not None and math.isfinite(share):
                controls = controls.with_morph(share)
        if not self._change(controls):
            return None
        line = self._meters.first_bar_line_from(step) if rolling else step
        self._turn = _Turn(line, outgoing) if rolling else None
        return line

    def _led_on(self, fire: Fire, step: int, rolling: bool) -> int | None:
        """Where the section comes in: at its bar line, after a fill. What stands begins in it."""
        line = self.show.obey(fire, step, rolling)
        if line is None or fire.name == "vamp":
            return line
        if not rolling:
            self.heard(step + 1)
            now = self.show.now
            self._wanted = None if now is None else _tempo_of(now.line, self.show.section(now))
        elif line > step:
            self._phrase = self._phrase.with_turn(
                max(step, self._meters.bars_later(line, -1)), line
            )
        return line

    def _enter(self, section: Section | None, step: int) -> Section | None:
        """A section begins out of its turn."""
        if section is not None:
            self._change(self._controls_of(section))
            self._wanted = _tempo_of(step, section)
        return section

    def _controls_of(self, section: Section) -> ControlState:
        """Its levels; how the drummer draws is not a section's to say."""
        return replace(section.controls, top_k=self.controls.top_k, top_p=self.controls.top_p)

    def _led_into(self, phrase: Phrase, line: int) -> Phrase:
        """A phrase with a fill of half a bar into a section."""
        return phrase.with_turn((self._meters.bars_later(line, -1) + line) // 2, line)

    def _wanted_soon(self, step: int) -> tuple[int, float | None] | None:
        coming, end = self.show.coming(), self.show.ends_at()
        if coming is not None and coming.line - step <= LEAD_STEPS:
            return _tempo_of(coming.line, self.show.section(coming))
        if end is not None and step >= self._meters.bars_later(end, -1):
            return end, None
        return None

    def _turn_now(self, step: int) -> int | None:
        """Let a genre or a section come in at once that waits for its bar line."""
        if self._turn is not None and self._turn.line > step:
            self._turn = None
        elif not self.show.bring_in(step):
            return None
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


def _tempo_of(step: int, section: Section) -> tuple[int, float] | None:
    return None if section.tempo_bpm is None else (step, section.tempo_bpm)

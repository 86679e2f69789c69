"""The memory: gives a bar back that has just gone by, keeps one, and brings remembered grooves in.

What it was asked for is a value, `bars`; so a change is taken back by putting the old one in its
place. The drummer is not asked to play here: what is planned is the horizon's, see `Now`. What it
costs stands in docs/measured.md.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic

from polyrhythmia_live.brain.bars import Bars, Entry, Given, Lot, Sounded
from polyrhythmia_live.brain.chart import Chart
from polyrhythmia_live.brain.energy import energetic
from polyrhythmia_live.brain.grooves import GrooveError, Grooves
from polyrhythmia_live.brain.saved import SavedSong
from polyrhythmia_live.config import Section
from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Accent, Drummer, Place, StateT
from polyrhythmia_live.drummer.take import Take
from polyrhythmia_live.errors import PolyrhythmiaError
from polyrhythmia_live.messages import Fire
from polyrhythmia_live.rhythm.bar import Bar, Hits, Step
from polyrhythmia_live.rhythm.meter_map import MeterMap

SEED_BITS = 63
NEVER = 1 << 40
"""More steps than any song has: nothing of the plan changes."""

SECTION_GROOVE = "groove "
"""How a groove is announced that a section brings."""

NEEDS_A_SONG = ("again", "back", "keep", "go on", "veto")
"""What would be a surprise when a song that stands goes on."""


class Refused(PolyrhythmiaError):
    """What was asked for cannot be: why, in one line for the performer."""


@dataclass(frozen=True, slots=True)
class Done:
    """It holds from `step` on, and changes nothing before `replan`; `words` say what was done."""

    step: int
    replan: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class Now(Generic[StateT]):
    """Where the song is: `step` is the first that has not sounded, at a tempo.

    `planned` gives the steps from one up to another, `state` the drummer's before a step of the
    take, None where the take does not have it.
    """

    step: int
    rolling: bool
    tempo_bpm: float
    planned: Callable[[int, int], tuple[Step, ...]]
    state: Callable[[int], StateT | None]


class Memory(Generic[StateT]):
    """That of one voice. Threads: one at a time. Real-time: no."""

    def __init__(
        self, drummer: Drummer[StateT], meters: MeterMap, chart: Chart, seed: int, grooves: Grooves
    ) -> None:
        self.bars: Bars[StateT] = Bars(meters)
        """What was asked for."""
        self.sounded = Sounded(meters)
        self.grooves = grooves
        self._drummer = drummer
        self._meters = meters
        self._chart = chart
        self._seed = seed
        self._lots = 0
        """How many lots were drawn: no two are alike."""

    # what it says

    def controls_at(self, step: int) -> ControlState:
        """What holds at a step: the chart's levels, or those of a groove that comes in."""
        coming = self.bars.levels_at(step)
        return self._chart.controls_at(step) if coming is None else energetic(coming)

    def place(self, step: int, tempo_bpm: float) -> Place:
        """What is asked of the drummer at a step."""
        fills = self.controls_at(step).fills
        return self._chart.place(step, tempo_bpm, fills, self.bars.is_given)

    def given(self, place: Place) -> Hits | None:
        """The hits that are given at a place; None where the drummer is asked for its own.

        It is wherever the performer asks for something there: a fill, a crash, or silence.
        """
        hits = self.bars.hits_at(place.index)
        if hits is None or place.fill or place.required or place.forbidden:
            return None
        arrives = place.accent is Accent.ASKED and self.bars.entry_at(place.index) is None
        return None if arrives or self.controls_at(place.index).density == 0 else hits

    def given_from_the_top(self, step: int) -> Hits | None:
        """The hits that would be given at a step, were the song started again."""
        coming, kept = self.bars.coming, self.bars.kept
        if coming is not None:
            first_bar = step < self._meters.next_bar_line(0)
            return self.bars.fitting(coming.bar, step) if first_bar else None
        return None if kept is None else self.bars.fitting(kept.bar, step)

    def opening(self, state: StateT) -> StateT:
        """The state in which a song would begin from the top, where this is the latest one."""
        coming = self.bars.coming
        return state if coming is None else self._shifted(coming, 0)

    def entered(self, step: int, state: StateT) -> StateT:
        """The state in which the drummer plays a step, from that which the step before has left."""
        entry, seed = self.bars.entry_at(step), self.bars.seed_at(step)
        if entry is not None:
            state = entry.state
        return state if seed is None else self._drummer.reseed(state, seed)

    # what is asked

    def obey(self, fire: Fire, now: Now[StateT]) -> Done:
        """Do what a trigger of the memory asks for. Raises Refused where that cannot be."""
        if fire.name in NEEDS_A_SONG and not now.rolling:
            raise Refused(f"{fire.name}: nothing plays")
        try:
            return self._acts[fire.name](fire.word, now)
        except GrooveError as error:
            raise Refused(f"{fire.name}: {error}") from None

    def vetoed(self, now: Now[StateT], refused: tuple[tuple[Step, ...], ...]) -> Done:
        """Give the next bar back to the drummer, who draws it by another lot: not one of these."""
        line = self._meters.first_bar_line_from(now.step)
        bars = self.bars
        if bars.is_given(line):
            free = Given("veto", None, line, self._meters.next_bar_line(line))
            bars = bars.with_given(free)
        self.bars = bars.with_lot(Lot(line, self._new_seed(), refused))
        return Done(line, line)

    def comes_at_once(self, now: Now[StateT]) -> Done | None:
        """Let the groove that waits for its bar line come in at once; None where none waits."""
        coming = self.bars.coming
        if coming is None or coming.first <= now.step:
            return None
        self._chart.cut_short(now.step)
        self._enter_within_its_bar(coming, now)
        return Done(now.step, now.step, f"{coming.words} now")

    def section_comes(self, to_come: tuple[int, Section] | None, now: Now[StateT]) -> int | None:
        """Let the groove of the section that comes next wait for its line; the line where that is
        news, or the one where it no longer does.

        A groove that is not remembered is left out.
        """
        waiting = self.bars.coming
        if waiting is not None and waiting.first <= now.step:
            return None  # that one comes first
        if to_come is None:
            if waiting is None or not _is_of_a_section(waiting):
                return None
            self.bars = self.bars.without_coming()
            return waiting.first
        line, section = to_come
        words = f"{SECTION_GROOVE}{section.groove}"
        if waiting is not None and (waiting.words, waiting.first) == (words, line):
            return None
        entry = self._entry_of(section)
        if entry is None:
            return None
        if line <= now.step and not self._meters.is_bar_line(line):
            self._enter_within_its_bar(entry, now)
        else:
            moved = replace(entry, first=line, state=self._shifted(entry, line))
            self.bars = self.bars.with_entry(moved)
        return line

    def section_begins(self, section: Section, now: Now[StateT]) -> bool:
        """A section begins out of its turn: its groove comes in at once, if it has one."""
        entry = self._entry_of(section) if section.groove else None
        if entry is None:
            return False
        self._enter_within_its_bar(entry, now)
        if not now.rolling and entry.controls is not None:
            self._chart.take_levels(entry.controls)
        return True

    @property
    def section_waits(self) -> bool:
        """Whether what waits for its line is the groove of a section."""
        return self.bars.coming is not None and _is_of_a_section(self.bars.coming)

    def _entry_of(self, section: Section) -> Entry[StateT] | None:
        """A section's groove, with the levels that the section names; None where it is unknown."""
        try:
            _, groove = self.grooves.recall(section.groove)
            state = self._drummer.recall(groove.drummer)
        except Exception:  # whatever is wrong with a file, the section plays
            return None
        controls = groove.controls
        for name, value in section.levels:
            controls = controls.with_level(name, value)
        words = f"{SECTION_GROOVE}{section.groove}"
        return Entry(words, groove.uncommitted, state, controls, groove.bars[-1])

    def other_genre(self, line: int) -> None:
        """A genre comes in at a line: what was given, or was to come, gives way to it."""
        self.bars = self.bars.ended(line)

    def back_to(self, controls: ControlState, state: StateT, now: Now[StateT]) -> Done:
        """Let the drummer that was before a change of genre or groove come in again."""
        line = self._line(now) if now.rolling else now.step
        words = f"back to {controls.genre_name}"
        self.bars = self.bars.with_entry(Entry(words, line, state, controls))
        if now.rolling:
            self._chart.lead_into(now.step, line)
        else:
            self._chart.take_levels(controls)
        return Done(line, now.step)

    # where the song is

    def restore(self, song: SavedSong, step: int) -> None:
        """Go on from a step with the bars of a song that was saved."""
        self.sounded = replace(self.sounded, whole=song.bars)
        if song.kept is not None:
            line = self._meters.bar_line_at(step)
            self.bars = self.bars.with_given(Given("keep", song.kept, line, None))

    def heard(self, step: Step) -> bool:
        """A step has sounded; True where other levels came in with it."""
        self.sounded = self.sounded.with_step(step)
        entry = self.bars.entry_at(step.index)
        if entry is None or entry.controls is None:
            return False
        self._chart.take_levels(entry.controls)
        self.bars = self.bars.arrived(step.index)
        return True

    def moved(self, step: int, anew: bool) -> None:
        """The song is elsewhere; `anew`: what is played there is other music.

        A groove that waits for its bar line is there, as a genre is.
        """
        coming = self.bars.coming
        self.sounded = self.sounded.jumped(step)
        self.bars = self.bars.begun_anew(step) if anew else self.bars.moved(step)
        if coming is not None:
            moved = replace(coming, first=step, state=self._shifted(coming, step))
            self.bars = self.bars.with_entry(moved)

    def forget_before(self, step: int) -> None:
        """Drop what is over at a step."""
        self.bars = self.bars.forget_before(step)

    # the triggers

    @property
    def _acts(self) -> dict[str, Callable[[str, Now[StateT]], Done]]:
        return {
            "again": self._again,
            "back": self._back,
            "keep": self._keep,
            "go on": self._go_on,
            "fork": self._fork,
            "remember": self._remember,
            "recall": self._recall,
            "forget": self._forget,
        }

    def _again(self, _: str, now: Now[StateT]) -> Done:
        """Once more; asked for several times, so often."""
        if self._holds(now):
            raise Refused("again: keep holds this bar")
        line = self._line(now)
        first = line
        while any(it.first == first and it.bar is not None for it in self.bars.given):
            first = self._meters.next_bar_line(first)
        self._give("again", self._sounding("again", now), first)
        return Done(first, line)

    def _back(self, word: str, now: Now[StateT]) -> Done:
        """Asked for again without a number before it has come, one bar further back."""
        line = self._line(now)
        bars = int(word) if word else 1 + self._bars_back_at(line)
        bar = self.sounded.ago(bars, now.step)
        if bar is None:
            raise Refused(f"back {bars}: so far back no whole bar has sounded")
        self._give(f"back {bars}", bar, line)
        return Done(line, line)

    def _keep(self, _: str, now: Now[StateT]) -> Done:
        if self._holds(now):
            return self._go_on("", now)
        line, bar = self._line(now), self._sounding("keep", now)
        self.bars = self.bars.ended(line).with_given(Given("keep", bar, line, None))
        return Done(line, line)

    def _go_on(self, _: str, now: Now[StateT]) -> Done:
        line = self._line(now)
        ended = self.bars.ended(line)
        if ended == self.bars:
            raise Refused("go on: nothing is kept, and nothing to come again")
        self.bars = ended
        return Done(line, line, "going on")

    def _fork(self, _: str, now: Now[StateT]) -> Done:
        ended = self.bars.ended(now.step)
        self.bars = ended.with_lot(Lot(now.step, self._new_seed()))
        return Done(now.step, now.step, "fork: another way on")

    def _remember(self, word: str, now: Now[StateT]) -> Done:
        """Without a name it is named after its genre, and takes the place of none."""
        bar = self.sounded.sounding(now.step, now.planned)
        first = self._meters.bar_line_at(max(0, now.step - 1))
        if bar is None and not now.rolling and self.sounded.whole:
            bar = self.sounded.whole[-1]
        if bar is None:
            raise Refused("remember: no whole bar has sounded yet")
        sounding = max(0, now.step - 1)
        controls = self.bars.levels_at(sounding) or self._chart.asked_at(sounding)
        state = now.state(first) or now.state(now.step)
        assert state is not None
        name = word or self.grooves.new_name(controls.genre_name)
        kept = self._drummer.keep(self.entered(first, state))
        self.grooves.remember(name, SavedSong(first, controls, kept, bars=(bar,)))
        return Done(now.step, now.step + NEVER, self._and_trouble(f"remembered as {name}"))

    def _recall(self, word: str, now: Now[StateT]) -> Done:
        """At the next bar line, after a fill; `now`, or asked for again, at once.

        What stands begins with it.
        """
        typed = f" {word}".removesuffix(" now").strip()
        if word in self.grooves.names:
            typed = word
        name, groove = self.grooves.recall(typed)
        words = f"recall {name}"
        coming = self.bars.coming
        if coming is not None and coming.words == words and (done := self.comes_at_once(now)):
            return done
        try:
            state = self._drummer.recall(groove.drummer)
        except Exception as error:
            raise Refused(f"recall: {name} cannot be read: {error}") from error
        entry = Entry(words, groove.uncommitted, state, groove.controls, groove.bars[-1])
        if not now.rolling:
            self._enter_within_its_bar(entry, now)
            self._chart.take_levels(groove.controls)
            return Done(now.step, now.step, words)
        if typed != word:
            self._enter_within_its_bar(entry, now)
            return Done(now.step, now.step, f"{words} now")
        line = self._line(now)
        self._chart.lead_into(now.step, line)
        moved = replace(entry, first=line, state=self._shifted(entry, line))
        self.bars = self.bars.with_entry(moved)
        return Done(line, now.step, words)

    def _forget(self, word: str, now: Now[StateT]) -> Done:
        if not word:
            names = ", ".join(self.grooves.names) or "nothing is remembered"
            raise Refused(f"forget: which? {names}")
        name = self.grooves.forget(word)
        return Done(now.step, now.step + NEVER, self._and_trouble(f"{name} is forgotten"))

    def _line(self, now: Now[StateT]) -> int:
        """Where the next bar begins."""
        return self._meters.first_bar_line_from(now.step)

    def _sounding(self, name: str, now: Now[StateT]) -> Bar:
        bar = self.sounded.sounding(now.step, now.planned)
        if bar is None:
            raise Refused(f"{name}: no whole bar has sounded yet")
        return bar

    def _holds(self, now: Now[StateT]) -> bool:
        """Whether a bar is kept from the next line on."""
        return any(it.end is None for it in self.bars.given) and now.rolling

    def _give(self, name: str, bar: Bar, first: int) -> None:
        meter = self._meters.meter_at(first)
        if bar.meter != meter:
            raise Refused(f"{name}: that bar is in {bar.meter}, and the next one in {meter}")
        given = Given(name, bar, first, self._meters.next_bar_line(first))
        self.bars = self.bars.without_coming().with_given(given)

    def _bars_back_at(self, line: int) -> int:
        """How far back the bar lies that is to come at a line, if one from there is."""
        words = next((it.name for it in self.bars.given if it.first == line), "")
        name, _, bars = words.partition(" ")
        return int(bars) if name == "back" else 0

    def _enter_within_its_bar(self, entry: Entry[StateT], now: Now[StateT]) -> None:
        """Let an entry come in as if its bar had begun with the one that holds this step."""
        line = self._meters.bar_line_at(now.step)
        take = Take(self._drummer, line, self._shifted(entry, line))
        if entry.bar is not None and self.bars.fitting(entry.bar, line) is not None:
            controls = entry.controls or self._chart.controls
            for step in range(line, now.step):
                place = Place(step, self._meters.meter_at(step), now.tempo_bpm)
                take.extend(place, controls, given=self.bars.fitting(entry.bar, step))
        state = take.state(take.end_index)
        self.bars = self.bars.with_entry(replace(entry, first=now.step, state=state))

    def _shifted(self, entry: Entry[StateT], step: int) -> StateT:
        line, was = map(self._meters.bar_line_at, (step, entry.first))
        return self._drummer.shifted(entry.state, line - was)

    def _new_seed(self) -> int:
        self._lots += 1
        return random.Random(f"lot {self._seed} {self._lots}").getrandbits(SEED_BITS)

    def _and_trouble(self, words: str) -> str:
        return f"{words}, {self.grooves.trouble}" if self.grooves.trouble else words


def _is_of_a_section(entry: Entry[StateT]) -> bool:
    return entry.words.startswith(SECTION_GROOVE)

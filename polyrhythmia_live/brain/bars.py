"""The memory of bars: those that sounded, and what was asked of the bars to come because of them.

Both are frozen values. What was asked depends on the step alone, so a rewound step is told the same
again: a bar is *given* to the drummer, who plays it as it is and goes on from it; an *entry* lets
it go on as the drummer of a remembered groove; a *lot* lets it go on with other dice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import StateT
from polyrhythmia_live.messages import Cue
from polyrhythmia_live.rhythm.bar import Bar, Hits, Step
from polyrhythmia_live.rhythm.meter_map import MeterMap

BARS_BACK = 8
"""How many bars one can go back."""


@dataclass(frozen=True, slots=True)
class Sounded:
    """The last bars that sounded whole, the latest last, and what has sounded of the next one.

    A stretch that began in the middle of its bar counts from its first bar line on.
    """

    meters: MeterMap
    whole: tuple[Bar, ...] = ()
    begun: tuple[Hits, ...] = ()

    def with_step(self, step: Step) -> Sounded:
        """These and one more step."""
        place, meter = self.meters.step_in_bar(step.index), self.meters.meter_at(step.index)
        if place != 0 and place != len(self.begun):
            return self.jumped(step.index)
        begun = (*self.begun[:place], step.hits)
        if len(begun) < meter.bar_steps:
            return replace(self, begun=begun)
        return replace(self, whole=(*self.whole, Bar(meter, begun))[-BARS_BACK - 1 :], begun=())

    def jumped(self, step: int) -> Sounded:
        """These where the song goes on from a step: a bar that it has left is not whole."""
        place = self.meters.step_in_bar(step)
        return replace(self, begun=self.begun[:place] if place <= len(self.begun) else ())

    def sounding(self, step: int, planned: Callable[[int, int], tuple[Step, ...]]) -> Bar | None:
        """The bar that sounds where `step` is the first one that has not, with what is `planned` of
        its rest; None where its beginning was not played."""
        place, meter = self.meters.step_in_bar(step), self.meters.meter_at(step)
        if place == 0:
            return self.whole[-1] if self.whole and step > 0 else None
        if place != len(self.begun):
            return None
        rest = planned(step, self.meters.next_bar_line(step))
        return Bar(meter, (*self.begun, *(it.hits for it in rest)))

    def ago(self, bars: int, step: int) -> Bar | None:
        """The bar so many bars before the one that sounds; None where there is none so far back."""
        gone = self.whole[:-1] if self.meters.is_bar_line(step) and step > 0 else self.whole
        return gone[-bars] if bars <= len(gone) else None


@dataclass(frozen=True, slots=True)
class Given:
    """A bar that is given from the step `first` up to `end`, None = until it is released.

    `name` is what the performer called it, `recall verse`. Without a `bar` the drummer's own is
    played there, whatever else is given.
    """

    name: str
    bar: Bar | None
    first: int
    end: int | None

    def holds_at(self, step: int) -> bool:
        return self.first <= step and (self.end is None or step < self.end)


@dataclass(frozen=True, slots=True)
class Lot:
    """From the step `first` on the drummer draws by this seed.

    `refused` are the bars that it drew there before, and that nobody wanted.
    """

    first: int
    seed: int
    refused: tuple[tuple[Step, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry(Generic[StateT]):
    """From the step `first` on the drummer is another: a remembered one, and its levels hold.

    It begins with the `bar` that it was remembered by, up to the next bar line, if there is one.
    `words` say what comes in, `recall verse`. `controls` None = they have come in.
    """

    words: str
    first: int
    state: StateT
    controls: ControlState | None
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Bars(Generic[StateT]):
    """What was asked of the bars to come: of two things for one step, the later one holds."""

    meters: MeterMap
    given: tuple[Given, ...] = ()
    lots: tuple[Lot, ...] = ()
    entries: tuple[Entry[StateT], ...] = ()

    # what it says

    def hits_at(self, step: int) -> Hits | None:
        """What is given to play at a step, or None."""
        for given in reversed(self.given):
            if given.holds_at(step):
                return self.fitting(given.bar, step)
        line = self.meters.bar_line_at(step)
        entry = next((it for it in reversed(self.entries) if line <= it.first <= step), None)
        return None if entry is None else self.fitting(entry.bar, step)

    def is_given(self, step: int) -> bool:
        return self.hits_at(step) is not None

    def fitting(self, bar: Bar | None, step: int) -> Hits | None:
        """What a bar has at a step, where it is as long as the bar there."""
        if bar is None or bar.meter != self.meters.meter_at(step):
            return None
        return bar.steps[self.meters.step_in_bar(step)]

    def entry_at(self, step: int) -> Entry[StateT] | None:
        """The entry whose first step it is."""
        return next((it for it in reversed(self.entries) if it.first == step), None)

    def seed_at(self, step: int) -> int | None:
        """The seed that is drawn by from this step on, where it is a new one."""
        return next((it.seed for it in self.lots if it.first == step), None)

    def refused_at(self, line: int) -> tuple[tuple[Step, ...], ...]:
        """The bars that nobody wanted at a line."""
        return next((it.refused for it in self.lots if it.first == line), ())

    def levels_at(self, step: int) -> ControlState | None:
        """The levels that an entry brings, where it has not come in yet, from its first step on."""
        return next((it.controls for it in reversed(self.entries)
                     if it.controls is not None and it.first <= step), None)  # fmt: skip

    @property
    def coming(self) -> Entry[StateT] | None:
        """The entry that is to come."""
        return next((it for it in reversed(self.entries) if it.controls is not None), None)

    @property
    def kept(self) -> Given | None:
        """The bar that is repeated until it is released."""
        return next((it for it in reversed(self.given) if it.end is None), None)

    def cues(self, step: int) -> tuple[Cue, ...]:
        """What was asked for and is not over where `step` is the first that has not sounded."""
        given = [Cue(it.name, it.first, it.end) for it in self.given]
        entries = [
            Cue(it.words, it.first, self.meters.next_bar_line(it.first))
            for it in self.entries
            if it.bar is not None or it.controls is not None
        ]
        return tuple(it for it in (*given, *entries) if it.end is None or step <= it.end)

    # what is asked

    def with_given(self, given: Given) -> Bars[StateT]:
        """These and a bar more; one that begins on the same line gives way to it."""
        others = tuple(it for it in self.given if it.first != given.first or it.end is None)
        return replace(self, given=(*others, given))

    def with_lot(self, lot: Lot) -> Bars[StateT]:
        others = tuple(it for it in self.lots if it.first != lot.first)
        return replace(self, lots=(*others, lot))

    def with_entry(self, entry: Entry[StateT]) -> Bars[StateT]:
        """These with an entry, in place of all that was to come from there on."""
        ended = self.ended(entry.first)
        return replace(ended, entries=(*ended.entries, entry))

    def without_coming(self) -> Bars[StateT]:
        """These without the entry that is to come."""
        return replace(self, entries=tuple(it for it in self.entries if it.controls is None))

    def ended(self, step: int) -> Bars[StateT]:
        """These where nothing more is given, and nobody comes in, from a step on."""
        given = tuple(
            it if it.end is not None and it.end <= step else replace(it, end=step)
            for it in self.given
            if it.first < step
        )
        entries = tuple(it for it in self.entries if it.first < step and it.controls is None)
        return replace(self, given=given, entries=entries)

    # where the song is

    def arrived(self, step: int) -> Bars[StateT]:
        """These where the step has sounded: the levels of what came in are the performer's."""
        entry = self.entry_at(step)
        if entry is None or entry.controls is None:
            return self
        came = replace(entry, controls=None)
        return replace(self, entries=tuple(came if it is entry else it for it in self.entries))

    def come_in_before(self, step: int) -> Bars[StateT]:
        """These, of an earlier moment, where a step is the first that has not sounded."""
        entries = tuple(
            replace(it, controls=None) if it.first < step else it for it in self.entries
        )
        return replace(self, entries=entries)

    def moved(self, step: int) -> Bars[StateT]:
        """These where the song is elsewhere in the same music: a bar that is kept is kept there."""
        line = self.meters.bar_line_at(step)
        given = tuple(
            replace(it, first=min(it.first, line)) if it.end is None else it for it in self.given
        )
        return self if given == self.given else replace(self, given=given)

    def begun_anew(self, step: int) -> Bars[StateT]:
        """These where other music begins: what is kept stays, and nothing else."""
        kept = self.kept
        given = () if kept is None else (replace(kept, first=self.meters.bar_line_at(step)),)
        return Bars(self.meters, given)

    def forget_before(self, step: int) -> Bars[StateT]:
        """Drop what is over at a step."""
        kept = replace(
            self,
            given=tuple(it for it in self.given if it.end is None or it.end > step),
            lots=tuple(it for it in self.lots if it.first >= step),
            entries=tuple(it for it in self.entries if it.first >= step),
        )
        return self if kept == self else kept

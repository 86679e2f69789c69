"""The phrase: which steps belong to a fill, lead to one, or follow one, and what else is asked for.

A fill asked for in the middle of a bar leads to the bar line. Beside those, the drummer fills by
itself at the ends of phrases, by lot: the lots hang on seed and bar alone. A phrase is a frozen
value and depends on the step alone, so a rewound step hears the same answer again.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.drummer.base import Accent, Fill, Place
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.rhythm.meter import STEPS_PER_BEAT
from polyrhythmia_live.rhythm.meter_map import MeterMap

HAT = frozenset({LANE["closed-hat"]})
CRASH = frozenset({LANE["crash"]})
CRASH_AND_KICK = CRASH | {LANE["kick"]}
ALL = frozenset(LANE.values())
BUT_HATS = ALL - {LANE["closed-hat"], LANE["open-hat"]}
BUT_HATS_AND_KICK = BUT_HATS - {LANE["kick"]}

PHRASE_BARS = 8
CHANCES = {3: 0.31, 7: 0.39}
"""How often people fill in the 4th and in the 8th of eight bars; see docs/measured.md."""
AS_PEOPLE = LEVELS["fills"].default
SIZES = (0.47, 0.71, 0.9, 1.0)
"""How many of people's fills begin in the first quarter of their bar, in the first half, and so on;
see docs/measured.md."""


def nothing(_: int) -> bool:
    """That no step's hits are given."""
    return False


class Kind(enum.Enum):
    """What a figure is."""

    FILL = "fill"
    BREAK = "break"
    """Only the hat, on the counts."""
    DROP = "drop"
    """Nothing."""
    INTRO = "intro"
    """The hat, and in its second half the kick."""
    CRASH = "crash"
    """Crash and kick on one step."""


THIN = (Kind.BREAK, Kind.DROP, Kind.INTRO)
"""The figures in which most of the kit, or all of it, is silent."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that was asked for, from the step `first` up to, but not including, `end`.

    A fill that has no step of its own is the accent that one arrives on.
    """

    kind: Kind
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """The figures asked for, in the order in which they were, and the drummer's own fills.

    `fills` is the level of that name, which says how many of its own there are; which of the bars
    they are in, and how long they are, follows from `seed`. A fill that comes with less of the
    level comes with more of it too.
    Threads: any; it is a value.
    """

    meters: MeterMap
    figures: tuple[Figure, ...] = ()
    seed: int = 0
    fills: float = 0.0

    def with_fill(self, step: int) -> Phrase:
        """This phrase with a fill from `step` to the bar line.

        Where less than a beat of the bar is left, which is too short to be a fill, it goes on to
        the end of the next bar. Inside a fill that reaches as far, nothing changes.
        """
        end = self.meters.next_bar_line(step)
        if end - step < STEPS_PER_BEAT:
            end = self.meters.next_bar_line(end)
        return self._with_fill(step, end)

    def with_break(self, step: int, bars: int) -> Phrase:
        """This phrase with a break from the next bar line on: the hat alone, then a crash on one.

        Where `step` begins a bar, the break begins with it. Where a break, a drop or an intro is
        then under way, nothing changes.
        """
        return self._with_thin(Kind.BREAK, step, bars)

    def with_drop(self, step: int, bars: int) -> Phrase:
        """The same with a drop: nothing at all, then crash and kick on one."""
        return self._with_thin(Kind.DROP, step, bars)

    def without_drop(self, step: int) -> Phrase:
        """The same without the drop that begins with a step."""
        left = tuple(it for it in self.figures if (it.kind, it.first) != (Kind.DROP, step))
        return replace(self, figures=left)

    def without(self, name: str, step: int) -> Phrase:
        """The same without the figures of a kind that are not over at a step.

        An intro takes the fill at its end along.
        """
        left_out = [it for it in self.figures if it.kind.value == name and it.end > step]
        led_into = {it.end for it in left_out if it.kind is Kind.INTRO}
        left = tuple(
            it
            for it in self.figures
            if it not in left_out and not (it.kind is Kind.FILL and it.end in led_into)
        )
        return replace(self, figures=left)

    def with_intro(self, step: int, bars: int) -> Phrase:
        """The same with an intro, the last bar of which fills into the groove."""
        begun = self._with_thin(Kind.INTRO, step, bars)
        if begun is self:
            return self
        intro = begun.figures[-1]
        fill = Figure(Kind.FILL, self.meters.bars_later(intro.end, -1), intro.end)
        return replace(self, figures=(*self.figures, fill, intro))

    def with_crash(self, step: int) -> Phrase:
        """This phrase with crash and kick on the next beat, which may be `step` itself."""
        until_beat = -self.meters.step_in_bar(step) % STEPS_PER_BEAT
        return self._with_crash(min(step + until_beat, self.meters.next_bar_line(step)))

    def with_turn(self, step: int, line: int) -> Phrase:
        """This phrase with something new on a bar line: a fill from `step` into it, and its accent.

        Where less than a beat is left there is only the accent.
        """
        return self._with_fill(step if line - step >= STEPS_PER_BEAT else line, line)

    def cut_short(self, step: int) -> Phrase:
        """This phrase with each fill that was asked for ending at `step`, and arriving there."""
        cut = tuple(
            replace(it, first=min(it.first, step), end=step)
            if it.kind is Kind.FILL and it.end > step
            else it
            for it in self.figures
        )
        return replace(self, figures=cut)

    def with_ending(self, step: int, last: int) -> Phrase:
        """This phrase with an ending: a fill into the `last` step, which crashes.

        It begins with `step`, or with the last bar where that is later.
        """
        begin = max(step, self.meters.bars_later(last, -1))
        return self.with_turn(begin, last)._with_crash(last)

    def is_fill(self, step: int) -> bool:
        """Whether the step belongs to a fill."""
        return self.fill_at(step) is not None

    def fill_at(self, step: int, given: Callable[[int], bool] = nothing) -> Fill | None:
        """The fill that the step belongs to; one that was asked for goes before one of its own.

        Where the hits are `given`, the drummer does not fill by itself; so below.
        """
        asked = [Fill(fill.first, fill.end) for fill in self._all(Kind.FILL)]
        own = [] if given(step) else self._own_fills(self.meters.bar_of(step))
        for fill in (*asked, *own):
            if fill.first <= step < fill.end:
                return fill
        return None

    def is_fill_soon(self, step: int) -> bool:
        """Whether the step is in the bar before the one in which a fill begins."""
        after = self.meters.bar_of(step) + 1
        asked = any(
            self.meters.bar_of(fill.first) == after and fill.first < fill.end
            for fill in self._all(Kind.FILL)
        )
        return asked or bool(self._own_fills(after))

    def is_after_fill(self, step: int, given: Callable[[int], bool] = nothing) -> bool:
        """Whether the step is in the bar after a fill."""
        bar = self.meters.bar_of(step)
        asked = any(
            self.meters.bar_of(fill.end) == bar and fill.first < fill.end
            for fill in self._all(Kind.FILL)
        )
        return asked or bool(self._played_fills(bar - 1, given))

    def place(self, step: int, tempo_bpm: float, given: Callable[[int], bool] = nothing) -> Place:
        """What is asked of the drummer at a step."""
        required, forbidden = self._lanes(step)
        return Place(
            step,
            self.meters.meter_at(step),
            tempo_bpm,
            fill=self.fill_at(step, given),
            fill_soon=self.is_fill_soon(step),
            after_fill=self.is_after_fill(step, given),
            accent=self._accent(step, given),
            required=required,
            forbidden=forbidden,
        )

    def asked_lanes(self, step: int) -> frozenset[int]:
        """The lanes that the performer has asked for something in, at a step.

        A fill that was asked for is played on all, and arrives on a crash; the drummer's own were
        not asked for.
        """
        fills = self._all(Kind.FILL)
        if any(fill.first <= step < fill.end for fill in fills):
            return ALL
        required, forbidden = self._lanes(step)
        arrives = any(fill.end == step for fill in fills)
        return required | forbidden | (CRASH_AND_KICK if arrives else frozenset())

    def _accent(self, step: int, given: Callable[[int], bool]) -> Accent | None:
        if any(it.first == step for it in self._all(Kind.CRASH)):
            return Accent.SURE
        if any(fill.end == step for fill in self._all(Kind.FILL)):
            return Accent.ASKED
        before = self.meters.bar_of(step) - 1
        own = self.meters.is_bar_line(step) and self._played_fills(before, given)
        return Accent.USUAL if own else None

    def _lanes(self, step: int) -> tuple[frozenset[int], frozenset[int]]:
        """The lanes that must be struck at a step, and those that must not.

        In a break the hat keeps time on the counts, whatever kept it before: a ride would leave
        silence. Where one break follows another, the crash comes after the last. A crash that was
        asked for in a break is struck, and the fill at the end of an intro is played.
        """
        if any(it.first == step for it in self._all(Kind.CRASH)):
            return CRASH_AND_KICK, frozenset()
        thin = self._thin_at(step)
        if thin is None:
            ended = [it.kind for it in self._all(Kind.BREAK, Kind.DROP) if it.end == step]
            if Kind.DROP in ended:
                return CRASH_AND_KICK, frozenset()
            return CRASH if ended else frozenset(), frozenset()
        if thin.kind is Kind.DROP:
            return frozenset(), ALL
        if thin.kind is Kind.INTRO and self.is_fill(step):
            return frozenset(), frozenset()
        with_kick = thin.kind is Kind.INTRO and 2 * step >= thin.first + thin.end
        counts = self.meters.meter_at(step).count_steps
        on_count = self.meters.step_in_bar(step) in counts
        return HAT if on_count else frozenset(), BUT_HATS_AND_KICK if with_kick else BUT_HATS

    def _thin_at(self, step: int) -> Figure | None:
        """The break, drop or intro that a step belongs to."""
        return next((it for it in self._all(*THIN) if it.first <= step < it.end), None)

    def forget_before(self, step: int) -> Phrase:
        """This phrase without the figures that are over, and no longer felt, at `step`."""
        kept = tuple(it for it in self.figures if self.meters.next_bar_line(it.end) > step)
        return self if len(kept) == len(self.figures) else replace(self, figures=kept)

    def _played_fills(self, bar: int, given: Callable[[int], bool]) -> list[Fill]:
        """The drummer's own fill of a bar, where that bar was its own to play."""
        return [] if given(self.meters.bar_line(bar + 1) - 1) else self._own_fills(bar)

    def _own_fills(self, bar: int) -> list[Fill]:
        """The fill that the drummer plays in a bar by itself, if it does."""
        usual = CHANCES.get(bar % PHRASE_BARS)
        if usual is None or self.fills <= 0 or bar < 0:
            return []
        lot = random.Random(f"fill {self.seed} {bar}")
        odds_of_level = AS_PEOPLE / (1 - AS_PEOPLE) * (1 - self.fills) / self.fills
        chance = usual**odds_of_level  # at 0 never, at 1 every time
        if lot.random() >= chance:
            return []
        first, end = self.meters.bar_line(bar), self.meters.bar_line(bar + 1)
        quarter, size = 0, lot.random()
        while size >= SIZES[quarter]:
            quarter += 1
        counts = self.meters.meter_at(first).count_steps
        first += counts[quarter * len(counts) // len(SIZES)]
        broken = any(it.first < end and first <= it.end for it in self._all(*THIN))
        return [] if broken or end - first < STEPS_PER_BEAT else [Fill(first, end)]

    def _with_fill(self, first: int, end: int) -> Phrase:
        if any(fill.first <= first and end <= fill.end for fill in self._all(Kind.FILL)):
            return self
        return replace(self, figures=(*self.figures, Figure(Kind.FILL, first, end)))

    def _with_thin(self, kind: Kind, step: int, bars: int) -> Phrase:
        first = self.meters.first_bar_line_from(step)
        if self._thin_at(first) is not None:
            return self
        end = self.meters.bars_later(first, bars)
        return replace(self, figures=(*self.figures, Figure(kind, first, end)))

    def _with_crash(self, step: int) -> Phrase:
        crash = Figure(Kind.CRASH, step, step + 1)
        return self if crash in self.figures else replace(self, figures=(*self.figures, crash))

    def _all(self, *kinds: Kind) -> list[Figure]:
        return [figure for figure in self.figures if figure.kind in kinds]

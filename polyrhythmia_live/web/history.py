"""The bars that were played, one small picture each, from the log of a performance.

Read as it grows. Bars are counted as `replay` counts them, so that a range of the ribbon is the
same bars in a file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polyrhythmia_live.config import Head
from polyrhythmia_live.desk.performance import Stretch, event_of, head_of
from polyrhythmia_live.desk.performance_log import MARKS
from polyrhythmia_live.drums.bar_figures import BarFigures, bar_figures
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.messages import Applied, Committed, Moved
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.system.runtime import PRIVATE_MODE
from polyrhythmia_live.web.levels import LevelsThen

USUAL_BPM = 120.0
"""Of a bar in which nothing was played."""

PAGE_BARS = 200
"""So many are told at once."""

KEPT_BARS = 20_000
"""Of a performance that goes on for days, the pictures of the last eleven hours at 120 bpm."""

OPEN_STEPS = 1024
"""So many steps of what goes on are held as they came: a stop takes back some of the last."""
SURE_BARS = 8

MARK_LETTERS = 80
MARKS_MAX = 1000


@dataclass(frozen=True, slots=True)
class BarPicture:
    """A bar as it was played: (step in the bar, lane, velocity, microtiming_ticks) of each hit.

    `levels` are how they stood at its bar line, as far as the log has it.
    """

    number: int
    meter: str
    steps: int
    tempo_bpm: float
    hits: tuple[tuple[int, int, int, int], ...]
    levels: dict[str, Any] = field(default_factory=dict)

    def figures(self) -> BarFigures:
        """What the bar is like."""
        struck = [(step, lane, off_ticks) for step, lane, _, off_ticks in self.hits]
        return bar_figures(struck, Meter.parse(self.meter), self.tempo_bpm or USUAL_BPM)


class History:
    """The bars of one log. Threads: one at a time. Real-time: no."""

    def __init__(self, log: Path, genres: Sequence[str] = ()) -> None:
        """`genres` are those that a command chooses from, by number."""
        self._log = log
        self._genres = genres
        self._levels: LevelsThen | None = None
        self._offset = 0
        self._rest = b""
        self._head: Head | None = None
        self._epoch = 0
        self._stretch: Stretch | None = None
        self._next_bar: int | None = None
        """The bar of the song that comes after those of the open stretch that are kept."""
        self._kept: list[BarPicture] = []
        self._dropped = 0
        """How many bars were played before those that are kept."""

    def bars(self, first: int, last: int | None = None) -> tuple[list[BarPicture], int]:
        """Bars by number, from 1, `PAGE_BARS` at the most, and how many there are that have ended.

        Raises ConfigError where there is no log that can be read.
        """
        self._read()
        found = [*self._kept, *self._open_bars()]
        count = self._dropped + len(found)
        begin = max(0, first - 1 - self._dropped)
        end = min(begin + PAGE_BARS, (count if last is None else last) - self._dropped)
        return found[begin : max(begin, end)], count

    def _read(self) -> None:
        try:
            with self._log.open("rb") as file:
                file.seek(self._offset)
                read = file.read()
        except FileNotFoundError:
            return  # nothing was played yet
        except OSError as error:
            raise ConfigError(f"cannot read {self._log}: {error.strerror}") from None
        self._offset += len(read)
        *lines, self._rest = (self._rest + read).split(b"\n")
        for text in lines:
            self._take(text)

    def _take(self, text: bytes) -> None:
        if self._stretch is None or self._head is None:
            self._head = head_of(self._log, text)
            self._stretch = Stretch(self._head.meters)
            self._levels = LevelsThen(self._head.controls, self._genres)
            return
        try:
            event = event_of(json.loads(text), self._epoch)
        except (ValueError, RecursionError):
            return
        if isinstance(event, Moved):
            self._epoch = event.epoch
        if event is None:
            return
        ended = self._stretch.take(event)
        meters = self._head.meters
        if ended:
            self._keep(self._pictures(ended, meters.bar_of(max(ended)) + 1))
            self._next_bar = None
        if self._levels is not None and isinstance(event, Applied | Moved):
            self._levels.take(event)
        if len(self._stretch.steps) > OPEN_STEPS:
            end = meters.bar_of(max(self._stretch.steps)) - SURE_BARS
            sure, line = self._pictures(self._stretch.steps, end), meters.bar_line(end)
            self._keep(sure)
            self._next_bar = end
            self._stretch.forget_before(line)
            if self._levels is not None:
                self._levels.forget_before(line)

    def _open_bars(self) -> list[BarPicture]:
        """Those of what goes on that have ended."""
        if self._stretch is None or self._head is None or not self._stretch.steps:
            return []
        steps = self._stretch.steps
        return self._pictures(steps, self._head.meters.bar_of(max(steps) + 1))

    def _keep(self, bars: Sequence[BarPicture]) -> None:
        self._kept += bars
        too_many = len(self._kept) - KEPT_BARS
        if too_many > 0:
            del self._kept[:too_many]
            self._dropped += too_many

    def _pictures(self, steps: dict[int, Committed], end_bar: int) -> list[BarPicture]:
        """The bars of a stretch that are not kept yet, up to another; some may have no step."""
        assert self._head is not None
        meters, number = self._head.meters, self._dropped + len(self._kept)
        first_bar = meters.bar_of(min(steps)) if self._next_bar is None else self._next_bar
        bars = range(first_bar, end_bar)
        return [
            _picture(bar, number + n, steps, meters, self._levels)
            for n, bar in enumerate(bars, start=1)
        ]


def _picture(
    bar: int,
    number: int,
    steps: dict[int, Committed],
    meters: MeterMap,
    levels: LevelsThen | None,
) -> BarPicture:
    line = meters.bar_line(bar)
    meter = meters.meter_at(line)
    played = [(at, steps[line + at]) for at in range(meter.bar_steps) if line + at in steps]
    hits = (
        (at, hit.lane, hit.velocity, hit.microtiming_ticks)
        for at, committed in played
        for hit in committed.step.hits
    )
    tempo_bpm = played[0][1].tempo_bpm if played else 0.0
    return BarPicture(
        number,
        str(meter),
        meter.bar_steps,
        round(tempo_bpm, 2),
        tuple(hits),
        {} if levels is None else dict(levels.at(line).levels),
    )


class Marks:
    """What was written beside bars of a performance, in a file beside its log; it goes with it.

    Threads: one at a time. Real-time: no.
    """

    def __init__(self, log: Path) -> None:
        self._file = log.with_suffix(MARKS)

    def read(self) -> dict[int, str]:
        """By the number of the bar; what cannot be read is none."""
        try:
            given = json.loads(self._file.read_text())
            return {int(number): str(words) for number, words in given.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def set(self, number: int, words: str) -> dict[int, str]:
        """Mark a bar, or, without words, take its mark away; all there are now.

        Raises ConfigError, in one line, where that cannot be.
        """
        marks = self.read()
        marks.pop(number, None)
        if words:
            marks[number] = words[:MARK_LETTERS]
        if len(marks) > MARKS_MAX:
            raise ConfigError(f"{MARKS_MAX} bars are marked: take a mark away first")
        try:
            with replacing(self._file) as draft:
                draft.touch(PRIVATE_MODE)
                draft.write_text(json.dumps(dict(sorted(marks.items()))))
        except OSError as error:
            raise ConfigError(f"the mark is not kept: {error.strerror}") from None
        return marks

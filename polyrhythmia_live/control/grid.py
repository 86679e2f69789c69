"""The grid: a row for each lane, a column for each step of the bar that sounds and the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from polyrhythmia_live.control.mixed import mix_of, sign
from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.messages import DRUMS, Cue, Outlook, Snapshot
from polyrhythmia_live.midi.base import DATA_MAX
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.timeline import Transport

REST = " "
COUNT = "·"
"""A rest on one of the meter's counts, for the eye to hold on to."""

LOUDNESS = "▁▂▃▄▅▆▇█"
"""Hits, from the softest to the loudest."""

UNHEARD = "x"
"""A hit that is played, and does not sound."""

PLAYHEAD = "▼"
LASTING = "─"
"""What was asked for goes on."""

BAR_LINE = "│ "
NAME_COLUMNS = max(len(lane.name) for lane in DRUM_LANES) + 2
"""A blank, and the sign of a mute, a solo or a lock."""

CELL_COLUMNS = (2, 1)
"""How wide a step is drawn, the better first."""

EARLY, LATE = "‹", "›"
"""Beside a hit that lies off its step."""

OFF_TICKS = TICKS_PER_STEP // 5
"""A hit that is no farther off its step has no sign for it: a sixteenth at 120 bpm is 125 ms."""

GRID_ROWS = 2 + len(DRUM_LANES)


def grid(
    snapshot: Snapshot,
    meters: MeterMap,
    columns: int,
    cells: Sequence[int] = CELL_COLUMNS,
    microtiming: bool = False,
) -> tuple[str, ...]:
    """Cues in one row, in the next the counts, the playhead and, at the end of the bar that comes,
    how sure the drummer is of it; then a row a lane, the kick last.

    Bars stand where they are while they sound: those with an odd number on the left, the others on
    the right, and the bar that comes beside the one that sounds. Where two bars have no room the
    one that sounds is drawn, or as much of it as there is room for. What is not planned, or not
    known, is drawn as rests, and so is what would come after the place where the song has stopped.
    Behind its name a lane has the sign of a mute, a solo or a lock; what is not heard is crossed.
    The first voice has heard the others: what they play stands on its steps, where it falls.
    Nothing at all is drawn where it has not said what it plays. A step is as wide as one of
    `cells`, the widest that fits; `microtiming`: where that is more than a column, a hit that is
    early or late has a sign beside it.
    """
    outlooks = _of_the_song(snapshot)
    if snapshot.status is None or not outlooks or columns <= NAME_COLUMNS:
        return ()
    now = snapshot.tick // TICKS_PER_STEP
    bars, cell = _fitting(_bars(max(0, now), meters), now, columns - NAME_COLUMNS, cells)
    has_stopped = now > 0 and snapshot.status.transport is Transport.STOPPED
    hits = {
        step.index: step.hits
        for outlook in outlooks
        for step in (*outlook.sounding, *outlook.coming)
        if not has_stopped or step.index < now
    }
    asked = "  ".join(_cues(bar, cell, () if has_stopped else snapshot.cues) for bar in bars)
    sure = {} if has_stopped else _sureness(snapshot)
    ruler = BAR_LINE.join(_ruler(bar, now, cell, meters, sure) for bar in bars)
    mix = mix_of(snapshot)
    shares = [mix.share(lane.name) for lane in DRUM_LANES]
    drawn = zip(*(_rows(bar, cell, hits, meters, shares, microtiming) for bar in bars), strict=True)
    rows = (
        f"{_name(lane.name)}{sign(lane.name, snapshot)}{BAR_LINE.join(row)}"
        for lane, row in zip(DRUM_LANES, drawn, strict=True)
    )
    return (" " * NAME_COLUMNS + asked, " " * NAME_COLUMNS + ruler, *reversed(list(rows)))


def _of_the_song(snapshot: Snapshot) -> list[Outlook]:
    """The first voice's, newer ones later."""
    return [outlook for outlook in snapshot.outlooks if outlook.voice == DRUMS]


def _bars(now: int, meters: MeterMap) -> list[range]:
    """The steps of the bar that sounds and of the next one; left, right."""
    line = meters.bar_line_at(now)
    next_line = meters.next_bar_line(line)
    bars = [range(line, next_line), range(next_line, meters.next_bar_line(next_line))]
    return bars if meters.bar_of(now) % 2 == 0 else bars[::-1]


def _fitting(
    bars: list[range], now: int, room: int, cells: Sequence[int]
) -> tuple[list[range], int]:
    """As many steps as there is room for, and how wide each may be."""
    for cell in cells:
        if cell * sum(map(len, bars)) + len(BAR_LINE) <= room:
            return bars, cell
    sounding = next((bar for bar in bars if now in bar), bars[0])
    for cell in cells:
        if cell * len(sounding) <= room:
            return [sounding], cell
    page = max(1, room)
    first = sounding.start + max(0, now - sounding.start) // page * page
    return [range(first, min(first + page, sounding.stop))], 1


def _cues(bar: range, cell: int, cues: Sequence[Cue]) -> str:
    """What was asked for in a bar, each for as long as it lasts, or as its name is."""
    signs = [" "] * (cell * len(bar))
    for cue in sorted(cues, key=lambda cue: cue.first):
        end = bar.stop if cue.end is None else min(cue.end, bar.stop)
        first = max(cue.first, bar.start)
        if first < end:
            _write(signs, cell * (first - bar.start), cue.name.ljust(cell * (end - first), LASTING))
    return "".join(signs)


def _sureness(snapshot: Snapshot) -> dict[int, str]:
    """How sure the drummer is of the bar that comes, by the bar's first step."""
    return {
        outlook.coming[0].index: f"{outlook.confidence:.0%}"
        for outlook in _of_the_song(snapshot)
        if outlook.coming and outlook.confidence is not None
    }


def _ruler(bar: range, now: int, cell: int, meters: MeterMap, sure: Mapping[int, str]) -> str:
    """The meter's counts, over them the playhead; where there is room, how sure the bar is."""
    signs = [" "] * (cell * len(bar))
    place = meters.step_in_bar(bar.start)
    for count, step in enumerate(meters.meter_at(bar.start).count_steps, start=1):
        if 0 <= step - place < len(bar):
            _write(signs, cell * (step - place), str(count))
    if bar.start in sure and now not in bar:
        for words in (f"sure {sure[bar.start]}", sure[bar.start]):
            if not "".join(signs[-len(words) - 1 :]).strip():
                _write(signs, len(signs) - len(words), words)
                break
    if now in bar:
        _write(signs, cell * (now - bar.start), PLAYHEAD)
    return "".join(signs)


def _write(signs: list[str], place: int, words: str) -> None:
    for offset, letter in enumerate(words[: len(signs) - place]):
        signs[place + offset] = letter


def _name(lane: str) -> str:
    return f"{lane.replace('-', ' '):<{NAME_COLUMNS - 1}}"


def _rows(
    bar: range,
    cell: int,
    hits: Mapping[int, Hits],
    meters: MeterMap,
    shares: Sequence[float],
    microtiming: bool,
) -> list[str]:
    """A bar, or a part of it, as a row of signs for each lane, whose `shares` sound."""
    counts = meters.meter_at(bar.start).count_steps
    place = meters.step_in_bar(bar.start) - bar.start
    rest = "".join((COUNT if step + place in counts else REST).ljust(cell) for step in bar)
    rows = [list(rest) for _ in DRUM_LANES]
    for step in bar:
        for hit in hits.get(step, ()):
            drawn = _loudness(hit.velocity * shares[hit.lane])
            rows[hit.lane][cell * (step - bar.start)] = drawn
            if microtiming and cell > 1 and abs(hit.microtiming_ticks) > OFF_TICKS:
                off = EARLY if hit.microtiming_ticks < 0 else LATE
                rows[hit.lane][cell * (step - bar.start) + 1] = off
    return ["".join(row) for row in rows]


def _loudness(velocity: float) -> str:
    if velocity == 0:
        return UNHEARD
    sounding = min(DATA_MAX, max(1, round(velocity)))
    return LOUDNESS[(sounding - 1) * len(LOUDNESS) // DATA_MAX]

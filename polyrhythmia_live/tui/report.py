"""The header, the ports and the answers, in words."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from polyrhythmia_live.control.answers import (
    genre_in_words,
    position,
    section_in_words,
    song_in_words,
    sounding_ratio,
)
from polyrhythmia_live.control.columns import columns_of, cut_to, on_one_line
from polyrhythmia_live.control.status_line import (
    BELOW_THE_PLAN,
    GAP,
    clock_in_words,
    tempo_in_words,
)
from polyrhythmia_live.desk.outcome import outcome
from polyrhythmia_live.messages import Applied, PortStatus, Rung, Snapshot, Status, Unchanged
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.meter_map import MeterMap
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME
from polyrhythmia_live.rhythm.timeline import Transport

RUNGS = {Rung.PLAN: "plan", **BELOW_THE_PLAN}

LESSER = ("song", "meter", "clock")
"""What the header leaves out where there is no room, the first one first."""

LOG_LINES = 200


def header(snapshot: Snapshot, meters: MeterMap, columns: int) -> str:
    """Where the song is, how fast, by whose clock, which genre; at the right what went wrong.

    Where there is no room lesser things are left out, and what is in order: the song's name, the
    meter, a clock that is well (the news say where one is not), and losses of none. Then the left
    part is cut; the right one is always there.
    """
    status = snapshot.status
    if status is None:
        return cut_to(snapshot.trouble or "starting", columns)
    ratio = sounding_ratio(status)
    song = {
        "transport": "▶" if status.transport is Transport.ROLLING else "■ stopped",
        "place": f"{position(snapshot.tick, meters):>5}",
        "tempo": tempo_in_words(status),
        "meter": str(meters.meter_at(max(0, snapshot.tick // TICKS_PER_STEP))),
        "ratio": "" if ratio == NORMAL_TIME else ratio.in_words,
        "clock": clock_in_words(status),
        "genre": genre_in_words(snapshot, meters),
        "song": song_in_words(snapshot),
        "section": section_in_words(snapshot, meters),
    }
    losses = {"late": status.late, "dropped": status.dropped}
    right = _row([RUNGS[status.rung], *(f"{name} {count}" for name, count in losses.items())])
    for lesser in LESSER:
        if columns_of(_row(song.values())) + len(GAP) + len(right) <= columns:
            break
        song[lesser] = ""
    else:
        lost = (f"{name} {count}" for name, count in losses.items() if count)
        right = _row([RUNGS[status.rung], *lost])
    left = _row(song.values())
    room = columns - len(right) - len(GAP)
    if room < len("▶   1.1"):
        return cut_to(left, columns)
    left = cut_to(left, room)
    return left + " " * (columns - columns_of(left) - len(right)) + right


def _row(words: Iterable[str]) -> str:
    return on_one_line(GAP.join(it for it in words if it))


def ports(snapshot: Snapshot) -> tuple[str, ...]:
    """A line for each output and input, and the counts of what was lost."""
    status = snapshot.status
    if status is None:
        return ()
    return (
        *(_port("→", port) for port in status.outputs),
        *(_port("←", port) for port in status.inputs),
        *_counts(status),
    )


def _port(way: str, port: PortStatus) -> str:
    losses = ((port.dropped, "lost"), (port.refused, "no MIDI"))
    counted = "".join(f", {count} {words}" for count, words in losses if count)
    return on_one_line(f"{way} {port.name}: {port.condition.words}{counted}")


def _counts(status: Status) -> Iterator[str]:
    rungs = zip(("last bar", "groove", "kick and hat"), status.rung_steps[1:], strict=True)
    yield "steps without a plan: " + ", ".join(f"{name} {count}" for name, count in rungs)
    yield (
        f"notes late {status.late}, dropped {status.dropped}; "
        f"controls unknown {status.unknown}, dropped {status.brain_dropped}; "
        f"clock messages ignored {status.clock_ignored}"
    )


class Answers:
    """What became of the commands of every surface, the newest line first. Threads: one."""

    def __init__(self, genres: Sequence[str], meters: MeterMap) -> None:
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self._genres = genres
        self._meters = meters
        self._known: frozenset[Applied | Unchanged] = frozenset()
        self._latest = ""

    def follow(self, snapshot: Snapshot) -> None:
        """Add what is new; a level that moves on takes the place of its last line."""
        for news in reversed(snapshot.answers):
            if news in self._known:
                continue
            line = outcome(news, snapshot, self._genres, self._meters)
            if news.command.name == self._latest and self.lines:
                self.lines.popleft()
            self.lines.appendleft(line)
            self._latest = news.command.name
        self._known = frozenset(snapshot.answers)

    def say(self, line: str) -> None:
        """Add a line of another kind."""
        self.lines.appendleft(line)
        self._latest = ""

"""The header, the ports and the answers, in words."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from polyrhythmia_live.control.answers import (
    genre_in_words,
    position,
    section_in_words,
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

LOG_LINES = 200


def header(snapshot: Snapshot, meters: MeterMap, columns: int) -> str:
    """Where the song is, how fast, by whose clock, which genre; at the right what went wrong.

    The right end is always there; of the rest the end is cut off where there is no room.
    """
    status = snapshot.status
    if status is None:
        return cut_to(snapshot.trouble or "starting", columns)
    ratio = sounding_ratio(status)
    song = (
        "▶" if status.transport is Transport.ROLLING else "■ stopped",
        f"{position(snapshot.tick, meters):>5}",
        tempo_in_words(status),
        str(meters.meter_at(max(0, snapshot.tick // TICKS_PER_STEP))),
        "" if ratio == NORMAL_TIME else ratio.in_words,
        clock_in_words(status),
        genre_in_words(snapshot, meters),
        section_in_words(snapshot, meters),
    )
    left = on_one_line(GAP.join(it for it in song if it))
    right = f"{RUNGS[status.rung]}{GAP}late {status.late}{GAP}dropped {status.dropped}"
    room = columns - len(right) - len(GAP)
    if room < len("▶   1.1"):
        return cut_to(left, columns)
    left = cut_to(left, room)
    return left + " " * (columns - columns_of(left) - len(right)) + right


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

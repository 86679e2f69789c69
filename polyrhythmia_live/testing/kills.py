"""A performance whose processes are killed, one by one and all at once, while hands are on it.

What is to hold: a log says what the receiver heard, up to the kill; a groove that is recalled
begins with the bar that was remembered; no note hangs; and of a brain or a desk that is killed
nothing is heard.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from polyrhythmia_live.desk.performance import read_performance, take_of
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.messages import Snapshot
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.mix import AS_PLAYED
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME
from polyrhythmia_live.rhythm.timeline import Timeline, Transport
from polyrhythmia_live.testing.daemon import Daemon, lives, wait_for
from polyrhythmia_live.testing.hands import Hands
from polyrhythmia_live.testing.midi_peer import Peer
from polyrhythmia_live.testing.replayed import (
    Comparison,
    Strike,
    compare,
    hanging_seconds,
    read_midi_file,
    strikes_of,
)

BPM = 320.0
STEP_SECONDS = 60 / BPM / 4
BAR = 16
BAR_SECONDS = BAR * STEP_SECONDS

BRAIN, DESK, PLAYER, SUPERVISOR, ALL = "brain", "desk", "player", "supervisor", "all at once"
ENDS = (SUPERVISOR, ALL)
"""Who takes the performance along."""
TOLD_TO_END = "told to end"
"""Not killed: the last performance."""

RESOLUTION_SECONDS = 0.015
"""Two strikes that a receiver hears so close to each other's place are in the same place: its
process has no priority."""

MACHINE = "Test Machine"
COMMAND_SECONDS = 0.25
MOVE_SHARE = 0.01
"""Of the commands: those that move the song."""

AFTER_KILL_SECONDS = 3.0
"""For so long the song is not moved after a kill, nor anything killed after a move: a pause that
was asked for is none of ours."""
SETTLED_BARS = 10
SETTLING = ("unmute", "solo", "level 100%", "level snare 100%", "unlock", "go on", "tempo 320",
            "density 60%")  # fmt: skip


@dataclass
class Kill:
    """A process was killed at a moment; what of the log and of the groove is wrong around it."""

    what: str
    at_seconds: float
    late_seconds: float | None = None
    unheard: int = 0
    unwritten: int = 0
    reach_seconds: float = 0.0
    """How far from the kill the farthest of them lies, before or after it."""


@dataclass(frozen=True)
class Missed:
    """A groove did not begin with the bar that was remembered; `words` say what was otherwise.

    `ahead_steps`: how many steps before its line it was asked for. At 0, the line's own step may be
    on its way to the receiver already.
    """

    ahead_steps: int
    words: str


@dataclass
class Recalls:
    """What became of grooves. `unanswered`: nobody said that it was remembered, or would come."""

    remembered: int = 0
    recalled: int = 0
    after_a_whole_kill: int = 0
    missed: list[Missed] = field(default_factory=list)
    unanswered: int = 0
    not_settled: int = 0
    """Times that something was still to come, and so nothing was tried."""


@dataclass
class Findings:
    """Of one performance after another."""

    bars: int = 0
    lives: int = 0
    strikes: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    """By surface."""
    kills: list[Kill] = field(default_factory=list)
    alike: int = 0
    """How many logs gave the same bytes twice, in both kinds of file."""
    at_moves: int = 0
    """Strikes that only the receiver, or only the log has, within a bar of a move of the song."""
    elsewhere: list[tuple[int, float, str]] = field(default_factory=list)
    """All others: the life, the seconds into it, and who has them."""
    jitter_seconds: list[float] = field(default_factory=list)
    longest_note_seconds: float = 0.0
    recalls: Recalls = field(default_factory=Recalls)


@dataclass(frozen=True)
class _Remembered:
    name: str
    life: int
    bar: tuple[tuple[float, int, int], ...]


class Ordeal:
    """Performances in a folder, until they have so many bars together.

    To be used with a JACK server of one's own. `kinds` are drawn from, in a random order.
    """

    def __init__(
        self, folder: Path, seed: int, bars: int, kinds: Sequence[str], kill_bars: float
    ) -> None:
        """`kill_bars`: how many bars lie between kills, on average."""
        self._folder = folder
        self._random = Random(seed)
        self._seed = seed
        self._bars = bars
        self._kinds = tuple(kinds)
        self._kill_bars = kill_bars
        self._to_come: list[str] = []
        self.findings = Findings()
        self._memory: list[_Remembered] = []
        self._moves: list[float] = []

    def run(self) -> Findings:
        """Play, kill and compare; what was found."""
        with Peer(MACHINE) as machine, Hands(self._folder, self._random) as hands:
            self._machine, self._hands = machine, hands
            while self.findings.bars < self._bars:
                self._live()
            self.findings.longest_note_seconds = hanging_seconds(machine.heard, time.monotonic())
        self.findings.commands = hands.counts
        return self.findings

    def _live(self) -> None:
        """One performance, until it is killed as a whole or all bars are played."""
        began = time.monotonic()
        self.findings.lives += 1
        flags = ("--no-synth", "--bpm", str(BPM), "--out", MACHINE, "--seed",
                 str(self._seed + self.findings.lives), *self._hands.flags)  # fmt: skip
        known = set(self._logs())
        first_kill = len(self.findings.kills)
        with Daemon(self._folder, *flags, keyboard=self._hands.keyboard) as daemon:
            wait_for("the song", lambda: self._hands.client().snapshot().tick > 0)
            self._perform(daemon, time.monotonic() + self._bars_left * BAR_SECONDS)
            if not self._whole_killed(first_kill):
                self._note_kill(TOLD_TO_END)
                daemon.end()
        time.sleep(0.3)  # what is on its way to the receiver
        shutil.copy(self._folder / "terminal.txt", self._folder / f"life{self.findings.lives}.txt")
        (log,) = set(self._logs()) - known
        self._judge(log, began, self.findings.kills[first_kill:])
        time.sleep(max(0.0, began + 1.1 - time.monotonic()))  # a log is named by the second

    @property
    def _bars_left(self) -> int:
        return self._bars - self.findings.bars

    def _logs(self) -> list[Path]:
        return list((self._folder / "polyrhythmia" / "performances").glob("*.jsonl"))

    def _heard_since(self, seconds: float) -> list[Strike]:
        return strikes_of([it for it in list(self._machine.heard) if it[0] >= seconds])

    def _whole_killed(self, first_kill: int) -> bool:
        return any(it.what in ENDS for it in self.findings.kills[first_kill:])

    def _perform(self, daemon: Daemon, until_seconds: float) -> None:
        random, hands = self._random, self._hands
        kill_at = time.monotonic() + self._until_kill()
        rite_at = time.monotonic() + random.uniform(4, 8) * BAR_SECONDS
        moved_at = killed_at = -AFTER_KILL_SECONDS
        while (now := time.monotonic()) < until_seconds:
            if now >= kill_at and now - moved_at > AFTER_KILL_SECONDS:
                killed_at = now
                if self._kill(daemon):
                    return
                kill_at = now + self._until_kill()
            elif now >= rite_at and now - killed_at > AFTER_KILL_SECONDS:
                self._remember_or_recall()
                rite_at = time.monotonic() + random.uniform(4, 12) * BAR_SECONDS
            elif random.random() < MOVE_SHARE and now - killed_at > AFTER_KILL_SECONDS:
                self._moves.append(now)
                hands.move_the_song()
                moved_at = time.monotonic()
                self._moves.append(moved_at)
            else:
                hands.move()
            time.sleep(random.expovariate(1 / COMMAND_SECONDS))

    def _until_kill(self) -> float:
        return BAR_SECONDS * self._random.uniform(0.2, 1.8) * self._kill_bars

    def _kill(self, daemon: Daemon) -> bool:
        """Kill whoever is next; whether the performance is over with it."""
        if not self._to_come:
            self._to_come = self._random.sample(self._kinds, len(self._kinds))
        what = self._to_come.pop()
        if what not in ENDS:
            victim: int = getattr(daemon, what)
            self._note_kill(what)
            _sigkill(victim)
            return False
        family = (daemon.pid, daemon.player, daemon.brain, daemon.desk)
        self._note_kill(what)
        for pid in family if what == ALL else family[:1]:
            _sigkill(pid)
        daemon.wait()
        wait_for("their end", lambda: not any(map(lives, family)))
        self._hands.let_go()
        return True

    def _note_kill(self, what: str) -> None:
        self.findings.kills.append(Kill(what, time.monotonic()))

    # remember and recall

    def _remember_or_recall(self) -> None:
        if not self._settle():
            self.findings.recalls.not_settled += 1
            return
        if not self._memory or self._random.random() < 0.4:
            self._remember()
        else:
            self._recall(self._random.choice(self._memory))

    def _settle(self) -> bool:
        """Let everything be heard, at the usual tempo, and wait until nothing is to come."""
        hands = self._hands
        for words in SETTLING:
            hands.ask(say=words)
            hands.counts["desk"] += 1
        until_seconds = time.monotonic() + SETTLED_BARS * BAR_SECONDS
        while time.monotonic() < until_seconds:
            snapshot = hands.client().snapshot()
            if _is_settled(snapshot):
                time.sleep(BAR_SECONDS)
                return _is_settled(hands.client().snapshot())
            status = snapshot.status
            if status is not None and status.transport is not Transport.ROLLING:
                self._moves.append(time.monotonic())
                hands.ask(fire="start")
            elif status is not None and status.ratio != NORMAL_TIME:
                faster = status.ratio.numerator > status.ratio.denominator
                hands.ask(fire="half time" if faster else "double time")
                time.sleep(2 * BAR_SECONDS)
            time.sleep(0.2)
        return False

    def _remember(self) -> None:
        name = f"groove {len(self._memory) + 1}"
        news = self._obeyed(fire="remember", word=name)
        if news is None:
            self.findings.recalls.unanswered += 1
            return
        bar = self._bar_heard((news["step"] - 1) // BAR * BAR)
        self.findings.recalls.remembered += 1
        self._memory.append(_Remembered(name, self.findings.lives, bar))

    def _recall(self, it: _Remembered) -> None:
        news = self._obeyed(fire="recall", word=it.name)
        if news is None:
            self.findings.recalls.unanswered += 1
            return
        line = news["step"]
        bar = self._bar_heard(line)
        self.findings.recalls.recalled += 1
        self.findings.recalls.after_a_whole_kill += it.life < self.findings.lives
        if difference := _difference(it.bar, bar):
            where = f"{it.name} of life {it.life}, in life {self.findings.lives} at {line}"
            missed = Missed(line - news["obeyed_at"], f"{where}: {difference}")
            self.findings.recalls.missed.append(missed)

    def _obeyed(self, **request: object) -> dict[str, Any] | None:
        news = self._hands.ask(**request).get("news")
        self._hands.counts["desk"] += 1
        if not isinstance(news, list) or len(news) != 1 or "applied" not in news[0]:
            return None
        obeyed: dict[str, Any] = news[0]
        return obeyed

    def _bar_heard(self, line: int) -> tuple[tuple[float, int, int], ...]:
        """(seconds from the bar line, note, velocity) of what the receiver hears in a bar."""
        timeline = self._timeline()
        first = timeline.time_at(line * TICKS_PER_STEP)
        time.sleep(max(0.0, first + (BAR + 1) * STEP_SECONDS - time.monotonic()))
        since = first - STEP_SECONDS / 2
        return tuple(
            (it.seconds - first, it.note, it.velocity)
            for it in self._heard_since(since)
            if it.seconds < since + BAR_SECONDS
        )

    def _timeline(self) -> Timeline:
        def look() -> Timeline | None:
            status = self._hands.client().snapshot().status
            return None if status is None else status.song

        return wait_for("a status", look)

    # the log

    def _judge(self, log: Path, began: float, kills: list[Kill]) -> None:
        """Hold a log against what was heard since a performance began."""
        files = [self._replayed(log, f"{one}{suffix}")
                 for suffix in (".mid", ".jsonl") for one in ("one", "other")]  # fmt: skip
        same = [file.read_bytes() for file in files]
        self.findings.alike += same[0] == same[1] and same[2] == same[3]
        self.findings.bars += take_of(read_performance(log)).bars
        heard = self._heard_since(began)
        self.findings.strikes += len(heard)
        comparison = compare(read_midi_file(files[0]), heard)
        self._blame(comparison, began, kills)
        troubled = [*(kill.at_seconds for kill in kills), *self._moves]
        self.findings.jitter_seconds += comparison.jitter_seconds(
            lambda at: all(abs(at - it) > AFTER_KILL_SECONDS for it in troubled)
        )
        for kill in kills:
            if kill.what in (BRAIN, DESK):
                kill.late_seconds = comparison.late_seconds(kill.at_seconds, AFTER_KILL_SECONDS)

    def _replayed(self, log: Path, name: str) -> Path:
        file = self._folder / name
        replay = [
            sys.executable,
            "-m",
            "polyrhythmia_live",
            "replay",
            "--force",
            str(log),
            str(file),
        ]
        subprocess.run(replay, check=True, capture_output=True)
        return file

    def _blame(self, comparison: Comparison, began: float, kills: list[Kill]) -> None:
        for who, moments in (("receiver", comparison.unwritten), ("log", comparison.unheard)):
            for at in moments:
                kill = _nearest(kills, at)
                if kill is not None:
                    kill.unwritten += who == "receiver"
                    kill.unheard += who == "log"
                    off = at - kill.at_seconds
                    kill.reach_seconds = max(kill.reach_seconds, off, key=abs)
                elif any(-STEP_SECONDS < at - moved < 2 * BAR_SECONDS for moved in self._moves):
                    self.findings.at_moves += 1
                else:
                    self.findings.elsewhere.append((self.findings.lives, at - began, who))


def _nearest(kills: Sequence[Kill], at_seconds: float) -> Kill | None:
    """The kill that may have to do with what happened at a moment."""
    near = [it for it in kills if abs(it.at_seconds - at_seconds) < AFTER_KILL_SECONDS]
    return min(near, key=lambda it: abs(it.at_seconds - at_seconds), default=None)


def _is_settled(snapshot: Snapshot) -> bool:
    status = snapshot.status
    return (
        status is not None
        and status.transport is Transport.ROLLING
        and status.ratio == NORMAL_TIME
        and status.timeline.tempo_bpm == status.target_bpm == BPM
        and all(status.mix.share(lane) == AS_PLAYED for lane in LANE)
        and not (snapshot.cues or snapshot.turn or snapshot.locked or snapshot.trouble)
    )


def _difference(
    one: Sequence[tuple[float, int, int]], other: Sequence[tuple[float, int, int]]
) -> str:
    """What one bar has and the other has not; what lies on the edge of either may be missing."""
    left = list(other)
    missing = []
    for strike in one:
        found = [it for it in left if it[1:] == strike[1:]
                 and abs(it[0] - strike[0]) < RESOLUTION_SECONDS]  # fmt: skip
        if found:
            left.remove(found[0])
        else:
            missing.append(strike)
    first, end = -STEP_SECONDS / 2, BAR_SECONDS - STEP_SECONDS / 2
    inner = [f"{sign}{note}/{velocity} at {seconds / STEP_SECONDS:.2f}"
             for sign, strikes in (("-", missing), ("+", left))
             for seconds, note, velocity in strikes
             if min(abs(seconds - first), abs(seconds - end)) > RESOLUTION_SECONDS]  # fmt: skip
    return " ".join(inner)


def _sigkill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)

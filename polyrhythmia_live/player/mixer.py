"""The performer's mixer of one voice: mutes, solos and levels, before its hits become notes.

As on a drum machine, a muted pattern runs on in silence, and is at its place when it is heard
again. A hit that does not sound does nothing at all: it ends no other's note. What rings when its
lane is muted rings out.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from polyrhythmia_live.control.base import LEVELS
from polyrhythmia_live.messages import Command, Committed, Fire, LevelChange, Press
from polyrhythmia_live.rhythm.bar import Hit, Hits
from polyrhythmia_live.rhythm.mix import AS_PLAYED, UNMIXED, Mix

VELOCITY_MAX = 127

KEPT_STEPS = 8
"""Steps that may still wait to be handed over: at 400 bpm, 0.3 s of them."""


class Mixer:
    """Obeys the mixer's controls, and mixes what is committed. `lanes` are the voice's, by name.

    Threads: dispatcher only, but where a method or attribute says otherwise. Real-time: yes.
    """

    def __init__(self, lanes: Sequence[str], mix: Mix = UNMIXED) -> None:
        self.mix = mix
        """How it stands. Threads: any may read."""
        self.lanes = tuple(lanes)
        self._shares = self._shared()
        self._latest: deque[Committed] = deque(maxlen=KEPT_STEPS)

    def beside(self) -> Mixer:
        """Another voice's of the same lanes, which stands as this one."""
        return Mixer(self.lanes, self.mix)

    def obey(self, command: Command) -> bool:
        """Take a command in; whether it changed anything."""
        mix = self._changed(command)
        if mix is None or mix == self.mix:
            return False
        self.mix = mix
        self._shares = self._shared()
        return True

    def mixed(self, committed: Committed) -> Committed:
        """A step as it sounds. It is remembered until others have come after it."""
        step = committed.step
        sounding = self._sounding(step.hits)
        if sounding != step.hits:
            committed = replace(committed, step=replace(step, hits=sounding), played=step.hits)
        self._latest.append(committed)
        return committed

    def mixed_again(
        self, is_to_come: Callable[[int], bool], is_out: Callable[[int], bool]
    ) -> tuple[Committed, ...]:
        """The latest steps that sound otherwise, now that the mix has changed.

        `is_to_come` says of a tick whether what falls there was not handed over yet, `is_out`
        whether it may have gone out. What lies between can be silenced, and no more.
        """
        changed: list[Committed] = []
        for number, before in enumerate(self._latest):
            after = self._again(before, is_to_come, is_out)
            if after.step != before.step:
                self._latest[number] = after
                changed.append(after)
        return tuple(changed)

    def forget(self) -> None:
        """Nothing of what was committed is still to come."""
        self._latest.clear()

    def _again(
        self, before: Committed, is_to_come: Callable[[int], bool], is_out: Callable[[int], bool]
    ) -> Committed:
        step = before.step
        played = step.hits if before.played is None else before.played
        sounding = {hit.lane: hit for hit in step.hits}
        hits: list[Hit] = []
        for hit in played:
            tick, mixed = step.tick + hit.microtiming_ticks, self._sounding((hit,))
            if is_to_come(tick):
                hits += mixed
            elif hit.lane in sounding and (mixed or is_out(tick)):
                hits.append(sounding[hit.lane])
        now = tuple(hits)
        return replace(
            before, step=replace(step, hits=now), played=None if now == played else played
        )

    def _sounding(self, hits: Hits) -> Hits:
        if self._shares is None:
            return hits
        return tuple(_louder(hit, share) for hit in hits if (share := self._shares[hit.lane]) > 0.0)

    def _shared(self) -> tuple[float, ...] | None:
        """The share of each lane's velocity that sounds; None where all sounds as it is played."""
        shares = tuple(self.mix.share(lane) for lane in self.lanes)
        return None if all(share == AS_PLAYED for share in shares) else shares

    def _changed(self, command: Command) -> Mix | None:
        """The mix after a command; None where it makes no sense here."""
        mix = self.mix
        if isinstance(command, LevelChange):
            return self._levelled(command)
        if not isinstance(command, Fire):
            return None
        lanes = command.word.split()
        if not set(lanes) <= set(self.lanes):
            return None
        if command.name == "mute":
            return mix.with_mute(lanes, _switched(command.press, mix.is_muted(lanes)))
        if command.name == "unmute":
            mix = mix.with_mute(lanes or self.lanes, muted=False)
            return mix if lanes else mix.with_mute((), muted=False)
        if command.name == "solo":
            soloed = bool(lanes) and set(lanes) <= mix.soloed
            return mix.with_solo(lanes, _switched(command.press, soloed))
        return None

    def _levelled(self, change: LevelChange) -> Mix | None:
        if change.name != "level" or change.lane not in ("", *self.lanes):
            return None
        level = LEVELS["level"]
        value = change.moved(level, self.mix.level_of(change.lane))
        if value is None or not math.isfinite(value):
            return None
        return self.mix.with_level(change.lane, level.clamp(value))


def _switched(press: Press, on: bool) -> bool:
    """A tap turns it over; what is held lasts for as long as it is held."""
    return not on if press is Press.TAP else press is Press.DOWN


def _louder(hit: Hit, share: float) -> Hit:
    velocity = min(VELOCITY_MAX, max(1, round(hit.velocity * share)))
    return hit if velocity == hit.velocity else replace(hit, velocity=velocity)

"""Who plays which lane, and what each voice hears of the others.

A voice plays its own lanes and hears all others: what is known to be played there, as it falls on
its own grid, is given when it plays (for drums that is exact: a mask over all 512 outcomes), and is
part of what it remembers. What is not known yet is silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.messages import DRUMS
from polyrhythmia_live.rhythm.bar import Hit, Hits, Step
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP
from polyrhythmia_live.rhythm.part import Part, carried, in_lane_order
from polyrhythmia_live.rhythm.ratio import NORMAL_TIME, Ratio

LEAST_HITS = 0.25
"""A voice beside the first one plays a beat at the least, whatever its lanes are to the style."""

_ALL = frozenset(LANE.values())
_FOR_GOOD = 1 << 60


@dataclass(slots=True)
class _Seat:
    """A voice: its lanes are its own from a tick of the song on, up to another."""

    lanes: frozenset[int]
    ratio: Ratio
    first_tick: int = 0
    end_tick: int = _FOR_GOOD
    played: dict[int, Hits] = field(default_factory=dict)
    """What it plays in its own lanes, or is to play, by its steps."""

    def holds(self, song_tick: float) -> bool:
        return self.first_tick <= song_tick < self.end_tick


class Band:
    """The voices of a song; the first one has all lanes that no other one has.

    Steps are each voice's own. Threads: one at a time. Real-time: no.
    """

    def __init__(self) -> None:
        self._seats = {DRUMS: _Seat(_ALL, NORMAL_TIME)}

    def seat(self, part: Part, first_tick: int) -> None:
        """Let a voice have its lanes from a tick of the song on, in place of one of its name."""
        lanes = frozenset(LANE[name] for name in part.lanes)
        self._seats[part.name] = _Seat(lanes, part.ratio, first_tick)

    def leave(self, voice: str, end_tick: int) -> None:
        """Let a voice's lanes go back to the first one at a tick of the song."""
        seat = self._seats.get(voice)
        if seat is not None:
            seat.end_tick = end_tick

    def asked(self, voice: str, place: Place) -> Place:
        """The place of a step, where the lanes of others are given as they are played."""
        taken = self._taken(voice, place.index)
        if not taken:
            return place
        own = (hit for hit in place.given if hit.lane not in taken)
        return replace(
            place,
            required=place.required - taken,
            forbidden=place.forbidden - taken,
            locked=place.locked | taken,
            others=taken,
            least_hits=0.0 if voice == DRUMS else LEAST_HITS,
            given=in_lane_order((*own, *self._heard(voice, place.index, taken))),
        )

    def own(self, voice: str, step: int, hits: Hits) -> Hits:
        """What of a step is the voice's to play."""
        taken = self._taken(voice, step)
        return tuple(hit for hit in hits if hit.lane not in taken) if taken else hits

    def heard(self, voice: str, step: int, hits: Hits) -> Hits:
        """All that is heard at a step in which a voice plays these hits."""
        taken = self._taken(voice, step)
        if not taken:
            return hits
        own = (hit for hit in hits if hit.lane not in taken)
        return in_lane_order((*own, *self._heard(voice, step, taken)))

    def song_tick(self, voice: str, tick: int) -> float:
        """Where a tick of a voice falls in the song."""
        return tick * _inverse(self._seats[voice].ratio)

    def note(self, voice: str, step: int, hits: Hits) -> None:
        """Take down what a voice plays at a step."""
        if len(self._seats) > 1:
            self._seats[voice].played[step] = hits

    def forget_before(self, voice: str, step: int) -> None:
        """Drop what a voice has played before a step."""
        played = self._seats[voice].played
        for earlier in [index for index in played if index < step]:
            del played[earlier]

    def _taken(self, voice: str, step: int) -> frozenset[int]:
        """The lanes that are not this voice's at a step."""
        if len(self._seats) == 1:
            return frozenset()
        seat = self._seats[voice]
        if voice != DRUMS:
            return _ALL - seat.lanes
        song_tick = step * TICKS_PER_STEP
        others = (it.lanes for it in self._seats.values() if it is not seat and it.holds(song_tick))
        return frozenset().union(*others)

    def _heard(self, voice: str, step: int, taken: frozenset[int]) -> Hits:
        """What others play that falls on a step, the first strike of each lane."""
        seat = self._seats[voice]
        found: dict[int, Hit] = {}
        for other in self._seats.values():
            if other is seat:
                continue
            for index in _falling(step, seat.ratio, other.ratio):
                played = Step(index, other.played.get(index, ()))
                if not other.holds(index * TICKS_PER_STEP * _inverse(other.ratio)):
                    continue
                for at, hit in carried(played, other.ratio, seat.ratio):
                    if at == step and hit.lane in taken:
                        found.setdefault(hit.lane, hit)
        return tuple(found.values())


def _falling(step: int, own: Ratio, other: Ratio) -> range:
    """The steps of a voice at another ratio of which a hit may fall on a step."""
    share = other.numerator * own.denominator / (other.denominator * own.numerator)
    return range(int((step - 0.5) * share - 0.5), int((step + 0.5) * share + 0.5) + 2)


def _inverse(ratio: Ratio) -> float:
    return ratio.denominator / ratio.numerator

"""What is asked for: few long takes and more of a length that a piece of music has.

Tempos and seeds are those of `generation.programme`, so that two networks are asked the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from polyrhythmia_live.judging.generation.people import People
from polyrhythmia_live.judging.generation.programme import DEFAULT_DENSITY, Player, Programme
from polyrhythmia_live.judging.generation.takes import JudgedTake, generated
from polyrhythmia_live.judging.long.fills import BEATS, FILL_TAKE_BARS, fill_steps
from polyrhythmia_live.judging.recital import Request
from polyrhythmia_live.training.progress import ProgressCallback, unwatched

PIECE_BARS, EVENING_BARS = 128, 1000
EVENINGS_SHARE = 4
"""For so many pieces there is one evening."""
FILLS_SHARE = 5
"""And one take in which fills are asked for, from each beat."""


@dataclass(frozen=True, slots=True)
class LongProgramme:
    """So many takes of `PIECE_BARS` per genre, and a quarter as many of `EVENING_BARS`."""

    takes: int
    seed: int
    lengths: tuple[int, int] = (PIECE_BARS, EVENING_BARS)

    @property
    def programmes(self) -> Mapping[int, Programme]:
        """What is asked at each length, the longest first: so all cores end at about one time."""
        piece, evening = self.lengths
        evenings = -(-self.takes // EVENINGS_SHARE)
        return {
            evening: Programme(evening, evenings, self.seed),
            piece: Programme(piece, self.takes, self.seed),
        }

    @property
    def fill_programme(self) -> Programme:
        """The takes in which fills are asked for, from each beat of the bar."""
        return Programme(FILL_TAKE_BARS, -(-self.takes // FILLS_SHARE), self.seed)


@dataclass(frozen=True, slots=True)
class Played:
    """The takes of one genre: by length in bars, and by the beat at which fills were asked for."""

    takes: Mapping[int, Sequence[JudgedTake]]
    fills: Mapping[int, Sequence[JudgedTake]]


def performed(
    player: Player,
    programme: LongProgramme,
    audience: Sequence[People],
    progress: ProgressCallback = unwatched,
) -> Mapping[str, Played]:
    """All takes by genre; `progress` is told of each."""
    asked: dict[tuple[str, str, int], list[Request]] = {}
    for bars, of_length in programme.programmes.items():
        for people in audience:
            asked[people.genre, "takes", bars] = of_length.requests(people, DEFAULT_DENSITY)
    for people in audience:
        requests = programme.fill_programme.requests(people, DEFAULT_DENSITY)
        for beat in BEATS:
            with_fills = [replace(request, fills=fill_steps(beat)) for request in requests]
            asked[people.genre, "fills", beat] = with_fills
    steps = iter(player.play([one for requests in asked.values() for one in requests], progress))
    takes = {
        key: [generated(str(number), key[0], next(steps)) for number in range(len(requests))]
        for key, requests in asked.items()
    }
    return {
        people.genre: Played(*(_of(takes, people.genre, kind) for kind in ("takes", "fills")))
        for people in audience
    }


def _of(
    takes: Mapping[tuple[str, str, int], Sequence[JudgedTake]], genre: str, kind: str
) -> dict[int, Sequence[JudgedTake]]:
    return {number: of for (g, k, number), of in takes.items() if (g, k) == (genre, kind)}

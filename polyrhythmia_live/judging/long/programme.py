"""What is asked for: few long takes and more of a length that a piece of music has.

Tempos and seeds are those of `generation.programme`, so that two networks are asked the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from polyrhythmia_live.judging.generation.people import People
from polyrhythmia_live.judging.generation.programme import DEFAULT_DENSITY, Player, Programme
from polyrhythmia_live.judging.generation.takes import JudgedTake, generated
from polyrhythmia_live.training.progress import ProgressCallback, unwatched

PIECE_BARS, EVENING_BARS = 128, 1000
EVENINGS_SHARE = 4
"""For so many pieces there is one evening."""


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


Played = Mapping[str, Mapping[int, Sequence[JudgedTake]]]
"""The takes by genre and by length in bars."""


def performed(
    player: Player,
    programme: LongProgramme,
    audience: Sequence[People],
    progress: ProgressCallback = unwatched,
) -> Played:
    """All takes; `progress` is told of each."""
    asked = {
        (people.genre, bars): of_length.requests(people, DEFAULT_DENSITY)
        for bars, of_length in programme.programmes.items()
        for people in audience
    }
    requests = [request for of_genre in asked.values() for request in of_genre]
    takes = iter(player.play(requests, progress))
    played: dict[str, dict[int, Sequence[JudgedTake]]] = {}
    for (genre, bars), of_genre in asked.items():
        played.setdefault(genre, {})[bars] = [
            generated(str(number), genre, next(takes)) for number in range(len(of_genre))
        ]
    return played

"""The theme of a take: what was stated at the start, and is kept, varied and come back to.

A network that only hears its own last bars walks at random: each bar is a little unlike the one
before, and after an hour nothing is left of the groove that was asked for. So a take remembers how
it began: how often each lane was struck at each place of two bars, and how hard. It is stated by
the primer and the first bars that follow it, and does not change after that.

The odds of a step are drawn towards it, as a product of experts (Hinton, 2002): the network says
what fits now, the theme what is this take's own. How strongly, changes from bar to bar: some bars
come back as they were, others go their own way. What the numbers below do over 128 bars stands in
docs/measured.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer.lstm.encoding import LANES, MASK_LANES, Floats
from polyrhythmia_live.drummer.lstm.past import fixed
from polyrhythmia_live.rhythm.meter import Meter

THEME_BARS = 2
"""Many grooves are a question and an answer."""
PRIMER_VISITS = 2
"""The primer counts as if it had been played so many times."""
STATED_VISITS = 8
"""Once a place was played so often (the primer counted), the theme is stated."""
DOUBT = 0.008
"""What the theme never, or always, does may be otherwise now and then."""
_SILENT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Theme:
    """A value; arrays are read-only, float32.

    `struck` and `loud` (places, 9) are how often a lane was struck at a place of the two bars, and
    its mean velocity / 127 with a rest counted as 0; `visits` (places,) how often the place was
    played. A place without visits says nothing.
    """

    struck: Floats
    loud: Floats
    visits: Floats

    @classmethod
    def unstated(cls, meter: Meter) -> Theme:
        """Before anything was played."""
        places = THEME_BARS * meter.bar_steps
        lanes = (places, LANES)
        return cls(*(fixed(np.zeros(shape, np.float32)) for shape in (lanes, lanes, places)))

    @classmethod
    def primed(cls, rows: Floats, first_index: int, meter: Meter) -> Theme:
        """The theme of a phrase: `rows` (n, STEP_WIDTH), the first of them at a step of the song.

        n is the length of a theme.
        """
        stated = cls.unstated(meter)
        turned = np.roll(rows, first_index % len(rows), axis=0)
        visits = np.full_like(stated.visits, PRIMER_VISITS)
        struck, loud = turned[:, :LANES], turned[:, LANES : 2 * LANES]
        return cls(fixed(struck.copy()), fixed(loud.copy()), fixed(visits))

    @classmethod
    def common(cls, phrases: Sequence[Floats], meter: Meter) -> Theme:
        """What phrases of a theme's length, (n, STEP_WIDTH) each, have in common."""
        if not phrases:
            return cls.unstated(meter)
        return cls.primed(np.mean(phrases, axis=0), 0, meter)

    def mixed(self, other: Theme, share: float) -> Theme:
        """This theme with so much of another one of its length; one without visits adds nothing."""
        part = (share * (other.visits > 0))[:, None]
        struck, loud = (
            fixed(((1.0 - part) * own + part * its).astype(np.float32))
            for own, its in ((self.struck, other.struck), (self.loud, other.loud))
        )
        return Theme(struck, loud, self.visits)

    def fits(self, meter: Meter) -> bool:
        """Whether it is a theme of bars of this meter."""
        return len(self.visits) == THEME_BARS * meter.bar_steps

    def with_step(self, row: Floats, index: int) -> Theme:
        """The theme after a step of the song was played; a stated one stays as it is."""
        place = index % len(self.visits)
        visits = self.visits[place]
        if visits >= STATED_VISITS:
            return self
        share = 1.0 / (visits + 1.0)
        now = self._copied()
        for rates, played in ((now.struck, row[:LANES]), (now.loud, row[LANES : 2 * LANES])):
            rates[place] += share * (played - rates[place])
        now.visits[place] += 1.0
        return Theme(fixed(now.struck), fixed(now.loud), fixed(now.visits))

    def shifted(self, steps: int) -> Theme:
        """The theme as if it had been stated so many steps later in the song."""
        if steps % len(self.visits) == 0:
            return self
        turned = (np.roll(it, steps, axis=0) for it in (self.struck, self.loud, self.visits))
        return Theme(*map(fixed, turned))

    def drawn(self, logits: NDArray[np.float64], index: int, pull: float) -> NDArray[np.float64]:
        """Log-probabilities (512,) of a step, drawn towards the theme: 0 = not, 1 = it is."""
        place = index % len(self.visits)
        if pull == 0.0 or not self.visits[place]:
            return logits
        return np.asarray((1.0 - pull) * logits + pull * self._usual(place))

    def unlike(self, other: Theme, index: int) -> NDArray[np.float64]:
        """How much likelier each mask (512,) is in this theme than in another one, in nats."""
        place = index % len(self.visits)
        if not (self.visits[place] and other.visits[place]):
            return np.zeros(len(MASK_LANES))
        return np.asarray(self._usual(place) - other._usual(place))

    def _usual(self, place: int) -> NDArray[np.float64]:
        """Log-probabilities (512,) of a place, each lane by itself."""
        rates = np.clip(self.struck[place].astype(np.float64), DOUBT, 1.0 - DOUBT)
        rests = np.log1p(-rates)
        return np.asarray(MASK_LANES @ (np.log(rates) - rests) + rests.sum())

    def essential(self, index: int) -> NDArray[np.float64]:
        """How much each mask (512,) is of what matters at a place: mean velocity / 127 by lane."""
        return np.asarray(MASK_LANES @ self.loud[index % len(self.visits)].astype(np.float64))

    @property
    def level(self) -> float:
        """The mean velocity / 127 of its hits; 0 where there are none."""
        return float(self.loud.sum() / max(float(self.struck.sum()), _SILENT))

    @property
    def hits_per_step(self) -> float:
        """Its mean hits a step."""
        return float(self.struck.sum()) / len(self.visits)

    def share_of(self, lanes: Iterable[int]) -> float:
        """What share of its hits is struck in these lanes; 0 where it has none."""
        return float(self.struck[:, list(lanes)].sum()) / max(float(self.struck.sum()), _SILENT)

    def arrays(self) -> dict[str, Floats]:
        """By name, for a file."""
        played = np.concatenate([self.struck, self.loud, self.visits[:, None]], axis=1)
        return {"theme": played}

    @classmethod
    def of(cls, arrays: Mapping[str, Any]) -> Theme:
        """What `arrays` gave. Raises ValueError or KeyError for anything else."""
        played = np.array(arrays["theme"], np.float32)
        if played.ndim != 2 or played.shape[1] != 2 * LANES + 1 or not np.isfinite(played).all():
            raise ValueError(f"expected a theme of {2 * LANES + 1} columns, got {played.shape}")
        struck, loud, visits = np.split(played, [LANES, 2 * LANES], axis=1)
        return cls(fixed(struck.copy()), fixed(loud.copy()), fixed(visits[:, 0].copy()))

    def _copied(self) -> Theme:
        return Theme(self.struck.copy(), self.loud.copy(), self.visits.copy())

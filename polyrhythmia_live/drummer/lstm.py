"""The trained drummer: one step of the network at a time, from an explicit state.

`play` is a pure function. Randomness is counter-based: a step's numbers follow from the seed and
the step's serial in the state, so nothing has to be rewound with a rewound take, and a small turn
of a knob changes few notes.

A change of the heaviest genre changes the memory, see `primer`. In the middle of its range the
density is the genre's own, at the ends silence and twice as many
hits; `sampling` has the how.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drummer import sampling
from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.drummer.checkpoint import ANY_GENRE, Checkpoint
from polyrhythmia_live.drummer.encoding import (
    HISTORY_STEPS,
    LANES,
    MASK_LANES,
    MICROTIMING_BINS,
    STEP_WIDTH,
    Floats,
    empty_history,
    encode_hits,
    features,
    genre_vector,
    microtiming_of_bin,
    push,
    velocity_of_bin,
)
from polyrhythmia_live.drummer.primer import looped
from polyrhythmia_live.drummer.runtime import Network, StepNetwork
from polyrhythmia_live.drummer.state import DrummerState, fixed, from_arrays, to_arrays
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.rhythm.bar import (
    MICROTIMING_MAX_TICKS,
    MICROTIMING_MIN_TICKS,
    Hit,
    Hits,
)
from polyrhythmia_live.rhythm.control import LEVELS, ControlState
from polyrhythmia_live.rhythm.kit import DRUM_LANES
from polyrhythmia_live.rhythm.meter import TICKS_PER_STEP

KIT_TIMING_CORRELATION = 0.4
"""How far hits on one step are early or late together; independent ones would be flams."""

PRIMED_STEPS = sampling.WINDOW_STEPS
"""How much of a primer the network hears: two bars of 4/4 are a groove."""

SEEDS = 1 << 64
_USES = ("play", "prime")

_HAT = next(index for index, lane in enumerate(DRUM_LANES) if lane.name == "closed-hat")
_PEDAL = DRUM_LANES[_HAT].articulations.index("pedal-hat")
_VELOCITY_WIDTH = int(velocity_of_bin(1) - velocity_of_bin(0))
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Style:
    """Genre weights as the network reads them, and their mean hits per step."""

    vector: Floats
    hits_per_step: float
    fill_hits_per_step: float


class LstmDrummer:
    """A `drummer.base.Drummer` that plays a checkpoint.

    Raises CheckpointError if the networks cannot be loaded. `network` replaces them in tests.
    Threads: the brain's only.
    """

    def __init__(self, checkpoint: Checkpoint, network: Network | None = None) -> None:
        self.genres = checkpoint.genres
        self._checkpoint = checkpoint
        self._network = StepNetwork(checkpoint) if network is None else network
        self._style = lru_cache(maxsize=64)(self._styled)

    def start(self, seed: int) -> DrummerState:
        """The state before the first step of a new performance."""
        return DrummerState(
            network=fixed(np.zeros(self._checkpoint.state_size, np.float32)),
            history=fixed(empty_history()),
            pending=(),
            window=fixed(sampling.ordinary_window()),
            serial=0,
            step_in_bar=None,
            genre="",
            seed=seed % SEEDS,
        )

    def play(
        self, state: DrummerState, place: Place, controls: ControlState
    ) -> tuple[Hits, DrummerState]:
        """Draw one step's hits; the same arguments always give the same hits.

        Raises ConfigError for a genre that the network does not know, and FloatingPointError if it
        does not give numbers.
        """
        style = self._style(controls.genre)
        if state.genre != controls.genre_name:
            state = self._primed(state, place, controls)
        history = _history(state, place)
        read = _features(history, place, place.index, style)[0]
        logits, top, network = self._network.step(read, state.network)
        possible = _possible(logits, controls)
        rate = style.fill_hits_per_step if place.fill else style.hits_per_step
        window = sampling.slid(state.window, possible, rate)
        odds = sampling.shaped(
            possible,
            tilt=sampling.window_tilt(window, controls.density / LEVELS["density"].default),
            count=controls.top_k,
            share=controls.top_p,
        )
        chance = _chance(state, "play")
        mask = sampling.draw(sampling.probabilities(odds), chance.random())
        hits = self._struck(mask, top, controls, chance) if mask else ()
        return hits, DrummerState(
            network=fixed(network),
            history=fixed(history),
            pending=hits,
            window=fixed(window),
            serial=state.serial + 1,
            step_in_bar=place.meter.step_in_bar(place.index + 1),
            genre=state.genre,
            seed=state.seed,
        )

    def feed(self, state: DrummerState, hits: Hits) -> DrummerState:
        """The state after a step on which `hits` sounded, whatever had been drawn."""
        return replace(state, pending=hits)

    def keep(self, state: DrummerState) -> dict[str, NDArray[Any]]:
        """A state as plain arrays, for a file."""
        return {"checkpoint": np.array(self._checkpoint.digest), **to_arrays(state)}

    def recall(self, arrays: Mapping[str, NDArray[Any]]) -> DrummerState:
        """The state that `keep` gave. Raises ValueError or KeyError for anything else."""
        if str(arrays["checkpoint"]) != self._checkpoint.digest:
            raise ValueError("it belongs to another trained network")
        return from_arrays(arrays, self._checkpoint.state_size)

    def _styled(self, genre: tuple[tuple[str, float], ...]) -> Style:
        """Weights are made to add up to one, which is what the network was trained on."""
        for name, _ in genre:
            if name not in self.genres:
                raise ConfigError(
                    f"expected one of the genres {', '.join(self.genres)}, got {name!r}"
                )
        total = math.fsum(weight for _, weight in genre)
        weights = {name: weight / total for name, weight in genre} if total > 0 else {}
        rated = weights or {ANY_GENRE: 1.0}
        beat, fill = self._checkpoint.hits_per_step, self._checkpoint.fill_hits_per_step
        return Style(
            genre_vector(weights),
            math.fsum(beat[name] * weight for name, weight in rated.items()),
            math.fsum(fill[name] * weight for name, weight in rated.items()),
        )

    def _primed(self, state: DrummerState, place: Place, controls: ControlState) -> DrummerState:
        """The state of a drummer who has just heard a phrase of the heaviest genre."""
        fresh = replace(self.start(state.seed), serial=state.serial, genre=controls.genre_name)
        primers = self._checkpoint.primers.get(controls.genre_name, ())
        if not primers:
            return fresh
        primer = primers[int(_chance(state, "prime").integers(len(primers)))]
        style = self._style(controls.genre)
        past = looped(primer, place.meter, place.index, HISTORY_STEPS + PRIMED_STEPS)
        network, window = fresh.network, fresh.window
        for read in _features(past[:-1], place, place.index - PRIMED_STEPS, style):
            logits, _, network = self._network.step(read, network)
            window = sampling.slid(window, _possible(logits, controls), style.hits_per_step)
        return replace(
            fresh,
            network=fixed(network),
            history=fixed(past[-HISTORY_STEPS:]),
            window=fixed(window),
        )

    def _struck(
        self, mask: int, top: Floats, controls: ControlState, chance: np.random.Generator
    ) -> Hits:
        """How each hit of a mask is struck.

        Above temperature 1 the notes get wilder but not the hands; below it both get steadier.
        """
        heat = min(1.0, controls.temperature)
        odds = [logits / heat for logits in self._network.details(top, MASK_LANES[mask])]
        velocities, microtimings, articulations = map(sampling.probabilities, odds)
        uniforms = chance.random((2, LANES))
        lateness = chance.standard_normal(1 + LANES)
        hits = []
        for lane in np.flatnonzero(MASK_LANES[mask]).tolist():
            articulation = sampling.draw(articulations[lane], uniforms[1, lane])
            if lane == _HAT and sampling.hat_by_foot(mask):
                articulation = _PEDAL
            microtiming = _microtiming(microtimings[lane], lateness[0], lateness[1 + lane])
            hits.append(
                Hit(
                    lane,
                    _velocity(velocities[lane], uniforms[0, lane]),
                    round(controls.humanise * microtiming),
                    articulation,
                )
            )
        return tuple(hits)


def _history(state: DrummerState, place: Place) -> Floats:
    """The past of the step at `place`, the pending hits included.

    After a relocation the bars of the past have to line up with the new place, or the network would
    hear the last bar in the wrong phase: the broken-off bar is left out.
    """
    if state.step_in_bar is None:
        return state.history
    history = push(state.history, encode_hits(state.pending))
    surplus = (state.step_in_bar - place.meter.step_in_bar(place.index)) % place.meter.bar_steps
    if surplus == 0:
        return history
    silence = np.zeros((min(surplus, HISTORY_STEPS), STEP_WIDTH), np.float32)
    return np.concatenate([silence, history[:-surplus]])


def _features(past: Floats, place: Place, first_index: int, style: Style) -> Floats:
    return features(
        past,
        first_index=first_index,
        meter=place.meter,
        tempo_bpm=place.tempo_bpm,
        genre=style.vector,
        fill=place.fill,
    )


def _possible(logits: Floats, controls: ControlState) -> NDArray[np.float64]:
    """The odds of what two hands and two feet can play, at the performer's temperature."""
    return sampling.only(sampling.heated(logits, controls.temperature), sampling.PLAYABLE)


def _chance(state: DrummerState, use: str) -> np.random.Generator:
    """The random numbers of one step, apart for each use."""
    counter = [0, state.serial, _USES.index(use), 0]
    return np.random.Generator(np.random.Philox(key=state.seed, counter=counter))


def _velocity(bins: NDArray[np.float64], uniform: float) -> int:
    where = sampling.quantile(bins, uniform)
    index = int(where)
    value = int(velocity_of_bin(index)) + round((where - index - 0.5) * _VELOCITY_WIDTH)
    return min(127, max(1, value))


def _microtiming(bins: NDArray[np.float64], kit: float, own: float) -> float:
    """Ticks, from two standard normal numbers: the kit's common lateness and the hit's own."""
    shared = KIT_TIMING_CORRELATION
    uniform = _NORMAL.cdf(math.sqrt(shared) * kit + math.sqrt(1 - shared) * own)
    where = sampling.quantile(bins, min(uniform, math.nextafter(1.0, 0.0)))
    index = int(where)
    ticks = (
        int(microtiming_of_bin(index)) + (where - index - 0.5) * TICKS_PER_STEP / MICROTIMING_BINS
    )
    return min(MICROTIMING_MAX_TICKS, max(MICROTIMING_MIN_TICKS, ticks))

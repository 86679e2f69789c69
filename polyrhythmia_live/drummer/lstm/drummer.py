"""The trained drummer: one step of the network at a time, from an explicit state.

`play` is a pure function. Randomness is counter-based: a step's numbers follow from the seed and
the step's serial in the state, so nothing has to be rewound with a rewound take, and a small turn
of a knob changes few notes.

A change of the heaviest genre changes the memory, see `primer`. In the middle of its range the
density is the genre's own, at the ends silence and twice as many hits; `sampling` says how, and
`strokes` how a hit is struck.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.control.base import LEVELS, ControlState
from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.drummer.card import ANY_GENRE, Card, FillShape
from polyrhythmia_live.drummer.lstm import fills, sampling, strokes
from polyrhythmia_live.drummer.lstm.encoding import (
    HISTORY_STEPS,
    MASK_LANES,
    STEP_WIDTH,
    STYLE_COLUMNS,
    Asked,
    Floats,
    encode_hits,
    features,
    style_vector,
)
from polyrhythmia_live.drummer.lstm.past import Past, Recollection, fixed, recollect
from polyrhythmia_live.drummer.lstm.primer import looped
from polyrhythmia_live.drummer.lstm.runtime import Expectation, Network, StepNetwork
from polyrhythmia_live.drummer.lstm.state import DrummerState, from_arrays, to_arrays
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.meter import STEPS_PER_WHOLE_NOTE

PRIMED_STEPS = 2 * STEPS_PER_WHOLE_NOTE
"""How much of a primer the network hears: two bars of 4/4 are a groove."""

DENSITY_AS_RECORDED = LEVELS["density"].default
"""Where the density knob means as many hits as the genre's drummers play."""
LEFT_OPEN = 0.5
"""The middle of a knob that asks for more or less of something than usual."""
OPEN_REACH = 0.005
"""How near to the middle counts as the middle: a MIDI knob's 63 and 64 are 0.004 off it."""
STABILITY_REACH = 4.0
"""The log-odds of copying go up or down so much at the ends of the knob."""

GUIDANCE_REACH = 3.0
"""Nats: what the genre says about a very rare outcome is not to be trusted further."""

SEEDS = 1 << 64
_USES = ("play", "prime", "arrive")


@dataclass(frozen=True, slots=True)
class Style:
    """Genre weights as the network reads them, their mean hits per step, the heaviest's fills."""

    vector: Floats
    hits_per_step: float
    fill_hits_per_step: float
    fill_shape: FillShape


class LstmDrummer:
    """A `drummer.base.Drummer` that plays a card.

    Raises CheckpointError if the networks cannot be loaded. `network` replaces them in tests.
    Threads: one at a time. Real-time: no.
    """

    def __init__(self, card: Card, network: Network | None = None) -> None:
        self.genres = card.genres
        self._card = card
        self._network = StepNetwork(card) if network is None else network
        self._style = lru_cache(maxsize=64)(self._styled)

    def start(self, seed: int) -> DrummerState:
        """The state before the first step of a new performance."""
        return DrummerState(
            network=fixed(np.zeros(self._card.state_size, np.float32)),
            nameless=fixed(np.zeros(self._card.state_size, np.float32)),
            past=Past.silence(self._card.key_size),
            key=fixed(np.zeros(self._card.key_size, np.float32)),
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
        if state.genre != controls.genre_name:
            state = self._primed(state, place, controls)
        said, heard = self._hear(state, place, controls)
        possible = _possible(said.logits, place, controls)
        tilt = sampling.window_tilt(heard.window, controls.density / DENSITY_AS_RECORDED)
        if controls.density > 0:
            possible, tilt = self._formed(possible, tilt, heard, place, controls)
        odds = sampling.shaped(possible, tilt=tilt, count=controls.top_k, share=controls.top_p)
        chance = _chance(state, "play")
        mask = sampling.draw(sampling.probabilities(odds), chance.random())
        if mask == 0:
            return (), heard
        details = self._network.details(said.top, MASK_LANES[mask])
        firm = fills.firmness_nats(place)
        hits = strokes.strike(mask, details, controls, self._lean_ticks(place), chance, firm)
        return hits, replace(heard, pending=hits)

    def feed(self, state: DrummerState, hits: Hits) -> DrummerState:
        """The state after a step on which `hits` sounded, whatever had been drawn."""
        return replace(state, pending=hits)

    def keep(self, state: DrummerState) -> dict[str, NDArray[Any]]:
        """A state as plain arrays, for a file."""
        return to_arrays(state)

    def recall(self, arrays: Mapping[str, NDArray[Any]]) -> DrummerState:
        """The state that `keep` gave. Raises ValueError or KeyError for anything else."""
        return from_arrays(arrays, self._card.state_size, self._card.key_size)

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
        beat, fill = self._card.hits_per_step, self._card.fill_hits_per_step
        heaviest = max(rated, key=lambda name: rated[name])
        return Style(
            style_vector(weights),
            math.fsum(beat[name] * weight for name, weight in rated.items()),
            math.fsum(fill[name] * weight for name, weight in rated.items()),
            self._card.fills[heaviest],
        )

    def _hear(
        self, state: DrummerState, place: Place, controls: ControlState
    ) -> tuple[Expectation, DrummerState]:
        """What the network expects at `place`, and the state after it with nothing struck yet."""
        style = self._style(controls.genre)
        past = self._past(state, place)
        rows = past.rows()
        read = features(
            rows[:, :STEP_WIDTH],
            first_index=place.index,
            meter=place.meter,
            asked=_asked(style, place, controls),
        )[0]
        remembered = recollect(rows, past.heard_steps, place.meter)
        said, nameless = self._expect(read, state, remembered, controls)
        odds = _possible(said.logits, place, controls)
        window = sampling.slid(state.window, odds, _due(odds, style, place))
        return said, DrummerState(
            network=fixed(said.next_state),
            nameless=fixed(nameless),
            past=past,
            key=fixed(said.key),
            pending=(),
            window=fixed(window),
            serial=state.serial + 1,
            step_in_bar=place.meter.step_in_bar(place.index + 1),
            genre=state.genre,
            seed=state.seed,
        )

    def _formed(
        self,
        odds: NDArray[np.float64],
        tilt: float,
        heard: DrummerState,
        place: Place,
        controls: ControlState,
    ) -> tuple[NDArray[np.float64], float]:
        """The odds where the form of the song asks for a fill or its arrival, and their tilt."""
        style = self._style(controls.genre)
        if place.accent is not None:
            chance = _chance(heard, "arrive").random()
            odds = fills.arrived(odds, place.accent, style.fill_shape, chance)
        if place.fill is None or place.required or place.forbidden:
            return odds, tilt
        rate = style.fill_hits_per_step * controls.density / DENSITY_AS_RECORDED
        struck = heard.past.rows()[:, : len(MASK_LANES[0])]
        return fills.filled(odds, place.fill, place, struck, rate, style.fill_shape), 0.0

    def _expect(
        self,
        read: Floats,
        state: DrummerState,
        remembered: Recollection,
        controls: ControlState,
    ) -> tuple[Expectation, Floats]:
        """One step of the network, its odds guided towards the genre, and the nameless state.

        Beside the network that is told the genre runs one that is not. What the genre makes
        likelier is made likelier still: the difference between the log-odds of both is added once
        more, times the guidance (Ho and Salimans, arXiv 2207.12598). What was played says more
        about the next step than a genre's name does, so without guidance a genre fades over the
        bars.
        """
        stability = _stability(controls)
        dark = read.copy()
        dark[STYLE_COLUMNS] = 0.0
        said, nameless = self._network.both(
            (read, dark), (state.network, state.nameless), remembered, stability
        )
        difference = np.clip(said.logits - nameless.logits, -GUIDANCE_REACH, GUIDANCE_REACH)
        guided = said.logits + controls.guidance * difference
        return replace(said, logits=guided), nameless.next_state

    def _past(self, state: DrummerState, place: Place) -> Past:
        """The past of the step at `place`, the pending hits included.

        After a relocation the bars of the past have to line up with the new place, or the network
        would hear the last bar in the wrong phase: the broken-off bar is left out.
        """
        if state.step_in_bar is None:
            return state.past
        row = self._heard_row(state.pending, place)
        past = state.past.with_step(np.concatenate([row, state.key]))
        off = state.step_in_bar - place.meter.step_in_bar(place.index)
        return past.without_last(off % place.meter.bar_steps)

    def _heard_row(self, hits: Hits, place: Place) -> Floats:
        """Hits that sounded, as the network hears of them."""
        return encode_hits(strokes.as_recorded(hits, self._lean_ticks(place)))

    def _lean_ticks(self, place: Place) -> int:
        return strokes.lean_ticks(self._card.lean_ms, place.tempo_bpm)

    def _primed(self, state: DrummerState, place: Place, controls: ControlState) -> DrummerState:
        """The state of a drummer who has just heard a phrase of the heaviest genre."""
        fresh = replace(self.start(state.seed), serial=state.serial, genre=controls.genre_name)
        primers = self._card.primers.get(controls.genre_name, ())
        if not primers:
            return fresh
        primer = primers[int(_chance(state, "prime").integers(len(primers)))]
        first = place.index - PRIMED_STEPS
        earlier = [
            self._heard_row(hits, place)
            for hits in looped(primer, place.meter, first, HISTORY_STEPS)
        ]
        silent_keys = np.zeros((HISTORY_STEPS, self._card.key_size), np.float32)
        primed = replace(fresh, past=Past.of(np.hstack([np.stack(earlier), silent_keys]), 0))
        for index, hits in enumerate(looped(primer, place.meter, place.index, PRIMED_STEPS), first):
            there = Place(index, place.meter, place.tempo_bpm)
            _, primed = self._hear(primed, there, controls)
            primed = replace(primed, pending=hits)
        return replace(primed, serial=state.serial)


def _asked(style: Style, place: Place, controls: ControlState) -> Asked:
    """What the network is told; a knob that is left in the middle tells it nothing."""
    ranks = {
        label: value
        for label, value in (
            ("density", controls.density),
            ("syncopation", controls.complexity),
            ("intensity", controls.intensity),
        )
        if abs(value - LEFT_OPEN) > OPEN_REACH
    }
    return Asked(
        style.vector,
        place.tempo_bpm,
        fill=place.fill is not None,
        fill_soon=place.fill_soon,
        after_fill=place.after_fill,
        **ranks,
    )


def _stability(controls: ControlState) -> float:
    """What the performer adds to the log-odds of copying earlier bars."""
    return STABILITY_REACH * (2.0 * controls.stability - 1.0)


def _possible(logits: Floats, place: Place, controls: ControlState) -> NDArray[np.float64]:
    """The odds of what two hands and two feet can play there, at the performer's temperature."""
    odds = sampling.only(sampling.heated(logits, controls.temperature), sampling.PLAYABLE)
    if not (place.required or place.forbidden):
        return odds
    return sampling.only(odds, sampling.masks_with(place.required, place.forbidden))


def _due(odds: NDArray[np.float64], style: Style, place: Place) -> float:
    """The hits that are due at a step.

    Where lanes are required or forbidden, what is left of the odds says how many. If a break were
    held to the genre's density, the drummer would make up for it afterwards. So in a fill.
    """
    if place.required or place.forbidden or place.fill is not None:
        return sampling.expected_hits(odds)
    return style.hits_per_step


def _chance(state: DrummerState, use: str) -> np.random.Generator:
    """The random numbers of one step, apart for each use."""
    counter = [0, state.serial, _USES.index(use), 0]
    return np.random.Generator(np.random.Philox(key=state.seed, counter=counter))

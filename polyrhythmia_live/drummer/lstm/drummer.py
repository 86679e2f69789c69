"""The trained drummer: one step of the network at a time, from an explicit state.

`play` is a pure function. Randomness is counter-based: a step's numbers follow from the seed and
the step's serial in the state, so nothing has to be rewound with a rewound take, and a small turn
of a knob changes few notes.

A change of the heaviest genre changes the memory, see `primer`, and states a new theme, see
`theme`. In the middle of its range the density is the genre's own, at the ends silence and twice as
many hits; `sampling` says how, and `strokes` how a hit is struck.
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
from polyrhythmia_live.drummer.lstm.primer import Primer, looped
from polyrhythmia_live.drummer.lstm.runtime import Expectation, Network, StepNetwork
from polyrhythmia_live.drummer.lstm.state import DrummerState, from_arrays, to_arrays
from polyrhythmia_live.drummer.lstm.theme import THEME_BARS, Theme
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.control import Weights
from polyrhythmia_live.rhythm.meter import STEPS_PER_WHOLE_NOTE, Meter

FOUR_FOUR = Meter(4, 4)
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
THEME_PULL = 0.3
"""How strongly the theme draws in the middle of the knob; at its upper end twice as much."""
STEADYING = 0.85
"""How much cooler it is played there, theme and all: the same bar again."""
MOOD_PULL = 0.8
"""How much stronger or weaker it draws in the strictest and the freest bar."""
REVIVAL = 0.5
"""How much more strongly it draws after a silent bar ..."""
DYING_SHARE = 0.6
"""... and from what share of the theme's hits in the last bar on."""
MOOD_HEAT = 0.3
"""How much hotter or cooler than the temperature the freest and the strictest bar are played."""
MOOD_COPYING = 3.0
"""What the strictest bar adds to the log-odds of copying earlier bars, and the freest takes off."""
LEVEL_REACH = 2.0
"""Nats between the softest and the loudest hit, where a whole range lies between what was just
played and the theme."""

ORNAMENT_REACH = 6.0
"""Nats by which a full stroke of the theme outlasts a stroke that is none, at density 0."""

GUIDANCE_REACH = 3.0
"""Nats: what the genre says about a very rare outcome is not to be trusted further."""

SEEDS = 1 << 64
_USES = ("play", "prime", "mood", "arrive")


@dataclass(frozen=True, slots=True)
class Style:
    """Genre weights as the network reads them, and as shares; the heaviest's fills."""

    vector: Floats
    shares: Weights
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
            theme=Theme.unstated(FOUR_FOUR),
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
        said, possible, heard = self._hear(state, place, controls)
        tilt = sampling.window_tilt(heard.window, controls.density / DENSITY_AS_RECORDED)
        if controls.density > 0:
            possible, tilt = self._formed(possible, tilt, heard, place, controls)
        odds = sampling.shaped(possible, tilt=tilt, count=controls.top_k, share=controls.top_p)
        chance = _chance(state.seed, "play", state.serial)
        mask = sampling.draw(sampling.probabilities(odds), chance.random())
        if mask == 0:
            return (), heard
        details = self._network.details(said.top, MASK_LANES[mask])
        lift_nats = _lift_nats(heard, place, controls) + fills.firmness_nats(place)
        hits = strokes.strike(mask, details, controls, self._lean_ticks(place), lift_nats, chance)
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
        fill = self._card.fill_hits_per_step
        heaviest = max(rated, key=lambda name: rated[name])
        return Style(
            style_vector(weights),
            tuple(rated.items()),
            math.fsum(fill[name] * weight for name, weight in rated.items()),
            self._card.fills[heaviest],
        )

    def _hear(
        self, state: DrummerState, place: Place, controls: ControlState
    ) -> tuple[Expectation, NDArray[np.float64], DrummerState]:
        """What the network expects at `place`, the odds of what may be played there, and the state
        after it with nothing struck yet."""
        style = self._style(controls.genre)
        past, theme = self._past(state, place), self._theme(state, place, controls)
        rows = past.rows()
        read = features(
            rows[:, :STEP_WIDTH],
            first_index=place.index,
            meter=place.meter,
            asked=_asked(style, place, controls),
        )[0]
        remembered = recollect(rows, past.heard_steps, place.meter)
        mood = _mood(state.seed, place.meter.bar_of(place.index))
        said, nameless = self._expect(read, state, remembered, controls, mood)
        pull = _pull(theme, past, place, controls, mood)
        heated = sampling.heated(said.logits, controls.temperature * (1.0 - MOOD_HEAT * mood))
        odds = _possible(_themed(heated, theme, place, controls, pull), place)
        window = sampling.slid(state.window, odds, self._due(odds, style, place))
        after = DrummerState(
            network=fixed(said.next_state),
            nameless=fixed(nameless),
            past=past,
            theme=theme,
            key=fixed(said.key),
            pending=(),
            window=fixed(window),
            serial=state.serial + 1,
            step_in_bar=place.meter.step_in_bar(place.index + 1),
            genre=state.genre,
            seed=state.seed,
        )
        return said, odds, after

    def _due(self, odds: NDArray[np.float64], style: Style, place: Place) -> float:
        """The hits that are due at a step.

        Where lanes are required or forbidden, what is left of the odds says how many. If a break
        were held to the genre's density, the drummer would make up for it afterwards. So in a fill.
        """
        if place.required or place.forbidden or place.fill is not None:
            return sampling.expected_hits(odds)
        return math.fsum(
            self._card.due_hits_per_step(name, place.tempo_bpm) * weight
            for name, weight in style.shares
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
            chance = _chance(heard.seed, "arrive", heard.serial).random()
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
        mood: float,
    ) -> tuple[Expectation, Floats]:
        """One step of the network, its odds guided towards the genre, and the nameless state.

        Beside the network that is told the genre runs one that is not. What the genre makes
        likelier is made likelier still: the difference between the log-odds of both is added once
        more, times the guidance (Ho and Salimans, arXiv 2207.12598). What was played says more
        about the next step than a genre's name does, so without guidance a genre fades over the
        bars.
        """
        stability = _stability(controls) + MOOD_COPYING * mood
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

    def _theme(self, state: DrummerState, place: Place, controls: ControlState) -> Theme:
        """The theme at `place`, the pending hits included; of a new meter, the primer's.

        A fill states nothing.
        """
        if not state.theme.fits(place.meter):
            return self._primed_theme(state, place, controls)
        in_bar = place.meter.step_in_bar(place.index)
        from_fill = place.fill is not None and place.fill.first < place.index
        if state.step_in_bar != in_bar or from_fill or (place.after_fill and not in_bar):
            return state.theme
        return state.theme.with_step(self._heard_row(state.pending, place), place.index - 1)

    def _primed_theme(self, state: DrummerState, place: Place, controls: ControlState) -> Theme:
        primer = self._primer(state, controls)
        if primer is None:
            return Theme.unstated(place.meter)
        steps = THEME_BARS * place.meter.bar_steps
        rows = [
            self._heard_row(hits, place) for hits in looped(primer, place.meter, place.index, steps)
        ]
        return Theme.primed(np.stack(rows), place.index - steps, place.meter)

    def _primer(self, state: DrummerState, controls: ControlState) -> Primer | None:
        """The phrase that this take has in its ears; None where the card has none."""
        primers = self._card.primers.get(controls.genre_name, ())
        if not primers:
            return None
        return primers[int(_chance(state.seed, "prime", state.serial).integers(len(primers)))]

    def _heard_row(self, hits: Hits, place: Place) -> Floats:
        """Hits that sounded, as the network hears of them."""
        return encode_hits(strokes.as_recorded(hits, self._lean_ticks(place)))

    def _lean_ticks(self, place: Place) -> int:
        return strokes.lean_ticks(self._card.lean_ms, place.tempo_bpm)

    def _primed(self, state: DrummerState, place: Place, controls: ControlState) -> DrummerState:
        """The state of a drummer who has just heard a phrase of the heaviest genre."""
        fresh = replace(self.start(state.seed), serial=state.serial, genre=controls.genre_name)
        primer = self._primer(state, controls)
        if primer is None:
            return replace(fresh, theme=Theme.unstated(place.meter))
        first = place.index - PRIMED_STEPS
        earlier = [
            self._heard_row(hits, place)
            for hits in looped(primer, place.meter, first, HISTORY_STEPS)
        ]
        silent_keys = np.zeros((HISTORY_STEPS, self._card.key_size), np.float32)
        primed = replace(fresh, past=Past.of(np.hstack([np.stack(earlier), silent_keys]), 0))
        for index, hits in enumerate(looped(primer, place.meter, place.index, PRIMED_STEPS), first):
            there = Place(index, place.meter, place.tempo_bpm)
            _, _, primed = self._hear(primed, there, controls)
            primed = replace(primed, pending=hits)
        theme = self._primed_theme(state, place, controls)
        return replace(primed, theme=theme, serial=state.serial)


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


@lru_cache(maxsize=8)
def _mood(seed: int, bar: int) -> float:
    """Each bar has its mood, from 1, which keeps to what was, to -1, which does as it likes."""
    return float(2.0 * _chance(seed, "mood", bar).random() - 1.0)


def _pull(theme: Theme, past: Past, place: Place, controls: ControlState, mood: float) -> float:
    """How strongly the theme draws, 0..1: more in a strict bar, and where the groove dies away.

    A rest is played, and not fallen into: a network that has heard nothing for a bar goes on with
    nothing. A fill has a form of its own.
    """
    if place.fill is not None:
        return 0.0
    pull = THEME_PULL * 2.0 * controls.stability * (1.0 + MOOD_PULL * mood)
    due = theme.hits_per_step * place.meter.bar_steps * controls.density / DENSITY_AS_RECORDED
    if due:
        heard = past.hits(place.meter.bar_steps)
        pull += REVIVAL * max(0.0, 1.0 - heard / (DYING_SHARE * due))
    return min(1.0, pull)


def _themed(
    heated: NDArray[np.float64], theme: Theme, place: Place, controls: ControlState, pull: float
) -> NDArray[np.float64]:
    """Log-odds drawn towards the theme; of a thin density, the ornaments go first."""
    odds = theme.drawn(np.log(sampling.probabilities(heated)), place.index, pull)
    odds = sampling.heated(odds, 1.0 - STEADYING * max(0.0, 2.0 * controls.stability - 1.0))
    thinned = max(0.0, 1.0 - controls.density / DENSITY_AS_RECORDED)
    return odds + ORNAMENT_REACH * thinned * theme.essential(place.index)


def _possible(odds: NDArray[np.float64], place: Place) -> NDArray[np.float64]:
    """The odds of what two hands and two feet can play there, and of what is asked for."""
    odds = sampling.only(odds, sampling.PLAYABLE)
    if not (place.required or place.forbidden):
        return odds
    return sampling.only(odds, sampling.masks_with(place.required, place.forbidden))


def _lift_nats(state: DrummerState, place: Place, controls: ControlState) -> float:
    """Nats between the softest and the loudest hit that bring the take back to its own level.

    The louder or softer the performer asks for, the less: then the level is theirs.
    """
    recent = state.past.level(THEME_BARS * place.meter.bar_steps)
    if not recent or not state.theme.level:
        return 0.0
    left_open = 1.0 - abs(2.0 * controls.intensity - 1.0)
    return LEVEL_REACH * left_open * (state.theme.level - recent)


def _chance(seed: int, use: str, number: int) -> np.random.Generator:
    """The random numbers of one step or bar of a take, apart for each use."""
    counter = np.array([0, number % SEEDS, _USES.index(use), 0], np.uint64)
    return np.random.Generator(np.random.Philox(key=seed, counter=counter))

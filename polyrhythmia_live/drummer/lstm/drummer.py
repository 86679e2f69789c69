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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.drummer.card import ANY_GENRE, Card, FillShape
from polyrhythmia_live.drummer.lstm import fills, levels, sampling, strokes
from polyrhythmia_live.drummer.lstm.encoding import (
    HISTORY_STEPS,
    LANES,
    MASK_LANES,
    STEP_WIDTH,
    STYLE_COLUMNS,
    Asked,
    Floats,
    encode_hits,
    features,
    mask_of,
    style_vector,
)
from polyrhythmia_live.drummer.lstm.levels import Themes
from polyrhythmia_live.drummer.lstm.past import Past, Recollection, fixed, recollect
from polyrhythmia_live.drummer.lstm.primer import Primer, looped
from polyrhythmia_live.drummer.lstm.runtime import Expectation, Network, StepNetwork
from polyrhythmia_live.drummer.lstm.state import DrummerState, from_arrays, to_arrays
from polyrhythmia_live.drummer.lstm.theme import THEME_BARS, Theme
from polyrhythmia_live.drums.limbs import CLOSED_HAT, HAT_BY_HAND
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.rhythm.control import Weights
from polyrhythmia_live.rhythm.meter import STEPS_PER_WHOLE_NOTE, Meter

FOUR_FOUR = Meter(4, 4)
PRIMED_STEPS = 2 * STEPS_PER_WHOLE_NOTE
"""How much of a primer the network hears: two bars of 4/4 are a groove."""

LEFT_OPEN = 0.5
"""The middle of a knob that asks for more or less of something than usual."""
OPEN_REACH = 0.005
"""How near to the middle counts as the middle: a MIDI knob's 63 and 64 are 0.004 off it."""
GUIDANCE_SHARE = 0.15
"""How much of what the genre makes likelier is added, for each 1.0 of guidance: more of it alone
leads some genres away from themselves. The genre's own theme does the rest, see `levels`."""
GUIDANCE_REACH = 3.0
"""Nats: what the genre says about a very rare outcome is not to be trusted further."""

HAT_BY_STICK = (CLOSED_HAT, HAT_BY_HAND)
GROOVE_BARS_KNOWN = 8
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
        self._genre_theme = lru_cache(maxsize=64)(self._in_common)

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
            owed_hits=0.0,
            serial=0,
            groove_bars=0,
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
        share = controls.density / levels.DENSITY_AS_RECORDED
        tilt = sampling.window_tilt(heard.window, share, state.owed_hits)
        if controls.density > 0:
            possible, tilt = self._formed(possible, tilt, heard, place, controls)
        odds = sampling.shaped(possible, tilt=tilt, count=controls.top_k, share=controls.top_p)
        if bars := self._bars_again(heard, place, controls):
            struck = heard.past.rows()[-bars * place.meter.bar_steps, :LANES]
            odds = levels.again(odds, struck, controls)
        chance = _chance(state.seed, "play", state.serial)
        mask = sampling.draw(sampling.probabilities(odds), chance.random())
        hits: Hits = ()
        if mask & ~mask_of(place.locked):
            details = self._network.details(said.top, MASK_LANES[mask])
            lift_nats = levels.lift_nats(heard.theme, heard.past, place, controls)
            lift_nats += fills.firmness_nats(place)
            lean_ticks = self._lean_ticks(place)
            hits = strokes.strike(mask, details, controls, lean_ticks, lift_nats, chance)
        hits = place.with_given(hits)
        own_hits = len(hits) - len(place.given)
        asked_hits = share * self._usual_hits(place, controls, heard.theme)
        if _is_given(place):
            asked_hits = own_hits
        owed_hits = sampling.still_owed(state.owed_hits, asked_hits, own_hits)
        likelihood = float(sampling.probabilities(said.logits)[mask])
        after = replace(heard, pending=hits, owed_hits=owed_hits, likelihood=likelihood)
        return hits, after

    def feed(self, state: DrummerState, hits: Hits) -> DrummerState:
        """The state after a step on which `hits` sounded, whatever had been drawn."""
        more = len(hits) - len(state.pending)
        owed_hits = sampling.still_owed(state.owed_hits, 0.0, more)
        return replace(state, pending=hits, owed_hits=owed_hits, likelihood=None)

    def overhear(self, state: DrummerState, hits: Hits) -> DrummerState:
        """The state after a step on which all these sounded: what others play, nobody owes."""
        return replace(state, pending=hits)

    def likelihood(self, state: DrummerState) -> float | None:
        """What the network gave the mask that it drew last, guidance included."""
        return state.likelihood

    def reseed(self, state: DrummerState, seed: int) -> DrummerState:
        """The same drummer with other lots, the moods of the bars among them."""
        return replace(state, seed=seed % SEEDS)

    def shifted(self, state: DrummerState, steps: int) -> DrummerState:
        """The same drummer elsewhere: only the theme hangs on the place in the song."""
        return replace(state, theme=state.theme.shifted(steps))

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
        pending = self._heard_row(state.pending, place)
        past = self._past(state, place, pending)
        theme = self._theme(state, place, controls, pending)
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
        themes = Themes(
            self._morphed(theme, place, controls),
            self._genre_theme(controls.genre_name, place.meter),
            self._genre_theme(ANY_GENRE, place.meter),
            mood,
        )
        odds = _possible(levels.inclined(said.logits, themes, past, place, controls), place)
        due_hits = self._due(odds, place, controls, theme)
        window = sampling.slid(state.window, odds, due_hits, len(place.given))
        after = DrummerState(
            network=fixed(said.next_state),
            nameless=fixed(nameless),
            past=past,
            theme=theme,
            key=fixed(said.key),
            pending=(),
            window=fixed(window),
            owed_hits=state.owed_hits,
            serial=state.serial + 1,
            groove_bars=_groove_bars(state, place),
            step_in_bar=place.meter.step_in_bar(place.index + 1),
            genre=state.genre,
            seed=state.seed,
        )
        return said, odds, after

    def _due(
        self, odds: NDArray[np.float64], place: Place, controls: ControlState, theme: Theme
    ) -> float:
        """The hits that are due at a step, beside those that are given.

        Where lanes are required or forbidden, what is left of the odds says how many. If a break
        were held to the genre's density, the drummer would make up for it afterwards. So in a fill.
        """
        if _is_given(place) or place.fill is not None:
            return sampling.expected_hits(odds) - len(place.given)
        return self._usual_hits(place, controls, theme)

    def _usual_hits(self, place: Place, controls: ControlState, theme: Theme) -> float:
        """How many hits a step has in the genres asked for, at the tempo.

        Where lanes are locked, it is the share of them that the theme has in the others.
        """
        usual = math.fsum(
            self._card.due_hits_per_step(name, place.tempo_bpm) * weight
            for name, weight in self._style(controls.genre).shares
        )
        if not place.locked:
            return usual
        if place.others and not theme.hits_per_step:  # nothing is stated yet
            return place.least_hits or usual
        return max(place.least_hits, usual * (1.0 - theme.share_of(place.locked)))

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
        if place.fill is None or _is_given(place):
            return odds, tilt
        rate = style.fill_hits_per_step * controls.density / levels.DENSITY_AS_RECORDED
        struck = heard.past.rows()[:, :LANES]
        filled = fills.filled(
            odds, place.fill, place, struck, rate, style.fill_shape, controls.fullness
        )
        return filled, 0.0

    def _bars_again(self, heard: DrummerState, place: Place, controls: ControlState) -> int:
        """How many bars ago the bar was that this one is again; 0 = it is a bar of its own.

        What comes again is groove, and does not die away.
        """
        mood = _mood(heard.seed, place.meter.bar_of(place.index))
        candidates = levels.bars_again(controls, mood)
        return next((it for it in candidates if _is_groove(heard, place, controls, it)), 0)

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
        more, as far as the guidance says (Ho and Salimans, arXiv 2207.12598).
        """
        stability = levels.copying(controls, mood)
        dark = read.copy()
        dark[STYLE_COLUMNS] = 0.0
        said, nameless = self._network.both(
            (read, dark), (state.network, state.nameless), remembered, stability
        )
        difference = np.clip(said.logits - nameless.logits, -GUIDANCE_REACH, GUIDANCE_REACH)
        guided = said.logits + GUIDANCE_SHARE * controls.guidance * difference
        return replace(said, logits=guided), nameless.next_state

    def _past(self, state: DrummerState, place: Place, pending: Floats) -> Past:
        """The past of the step at `place`, the row of the pending hits included.

        After a relocation the bars of the past have to line up with the new place, or the network
        would hear the last bar in the wrong phase: the broken-off bar is left out.
        """
        if state.step_in_bar is None:
            return state.past
        past = state.past.with_step(np.concatenate([pending, state.key]))
        off = state.step_in_bar - place.meter.step_in_bar(place.index)
        return past.without_last(off % place.meter.bar_steps)

    def _theme(
        self, state: DrummerState, place: Place, controls: ControlState, pending: Floats
    ) -> Theme:
        """The theme at `place`, the row of the pending hits included; of a new meter, the primer's.

        A fill states nothing.
        """
        if not state.theme.fits(place.meter):
            return self._primed_theme(state, place, controls)
        in_bar = place.meter.step_in_bar(place.index)
        from_fill = place.fill is not None and place.fill.first < place.index
        if state.step_in_bar != in_bar or from_fill or (place.after_fill and not in_bar):
            return state.theme
        return state.theme.with_step(pending, place.index - 1)

    def _morphed(self, theme: Theme, place: Place, controls: ControlState) -> Theme:
        """What draws the take: its theme, and what is usual in the lighter genres of a mixture."""
        for name, share in self._lighter(controls):
            theme = theme.mixed(self._genre_theme(name, place.meter), share)
        return theme

    def _lighter(self, controls: ControlState) -> Weights:
        """The genres of a mixture beside the heaviest."""
        shares = self._style(controls.genre).shares
        heaviest = (controls.genre_name, ANY_GENRE)
        return tuple((name, share) for name, share in shares if share > 0 and name not in heaviest)

    def _primed_theme(self, state: DrummerState, place: Place, controls: ControlState) -> Theme:
        primer = self._primer(state, controls.genre_name)
        if primer is None or place.least_hits:  # of lanes that the phrase may not have at all
            return Theme.unstated(place.meter)
        steps = THEME_BARS * place.meter.bar_steps
        rows = [
            self._heard_row(hits, place) for hits in looped(primer, place.meter, place.index, steps)
        ]
        return Theme.primed(np.stack(rows), place.index - steps, place.meter)

    def _in_common(self, genre: str, meter: Meter) -> Theme:
        """What a genre's takes have in common: the mean of the phrases that they begin after.

        Of any genre: of all takes.
        """
        all_primers = self._card.primers
        primers = all_primers.get(genre, ())
        if genre == ANY_GENRE:
            primers = tuple(primer for of in all_primers.values() for primer in of)
        steps = THEME_BARS * meter.bar_steps
        return Theme.common(
            [
                np.stack([encode_hits(hits) for hits in looped(primer, meter, 0, steps)])
                for primer in primers
            ],
            meter,
        )

    def _primer(self, state: DrummerState, genre: str) -> Primer | None:
        """The phrase of a genre that this take has in its ears; None where the card has none."""
        primers = self._card.primers.get(genre, ())
        if not primers:
            return None
        return primers[int(_chance(state.seed, "prime", state.serial).integers(len(primers)))]

    def _heard_row(self, hits: Hits, place: Place) -> Floats:
        """Hits that sounded, as the network hears of them."""
        return encode_hits(strokes.as_recorded(hits, self._lean_ticks(place)))

    def _lean_ticks(self, place: Place) -> int:
        return strokes.lean_ticks(self._card.lean_ms, place.tempo_bpm)

    def _primed(self, state: DrummerState, place: Place, controls: ControlState) -> DrummerState:
        """The state of a drummer who has just heard phrases of the genres, the heaviest last."""
        fresh = replace(self.start(state.seed), serial=state.serial, genre=controls.genre_name)
        primer = self._primer(state, controls.genre_name)
        if primer is None:
            return replace(fresh, theme=Theme.unstated(place.meter))
        first = place.index - PRIMED_STEPS
        phrases = looped(primer, place.meter, first, HISTORY_STEPS)
        for genre, share in self._lighter(controls):
            other = self._primer(state, genre)
            if other is not None:
                others = looped(other, place.meter, first, HISTORY_STEPS)
                phrases = _interspersed(phrases, others, share, THEME_BARS * place.meter.bar_steps)
        earlier = [self._heard_row(hits, place) for hits in phrases]
        silent_keys = np.zeros((HISTORY_STEPS, self._card.key_size), np.float32)
        primed = replace(fresh, past=Past.of(np.hstack([np.stack(earlier), silent_keys]), 0))
        for index, hits in enumerate(looped(primer, place.meter, place.index, PRIMED_STEPS), first):
            there = Place(index, place.meter, place.tempo_bpm)
            _, _, primed = self._hear(primed, there, controls)
            primed = replace(primed, pending=hits)
        theme = self._primed_theme(state, place, controls)
        return replace(primed, theme=theme, serial=state.serial, groove_bars=0)


def _interspersed(
    phrases: Sequence[Hits], others: Sequence[Hits], share: float, length: int
) -> list[Hits]:
    """Steps in which a share of the phrases is another one's, evenly; the last is not."""
    count = len(phrases)
    numbers = [(count - 1 - step) // length for step in range(count)]  # from the last one on
    return [
        other if int((number + 1) * share) > int(number * share) else own
        for own, other, number in zip(phrases, others, numbers, strict=True)
    ]


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


@lru_cache(maxsize=8)
def _mood(seed: int, bar: int) -> float:
    """Each bar has its mood, from 1, which keeps to what was, to -1, which does as it likes."""
    return float(2.0 * _chance(seed, "mood", bar).random() - 1.0)


def _is_groove(heard: DrummerState, place: Place, controls: ControlState, bars: int) -> bool:
    """Whether the bar so many ago is groove that has not died away, and this one is groove too."""
    begun = bars * place.meter.bar_steps + place.meter.step_in_bar(place.index)
    are_groove = heard.groove_bars & 1 and heard.groove_bars >> bars & 1
    if not are_groove or begun > HISTORY_STEPS:
        return False
    hits = heard.past.hits(begun)[: place.meter.bar_steps]
    return not levels.dying(hits, heard.theme, controls)


def _groove_bars(state: DrummerState, place: Place) -> int:
    """Which of the last bars were all groove, the bar so far at `place` included."""
    in_bar = place.meter.step_in_bar(place.index)
    goes_on = state.step_in_bar == in_bar and state.theme.fits(place.meter)
    bars = state.groove_bars if goes_on else 0
    if in_bar == 0:
        bars = (bars << 1 | 1) % (1 << GROOVE_BARS_KNOWN)
    return bars & ~1 if place.fill is not None or place.after_fill or _is_given(place) else bars


def _is_given(place: Place) -> bool:
    """Whether some lanes are not the drummer's to choose."""
    return bool(place.required or place.forbidden)


def _possible(odds: NDArray[np.float64], place: Place) -> NDArray[np.float64]:
    """The odds of what two hands and two feet can play there, and of what is asked for."""
    possible = sampling.playable_beside(place.others)
    if _is_given(place):
        possible = possible & sampling.masks_with(place.required, place.forbidden)
    if not place.locked:
        return sampling.only(odds, possible)
    struck = frozenset(hit.lane for hit in place.given)
    own = (hit for hit in place.given if hit.lane not in place.others)
    by_stick = any((hit.lane, hit.articulation) == HAT_BY_STICK for hit in own)
    given = sampling.masks_of_locked(place.locked, struck, by_stick)
    if not (possible & given).any():  # what was locked at different times may need more hands
        possible = sampling.masks_with(place.required, place.forbidden)
        given = sampling.masks_of_locked(place.locked, struck, False)
    return sampling.only(odds, possible & given)


def _chance(seed: int, use: str, number: int) -> np.random.Generator:
    """The random numbers of one step or bar of a take, apart for each use."""
    counter = np.array([0, number % SEEDS, _USES.index(use), 0], np.uint64)
    return np.random.Generator(np.random.Philox(key=seed, counter=counter))

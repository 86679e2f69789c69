from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Accent, Fill, Place
from polyrhythmia_live.drummer.card import DEFAULT_MODEL, Card
from polyrhythmia_live.drummer.lstm.drummer import (
    GUIDANCE_REACH,
    GUIDANCE_SHARE,
    PRIMED_STEPS,
    LstmDrummer,
)
from polyrhythmia_live.drummer.lstm.encoding import (
    HISTORY_STEPS,
    LANES,
    STEP_WIDTH,
    STYLE_COLUMNS,
    Floats,
    encode_hits,
    style_vector,
)
from polyrhythmia_live.drummer.lstm.fills import FULLER
from polyrhythmia_live.drummer.lstm.levels import AGAIN_BARS, MOOD_COPYING, STABILITY_REACH
from polyrhythmia_live.drummer.lstm.past import Past, Recollection
from polyrhythmia_live.drummer.lstm.primer import looped
from polyrhythmia_live.drummer.lstm.runtime import Expectation
from polyrhythmia_live.drummer.lstm.sampling import PLAYABLE
from polyrhythmia_live.drummer.lstm.state import DrummerState
from polyrhythmia_live.drummer.lstm.strokes import KIT_TIMING_CORRELATION
from polyrhythmia_live.drummer.open import load_card
from polyrhythmia_live.drummer.styles import STYLES
from polyrhythmia_live.drummer.take import Take
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.errors import ConfigError
from polyrhythmia_live.rhythm.bar import MICROTIMING_MAX_TICKS, Hit, Hits
from polyrhythmia_live.rhythm.meter import PPQN, TICKS_PER_STEP, Meter
from polyrhythmia_live.testing.drummers import FOUR_FOUR, ROCK, SEED, ToyNetwork, toy_card

BAR = FOUR_FOUR.bar_steps
JAZZ = ControlState((("jazz", 1.0),))
SNARE = 0b10


class ListeningNetwork(ToyNetwork):
    """Keeps what it was asked, and the keys that it gave.

    `nameless` is what it was asked while it was left in the dark about the genre.
    """

    def __init__(self) -> None:
        self.heard: list[Floats] = []
        self.nameless: list[Floats] = []
        self.remembered: list[Recollection] = []
        self.stabilities: list[float] = []
        self.keys: list[Floats] = []

    def step(
        self, features: Floats, state: Floats, recollection: Recollection, stability: float
    ) -> Expectation:
        said = super().step(features, state, recollection, stability)
        if features[STYLE_COLUMNS].any():
            self.heard.append(features)
            self.remembered.append(recollection)
            self.stabilities.append(stability)
            self.keys.append(said.key)
        else:
            self.nameless.append(features)
        return said


class NarrowNetwork(ToyNetwork):
    """Has its snare from the genre of rock only."""

    nats = 1.0

    def step(
        self, features: Floats, state: Floats, recollection: Recollection, stability: float
    ) -> Expectation:
        said = super().step(features, state, recollection, stability)
        said.logits[SNARE] = self.nats * features[STYLE_COLUMNS][STYLES.index("rock")]
        return said


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> LstmDrummer:
    return LstmDrummer(toy_card(tmp_path_factory.mktemp("model")), ToyNetwork())


@pytest.fixture
def network() -> ListeningNetwork:
    return ListeningNetwork()


@pytest.fixture
def listener(tmp_path: Path, network: ListeningNetwork) -> LstmDrummer:
    """Plays what the listening network makes of it."""
    return LstmDrummer(toy_card(tmp_path), network)


@pytest.fixture(scope="module")
def card() -> Card:
    return load_card(DEFAULT_MODEL)


@pytest.fixture(scope="module")
def trained(card: Card) -> LstmDrummer:
    return LstmDrummer(card)


def perform(
    drummer: LstmDrummer,
    controls: ControlState,
    steps: int,
    *,
    seed: int = SEED,
    fill: bool = False,
    meter: Meter = FOUR_FOUR,
    tempo_bpm: float = 120.0,
) -> list[Hits]:
    take = Take(drummer, 0, drummer.start(seed))
    filled = Fill(0, steps) if fill else None
    places = [Place(index, meter, tempo_bpm, filled) for index in range(steps)]
    return [take.extend(place, controls) for place in places]


def mean_hits(steps: list[Hits]) -> float:
    return sum(map(len, steps)) / len(steps)


def test_the_same_state_place_and_controls_give_the_same_hits(toy: LstmDrummer) -> None:
    state, place = toy.start(SEED), Place(0, FOUR_FOUR, 120.0)
    assert toy.play(state, place, ROCK)[0] == toy.play(state, place, ROCK)[0]
    assert perform(toy, ROCK, 64) == perform(toy, ROCK, 64)
    assert perform(toy, ROCK, 64) != perform(toy, ROCK, 64, seed=SEED + 1)


@given(
    st.integers(1, 72),
    st.data(),
    st.floats(0, 1),
    st.floats(0.4, 2.5),
    st.floats(0, 1),
    st.sampled_from(["rock", "jazz"]),
)
@settings(max_examples=25, deadline=None)
def test_rewound_and_played_again_the_notes_are_the_same(
    toy: LstmDrummer,
    steps: int,
    data: st.DataObject,
    density: float,
    temperature: float,
    stability: float,
    genre: str,
) -> None:
    controls = ControlState(
        ((genre, 1.0),), density=density, temperature=temperature, stability=stability
    )
    take = Take(toy, 0, toy.start(SEED))
    places = [Place(index, FOUR_FOUR, 120.0) for index in range(steps)]
    before = [take.extend(place, controls) for place in places]
    back_to = data.draw(st.integers(0, steps))
    take.rewind(back_to)
    after = [take.extend(place, controls) for place in places[back_to:]]
    assert after == before[back_to:]


def test_hits_are_in_lane_order_and_one_per_lane(toy: LstmDrummer) -> None:
    for hits in perform(toy, replace(ROCK, temperature=2.5, density=1.0), 128):
        lanes = [hit.lane for hit in hits]
        assert lanes == sorted(set(lanes))


def test_even_the_wildest_drummer_has_two_hands_and_two_feet(toy: LstmDrummer) -> None:
    for hits in perform(toy, replace(ROCK, temperature=2.5, density=1.0), 128):
        assert PLAYABLE[sum(1 << hit.lane for hit in hits)]
        assert len(hits) <= 4


def test_a_density_of_zero_is_silence(toy: LstmDrummer) -> None:
    assert not any(perform(toy, replace(ROCK, density=0.0), 64))


@pytest.mark.parametrize("density", [0.1, 0.25, 0.5, 0.75, 0.9])
def test_over_64_bars_the_density_is_the_one_asked_for(toy: LstmDrummer, density: float) -> None:
    steps = perform(toy, replace(ROCK, density=density), 64 * BAR)
    assert mean_hits(steps) == pytest.approx(2 * density, rel=0.12)


def test_each_genre_has_its_own_density_and_a_mix_lies_between(toy: LstmDrummer) -> None:
    mix = replace(ROCK, genre=(("rock", 1.0), ("jazz", 1.0)))
    rates = [mean_hits(perform(toy, controls, 64 * BAR)) for controls in (ROCK, mix, JAZZ)]
    assert rates == pytest.approx([1.0, 0.75, 0.5], rel=0.1)


def test_a_fill_is_fuller_than_the_fills_of_the_styles_people(toy: LstmDrummer) -> None:
    assert mean_hits(perform(toy, ROCK, BAR, fill=True)) == pytest.approx(1.5 * FULLER, rel=0.2)


def test_a_fill_hardly_disturbs_the_density_around_it(toy: LstmDrummer) -> None:
    state = toy.start(SEED)
    counts = []
    for index in range(64 * BAR):
        filled = (
            Fill(index // BAR * BAR, index // BAR * BAR + BAR) if index // BAR % 4 == 3 else None
        )
        place = Place(index, FOUR_FOUR, 120.0, filled)
        hits, state = toy.play(state, place, ROCK)
        if not place.fill:
            counts.append(len(hits))
    assert np.mean(counts) == pytest.approx(1.0, rel=0.15)


@pytest.mark.parametrize("density", [0.25, 0.5, 0.75])
def test_over_a_take_with_fills_the_density_is_the_one_asked_for(
    toy: LstmDrummer, density: float
) -> None:
    state, hits_played = toy.start(SEED), 0
    for index in range(64 * BAR):
        bar = index // BAR * BAR
        filled = Fill(bar, bar + BAR) if index // BAR % 8 == 7 else None
        place = Place(index, FOUR_FOUR, 120.0, filled, after_fill=bar > 0 and index // BAR % 8 == 0)
        hits, state = toy.play(state, place, ControlState((("latin", 1.0),), density=density))
        hits_played += len(hits)
    assert hits_played / (64 * BAR) == pytest.approx(2 * density, rel=0.03)


def test_hits_that_did_not_sound_are_still_owed(toy: LstmDrummer) -> None:
    state = toy.start(SEED)
    hits: Hits = ()
    while not hits:
        hits, state = toy.play(state, Place(state.serial, FOUR_FOUR, 120.0), ROCK)
    assert toy.feed(state, ()).owed_hits == pytest.approx(state.owed_hits + len(hits))
    assert toy.feed(toy.feed(state, ()), hits).owed_hits == pytest.approx(state.owed_hits)


def test_top_k_of_one_still_follows_the_density(toy: LstmDrummer) -> None:
    sparse, dense = (
        mean_hits(perform(toy, replace(ROCK, top_k=1, density=density), 16 * BAR))
        for density in (0.1, 0.9)
    )
    assert dense > 2 * sparse


def test_without_humanise_everything_is_on_the_grid(toy: LstmDrummer) -> None:
    steps = perform(toy, replace(ROCK, humanise=0.0), 64)
    assert all(hit.microtiming_ticks == 0 for hits in steps for hit in hits)


def test_humanise_scales_the_timing_and_leaves_the_notes(toy: LstmDrummer) -> None:
    whole = perform(toy, ROCK, BAR)[0]
    half = perform(toy, replace(ROCK, humanise=0.5), BAR)[0]
    assert [hit.lane for hit in half] == [hit.lane for hit in whole]
    for near, far in zip(half, whole, strict=True):
        assert near.microtiming_ticks == pytest.approx(far.microtiming_ticks / 2, abs=1)


def test_hits_of_one_step_are_early_or_late_together(toy: LstmDrummer) -> None:
    steps = perform(toy, replace(ROCK, density=1.0), 64 * BAR)
    pairs = [[hit.microtiming_ticks for hit in hits[:2]] for hits in steps if len(hits) > 1]
    assert np.corrcoef(np.array(pairs).T)[0, 1] == pytest.approx(KIT_TIMING_CORRELATION, abs=0.1)


# what the network is told


@pytest.mark.parametrize("value", [0.5, 64 / 127, 63 / 127])
def test_a_knob_in_the_middle_leaves_it_to_the_drummer(
    listener: LstmDrummer, network: ListeningNetwork, value: float
) -> None:
    controls = replace(ROCK, density=value, complexity=value, intensity=value)
    listener.play(listener.start(SEED), Place(0, FOUR_FOUR, 120.0), controls)
    assert not network.heard[-1][133:139].any()


@pytest.mark.parametrize(
    ("name", "column"), [("density", 133), ("complexity", 135), ("intensity", 137)]
)
@pytest.mark.parametrize("value", [0.0, 0.45, 0.55, 1.0])
def test_a_knob_off_the_middle_asks_for_its_rank_in_the_genre(
    listener: LstmDrummer, network: ListeningNetwork, name: str, column: int, value: float
) -> None:
    controls = ROCK.with_level(name, value)
    listener.play(listener.start(SEED), Place(0, FOUR_FOUR, 120.0), controls)
    told = np.zeros(6)
    told[column - 133 : column - 131] = 1.0, value - 0.5
    assert network.heard[-1][133:139] == pytest.approx(told)


def test_stability_turns_the_odds_of_copying_up_and_down(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    for knob in (0.0, 0.5, 1.0):
        perform(listener, replace(ROCK, stability=knob), 24 * BAR)
    low, middle, high = np.array(network.stabilities).reshape(3, -1).mean(axis=1)
    assert low < middle - STABILITY_REACH / 2
    assert middle < high - STABILITY_REACH / 2


def test_some_bars_keep_to_what_was_and_others_do_not(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    perform(listener, ROCK, 16 * BAR)
    of_bars = np.array(network.stabilities).reshape(16, BAR)
    assert (of_bars == of_bars[:, :1]).all()
    assert of_bars.min() < -MOOD_COPYING / 2 < MOOD_COPYING / 2 < of_bars.max()


def test_with_more_stability_bars_come_back_more_often(toy: LstmDrummer) -> None:
    def repeated(stability: float) -> int:
        steps = perform(toy, replace(ROCK, stability=stability), 16 * BAR)
        lanes = [[hit.lane for hit in hits] for hits in steps]
        return sum(now == before for now, before in zip(lanes[BAR:], lanes, strict=False))

    assert repeated(1.0) > repeated(0.5) > repeated(0.0)


def lanes_by_bar(steps: list[Hits]) -> list[tuple[tuple[int, ...], ...]]:
    struck = [tuple(hit.lane for hit in hits) for hits in steps]
    return [tuple(struck[first : first + BAR]) for first in range(0, len(struck), BAR)]


def test_some_bars_are_an_earlier_one_again(trained: LstmDrummer) -> None:
    bars = lanes_by_bar(perform(trained, ROCK, 96 * BAR))
    for ago in AGAIN_BARS:
        came_again = np.mean([bar == before for bar, before in zip(bars[ago:], bars, strict=False)])
        assert 0.02 < came_again < 0.2


def test_without_stability_every_bar_is_one_of_its_own(trained: LstmDrummer) -> None:
    bars = lanes_by_bar(perform(trained, replace(ROCK, stability=0.0), 32 * BAR))
    assert len(set(bars)) == len(bars)


@given(st.integers(0, 1 << 32), st.integers(1, 40))
@settings(max_examples=10, deadline=None)
def test_no_fill_and_no_landing_comes_again(toy: LstmDrummer, seed: int, filled: int) -> None:
    fill = Fill(filled * BAR, filled * BAR + BAR)
    state = toy.start(seed)
    for index in range((filled + 4) * BAR):
        bar = index // BAR
        inside = fill if bar == filled else None
        place = Place(index, FOUR_FOUR, 120.0, inside, after_fill=bar == filled + 1)
        _, state = toy.play(state, place, ROCK)
    of_groove = [bool(state.groove_bars >> ago & 1) for ago in range(4)]
    assert of_groove == [True, True, False, False]


@pytest.mark.parametrize(
    ("flag", "value", "column"),
    [("fill", Fill(0, BAR), 130), ("fill_soon", True, 131), ("after_fill", True, 132)],
)
def test_the_network_knows_where_it_is_around_a_fill(
    listener: LstmDrummer, network: ListeningNetwork, flag: str, value: Any, column: int
) -> None:
    asked: dict[str, Any] = {flag: value}
    place = replace(Place(0, FOUR_FOUR, 120.0), **asked)
    listener.play(listener.start(SEED), place, ROCK)
    assert np.flatnonzero(network.heard[-1][130:133]).tolist() == [column - 130]


def test_a_sub_style_is_asked_for_together_with_its_genre(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    bossa = replace(ROCK, genre=(("bossa", 2.0),))
    listener.play(listener.start(SEED), Place(0, FOUR_FOUR, 120.0), bossa)
    assert np.array_equal(network.heard[-1][STYLE_COLUMNS], style_vector({"bossa": 1.0}))


def test_beside_it_the_same_network_hears_all_but_the_genre(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    perform(listener, JAZZ, BAR)
    assert len(network.nameless) == len(network.heard) == PRIMED_STEPS + BAR
    for told, left_in_the_dark in zip(network.heard, network.nameless, strict=True):
        differing = np.flatnonzero(told != left_in_the_dark)
        assert differing.tolist() == [STYLE_COLUMNS.start + STYLES.index("jazz")]


def snare_logit(folder: Path, guidance: float, nats: float) -> float:
    """What the drummer makes of a snare on which the genre has so many nats of say."""
    network = NarrowNetwork()
    network.nats = nats
    drummer = LstmDrummer(toy_card(folder), network)
    controls = replace(ROCK, guidance=guidance)
    said, _, _ = drummer._hear(drummer.start(SEED), Place(0, FOUR_FOUR, 120.0), controls)
    return float(said.logits[SNARE])


def test_guidance_adds_a_share_of_the_genres_say(tmp_path: Path) -> None:
    said = [snare_logit(tmp_path, guidance, nats=1.0) for guidance in (0.0, 1.0, 3.0)]
    assert said == pytest.approx([1.0, 1.0 + GUIDANCE_SHARE, 1.0 + 3.0 * GUIDANCE_SHARE])


def test_guidance_on_very_rare_hits_ends_at_its_reach(
    tmp_path: Path,
) -> None:
    most = GUIDANCE_SHARE * GUIDANCE_REACH
    assert snare_logit(tmp_path, 1.0, nats=9.0) == pytest.approx(9.0 + most)
    assert snare_logit(tmp_path, 1.0, nats=-9.0) == pytest.approx(-9.0 - most)


# what it remembers


def test_the_next_step_remembers_the_hits_that_sounded(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    _, state = listener.play(listener.start(SEED), Place(0, FOUR_FOUR, 120.0), ROCK)
    sounded = (Hit(1, 100, 30), Hit(7, 64))
    listener.play(listener.feed(state, sounded), Place(1, FOUR_FOUR, 120.0), ROCK)
    assert np.array_equal(network.heard[-1][:STEP_WIDTH], encode_hits(sounded))


def test_each_step_is_remembered_with_the_key_that_the_network_gave_it(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    steps = perform(listener, ROCK, 2 * BAR + 4)
    last = network.remembered[-1]
    assert last.played.sum() == 2
    for bar in (1, 2):
        there = 2 * BAR + 3 - bar * BAR
        assert np.array_equal(last.keys[bar - 1], network.keys[there])
        assert np.array_equal(last.recalled[bar - 1, :STEP_WIDTH], encode_hits(steps[there]))
        followed = encode_hits(steps[there + 1])[:LANES]
        assert np.array_equal(last.recalled[bar - 1, STEP_WIDTH:][:LANES], followed)


def test_the_bars_before_bear_on_what_is_played_now(toy: LstmDrummer) -> None:
    state = toy.start(SEED)
    for index in range(4 * BAR):
        _, state = toy.play(state, Place(index, FOUR_FOUR, 120.0), ROCK)
    forgetful = replace(state, past=Past.silence(ToyNetwork.key_size))
    played: list[list[Hits]] = [[], []]
    for index in range(4 * BAR, 8 * BAR):
        place = Place(index, FOUR_FOUR, 120.0)
        hits, state = toy.play(state, place, ROCK)
        others, forgetful = toy.play(forgetful, place, ROCK)
        played[0].append(hits)
        played[1].append(others)
    assert played[0] != played[1]


def fed(listener: LstmDrummer, steps: int) -> DrummerState:
    """A drummer for whom lane 0, 1 .. 8, 0, 1 .. sounded, a step each."""
    state = listener.start(SEED)
    for index in range(steps):
        _, state = listener.play(state, Place(index, FOUR_FOUR, 120.0), ROCK)
        state = listener.feed(state, (Hit(index % LANES, 100),))
    return state


def lane_of(strikes: Floats) -> int:
    (lane,) = np.flatnonzero(strikes[:LANES])
    return int(lane)


def test_after_a_relocation_the_whole_bars_line_up_with_the_new_place(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    state = fed(listener, 2 * BAR + 6)
    listener.play(state, Place(64, FOUR_FOUR, 120.0), ROCK)
    told, remembered = network.heard[-1], network.remembered[-1]
    assert lane_of(told) == (2 * BAR - 1) % LANES
    assert lane_of(told[27:]) == BAR % LANES
    assert [lane_of(row) for row in remembered.recalled[:2]] == [BAR % LANES, 0]
    assert np.array_equal(remembered.keys[:2], [network.keys[BAR], network.keys[0]])
    assert remembered.played.sum() == 2


def test_a_relocation_within_a_bar_keeps_what_was_played_up_to_there(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    state = fed(listener, BAR + 6)
    listener.play(state, Place(64 + 2, FOUR_FOUR, 120.0), ROCK)
    assert lane_of(network.heard[-1]) == (BAR + 1) % LANES
    assert lane_of(network.remembered[-1].recalled[0]) == 2
    assert network.remembered[-1].played.sum() == 1


def test_a_change_of_genre_puts_a_phrase_of_the_new_one_in_the_drummers_ears(
    listener: LstmDrummer, network: ListeningNetwork, tmp_path: Path
) -> None:
    (primer,) = load_card("toy", tmp_path).primers["jazz"]
    _, state = listener.play(listener.start(SEED), Place(0, FOUR_FOUR, 120.0), ROCK)
    _, state = listener.play(state, Place(1, FOUR_FOUR, 120.0), ROCK)
    heard_before = len(network.heard)
    listener.play(state, Place(2, FOUR_FOUR, 120.0), JAZZ)
    expected = [encode_hits(hits) for hits in looped(primer, FOUR_FOUR, 2, HISTORY_STEPS)]
    assert len(network.heard) > heard_before + BAR
    assert np.array_equal(network.heard[-1][:STEP_WIDTH], expected[-1])
    assert np.array_equal(network.heard[-1][27:36], expected[-BAR][:9])
    assert np.array_equal(network.remembered[-1].recalled[0, :STEP_WIDTH], expected[-BAR])


def test_a_phrase_in_its_ears_goes_through_the_network_step_by_step(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    _, state = listener.play(listener.start(SEED), Place(0, FOUR_FOUR, 120.0), JAZZ)
    assert len(network.heard) == PRIMED_STEPS + 1
    assert state.serial == 1
    assert state.past.heard_steps == PRIMED_STEPS
    bars = PRIMED_STEPS // BAR
    assert [int(memory.played.sum()) for memory in network.remembered] == [
        heard // BAR for heard in range(PRIMED_STEPS + 1)
    ]
    last = network.remembered[-1]
    firsts = [network.keys[PRIMED_STEPS - bar * BAR] for bar in range(1, bars + 1)]
    assert np.array_equal(last.keys[:bars], firsts)


def test_without_a_phrase_it_starts_from_silence(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    listener.play(listener.start(SEED), Place(0, FOUR_FOUR, 120.0), ROCK)
    assert not network.remembered[-1].played.any()
    assert not network.heard[-1][:83].any()


def test_a_fill_that_is_due_is_no_part_of_the_phrase_in_its_ears(
    listener: LstmDrummer, network: ListeningNetwork
) -> None:
    place = Place(0, FOUR_FOUR, 120.0, fill=Fill(0, 16), fill_soon=True, after_fill=True)
    listener.play(listener.start(SEED), place, JAZZ)
    flags = np.array(network.heard)[:, 130:133]
    assert not flags[:-1].any()
    assert flags[-1].all()


def test_a_turn_of_the_morph_within_the_same_main_genre_keeps_the_memory(toy: LstmDrummer) -> None:
    _, state = toy.play(toy.start(SEED), Place(0, FOUR_FOUR, 120.0), ROCK)
    mostly_rock = replace(ROCK, genre=(("rock", 0.6), ("jazz", 0.4)))
    _, later = toy.play(toy.feed(state, (Hit(7, 99),)), Place(1, FOUR_FOUR, 120.0), mostly_rock)
    assert np.array_equal(later.past.rows()[-1, :STEP_WIDTH], encode_hits((Hit(7, 99),)))


def test_a_primer_in_seven_eight_is_cut_at_the_bar_line() -> None:
    primer = tuple((Hit(0, 1 + step),) for step in range(32))
    velocities = [hit.velocity for (hit,) in looped(primer, Meter(7, 8), 28, 28)]
    assert velocities == [*range(1, 15), *range(17, 31)]


# the lean of the recordings


def leaning(folder: Path, lean_ms: float) -> tuple[LstmDrummer, ListeningNetwork]:
    network = ListeningNetwork()
    folder.mkdir(exist_ok=True)
    return LstmDrummer(toy_card(folder, lean_ms=lean_ms), network), network


@pytest.mark.parametrize("tempo_bpm", [45.0, 120.0, 223.0])
def test_a_lean_of_the_recordings_is_not_heard_at_any_tempo(
    tmp_path: Path, tempo_bpm: float
) -> None:
    upright, leant = (leaning(tmp_path / str(ms), ms)[0] for ms in (0.0, -10.0))
    late_ticks = round(0.010 * tempo_bpm / 60 * PPQN)
    pairs = [
        (as_learnt, sounding)
        for hits, others in zip(
            *(perform(drummer, ROCK, 4 * BAR, tempo_bpm=tempo_bpm) for drummer in (upright, leant)),
            strict=True,
        )
        for as_learnt, sounding in zip(hits, others, strict=True)
    ]
    assert len(pairs) > BAR
    for as_learnt, sounding in pairs:
        due = min(MICROTIMING_MAX_TICKS, as_learnt.microtiming_ticks + late_ticks)
        assert sounding == replace(as_learnt, microtiming_ticks=due)


@pytest.mark.parametrize("lean_ms", [0.0, -10.0])
def test_the_network_hears_hits_that_lean_as_its_recordings_did(
    tmp_path: Path, lean_ms: float
) -> None:
    drummer, network = leaning(tmp_path, lean_ms)
    steps = perform(drummer, ROCK, 2 * BAR)
    lean = round(lean_ms / 1000 * 2 * PPQN)
    for sounded, heard in zip(steps, network.heard[1:], strict=False):
        for hit in sounded:
            late = heard[2 * LANES + hit.lane] * (TICKS_PER_STEP / 2)
            assert late == pytest.approx(hit.microtiming_ticks + lean, abs=0.01)


def test_on_the_grid_is_on_the_grid_and_is_heard_as_leaning(tmp_path: Path) -> None:
    drummer, network = leaning(tmp_path, -10.0)
    steps = perform(drummer, replace(ROCK, humanise=0.0), 2 * BAR)
    assert {hit.microtiming_ticks for hits in steps for hit in hits} == {0}
    for sounded, heard in zip(steps, network.heard[1:], strict=False):
        for hit in sounded:
            late = heard[2 * LANES + hit.lane] * (TICKS_PER_STEP / 2)
            assert late == pytest.approx(-134, abs=0.01)


def test_the_phrase_in_its_ears_leans_too(tmp_path: Path) -> None:
    drummer, network = leaning(tmp_path, -10.0)
    drummer.play(drummer.start(SEED), Place(0, FOUR_FOUR, 120.0), JAZZ)
    half_step_ticks = TICKS_PER_STEP / 2
    ride = 8
    assert network.heard[5][2 * LANES + ride] * half_step_ticks == pytest.approx(-184, abs=0.01)
    mean_of_the_bar_before = network.heard[0][82] * half_step_ticks
    assert mean_of_the_bar_before == pytest.approx(-134, abs=0.01)


# genres and states


def test_an_unknown_genre_is_answered_with_the_known_ones(toy: LstmDrummer) -> None:
    with pytest.raises(ConfigError, match=r"expected one of the genres rock, latin.*got 'polka'"):
        perform(toy, replace(ROCK, genre=(("polka", 1.0),)), 1)


def test_a_state_cannot_be_written_to(toy: LstmDrummer) -> None:
    state = toy.start(SEED)
    _, state = toy.play(state, Place(0, FOUR_FOUR, 120.0), ROCK)
    arrays = [state.network, state.nameless, state.key, state.window]
    for array in [*arrays, *state.past.blocks, state.past.begun]:
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0


def kept_and_recalled(drummer: LstmDrummer, state: DrummerState) -> DrummerState:
    file = io.BytesIO()
    kept: dict[str, Any] = drummer.keep(state)
    np.savez(file, **kept)
    with np.load(io.BytesIO(file.getvalue()), allow_pickle=False) as arrays:
        return drummer.recall(arrays)


def test_from_a_kept_state_the_same_notes_follow(toy: LstmDrummer) -> None:
    state = toy.start(SEED)
    for index in range(40):
        _, state = toy.play(state, Place(index, FOUR_FOUR, 120.0), ROCK)
    other = kept_and_recalled(toy, state)
    assert np.array_equal(other.past.rows(), state.past.rows())
    assert other.past.heard_steps == state.past.heard_steps == 39
    for index in range(40, 80):
        hits, state = toy.play(state, Place(index, FOUR_FOUR, 120.0), ROCK)
        again, other = toy.play(other, Place(index, FOUR_FOUR, 120.0), ROCK)
        assert hits == again


def test_a_state_of_another_size_is_refused(toy: LstmDrummer) -> None:
    arrays = toy.keep(toy.start(SEED))
    with pytest.raises(ValueError, match="numbers for past"):
        toy.recall({**arrays, "past": np.zeros((2, 2))})


# the shipped network


@pytest.mark.parametrize("back_to", [0, 7, 16, 47])
def test_the_trained_drummer_rewound_plays_the_same_notes_again(
    trained: LstmDrummer, back_to: int
) -> None:
    take = Take(trained, 0, trained.start(SEED))
    places = [Place(index, FOUR_FOUR, 120.0) for index in range(48)]
    before = [take.extend(place, ROCK) for place in places]
    take.rewind(back_to)
    assert [take.extend(place, ROCK) for place in places[back_to:]] == before[back_to:]


@pytest.mark.parametrize(
    ("density", "genre"),
    [(0.1, "rock"), (0.9, "rock"), (0.5, "jazz"), (0.1, "funk"), (0.9, "jazz")],
)
def test_the_trained_drummer_keeps_to_the_density_for_64_bars(
    trained: LstmDrummer, card: Card, genre: str, density: float
) -> None:
    controls = ControlState(((genre, 1.0),), density=density)
    realised = mean_hits(perform(trained, controls, 64 * BAR))
    # At a density of 10 % some 110 hits are counted, so that chance alone is worth 10 %.
    tolerance = 0.25 if density < 0.2 else 0.08
    due = card.hits_per_step[genre] * 2 * density
    assert realised == pytest.approx(due, rel=tolerance)


def test_the_trained_drummer_plays_loud_and_soft_early_and_late(trained: LstmDrummer) -> None:
    hits = [hit for step in perform(trained, ROCK, 16 * BAR) for hit in step]
    velocities = [hit.velocity for hit in hits]
    assert np.percentile(velocities, 90) - np.percentile(velocities, 10) > 40
    assert np.std([hit.microtiming_ticks for hit in hits]) > 100


HATS = frozenset({2, 3})
OTHERS = frozenset(range(9)) - HATS
CRASH = frozenset({7})


def test_a_forbidden_lane_rests_and_a_required_one_is_struck(trained: LstmDrummer) -> None:
    take = Take(trained, 0, trained.start(SEED))
    for index in range(4 * BAR):
        place = Place(index, FOUR_FOUR, 120.0)
        if index % BAR:
            take.extend(replace(place, forbidden=OTHERS), ROCK)
        else:
            take.extend(replace(place, required=CRASH), ROCK)
    for index in range(4 * BAR):
        lanes = {hit.lane for hit in take.hits(index)}
        assert lanes >= CRASH if index % BAR == 0 else lanes <= HATS


def test_hits_missing_in_a_break_are_not_made_up_for_after_it(trained: LstmDrummer) -> None:
    def hits(break_steps: range) -> float:
        take = Take(trained, 0, trained.start(SEED))
        for index in range(16 * BAR):
            forbidden = OTHERS if index in break_steps else frozenset()
            take.extend(Place(index, FOUR_FOUR, 120.0, forbidden=forbidden), ROCK)
        return mean_hits([take.hits(index) for index in range(10 * BAR, 12 * BAR)])

    assert hits(range(8 * BAR, 10 * BAR)) < 1.5 * hits(range(0))


def landing(drummer: LstmDrummer, accent: Accent | None, genre: str, seed: int) -> tuple[int, ...]:
    """The lanes of the one that a fill of two beats arrives on, in the third bar."""
    take, controls = Take(drummer, 0, drummer.start(seed)), ControlState(((genre, 1.0),))
    for index in range(2 * BAR):
        filled = Fill(2 * BAR - 8, 2 * BAR) if index >= 2 * BAR - 8 else None
        take.extend(Place(index, FOUR_FOUR, 120.0, filled), controls)
    one = take.extend(Place(2 * BAR, FOUR_FOUR, 120.0, accent=accent), controls)
    return tuple(hit.lane for hit in one)


@pytest.mark.parametrize("genre", ["rock", "funk", "hiphop", "samba"])
@pytest.mark.parametrize("beats", [1, 2, 4])
def test_no_fill_is_thinner_than_the_groove_before_it(
    trained: LstmDrummer, genre: str, beats: int
) -> None:
    take, controls = Take(trained, 0, trained.start(SEED)), ControlState(((genre, 1.0),))
    first, end = 6 * BAR - 4 * beats, 6 * BAR
    for index in range(end):
        filled = Fill(first, end) if index >= first else None
        take.extend(Place(index, FOUR_FOUR, 110.0, filled), controls)
    fill = sum(len(take.hits(index)) for index in range(first, end))
    bars = [range(first - bars * BAR, end - bars * BAR) for bars in (1, 2, 3, 4)]
    assert fill >= sum(len(take.hits(index)) for bar in bars for index in bar) / len(bars)
    assert fill > 0


def test_a_fill_that_was_asked_for_arrives_on_crash_and_kick(trained: LstmDrummer) -> None:
    landings = [landing(trained, Accent.ASKED, "funk", seed) for seed in range(12)]
    assert sum({LANE["kick"], LANE["crash"]} <= set(lanes) for lanes in landings) >= 10


def test_where_people_seldom_crash_a_fill_arrives_on_a_cymbal_of_the_drummers(
    trained: LstmDrummer,
) -> None:
    cymbals = {LANE["crash"], LANE["ride"], LANE["open-hat"]}
    landings = [set(landing(trained, Accent.ASKED, "jazz", seed)) for seed in range(12)]
    assert sum(LANE["kick"] in lanes and bool(cymbals & lanes) for lanes in landings) >= 10
    assert any(LANE["crash"] not in lanes for lanes in landings)


def test_a_fill_of_its_own_arrives_on_a_crash_as_often_as_peoples(trained: LstmDrummer) -> None:
    landings = [landing(trained, Accent.USUAL, "funk", seed) for seed in range(24)]
    assert 4 <= sum(LANE["crash"] in lanes for lanes in landings) <= 15


def test_a_density_of_zero_is_silent_even_in_a_fill(toy: LstmDrummer) -> None:
    silent = replace(ROCK, density=0.0)
    assert not any(perform(toy, silent, BAR, fill=True))


def test_a_fill_is_played_more_firmly_than_the_groove_and_builds(trained: LstmDrummer) -> None:
    funk = ControlState((("funk", 1.0),))
    groove, fills = (
        [perform(trained, funk, BAR, seed=seed, fill=fill) for seed in range(6)]
        for fill in (False, True)
    )

    def loudness(bars: list[list[Hits]], steps: slice) -> float:
        return float(np.mean([hit.velocity for bar in bars for hits in bar[steps] for hit in hits]))

    assert loudness(fills, slice(8, 16)) > loudness(groove, slice(8, 16))
    assert loudness(fills, slice(8, 16)) > loudness(fills, slice(0, 8))


HAT = LANE["closed-hat"]
LOCKED = frozenset({HAT, LANE["open-hat"]})
STEADY = (Hit(HAT, 77, -40, 0),)


def locked_take(drummer: LstmDrummer, controls: ControlState, bars: int) -> list[Hits]:
    """A hat on each eighth, locked, and what is played to it."""
    take = Take(drummer, 0, drummer.start(SEED))
    return [
        take.extend(
            Place(step, FOUR_FOUR, 120.0, locked=LOCKED, given=() if step % 2 else STEADY), controls
        )
        for step in range(bars * BAR)
    ]


@pytest.mark.parametrize("density", [0.0, 0.5, 1.0])
def test_locked_lanes_are_played_as_they_are_given_at_every_density(
    toy: LstmDrummer, density: float
) -> None:
    for step, hits in enumerate(locked_take(toy, replace(ROCK, density=density), 16)):
        given_hits = tuple(hit for hit in hits if hit.lane in LOCKED)
        assert given_hits == (() if step % 2 else STEADY)


def test_density_is_that_of_the_lanes_that_are_not_locked(toy: LstmDrummer) -> None:
    """As asked for once the take has stated its theme, which says how many are due there."""
    own = {}
    for density in (0.0, 0.25, 0.5):
        take = Take(toy, 0, toy.start(SEED))
        for step in range(16 * BAR):
            take.extend(Place(step, FOUR_FOUR, 120.0), ROCK)
        played = [
            take.extend(
                Place(step, FOUR_FOUR, 120.0, locked=LOCKED, given=() if step % 2 else STEADY),
                replace(ROCK, density=density),
            )
            for step in range(16 * BAR, 64 * BAR)
        ]
        own[density] = sum(hit.lane not in LOCKED for hits in played[4 * BAR :] for hit in hits)
    assert own[0.0] == 0
    assert own[0.25] == pytest.approx(own[0.5] / 2, rel=0.15)


def test_to_a_hat_by_stick_only_one_hand_is_free(toy: LstmDrummer) -> None:
    by_hand = set(LANE.values()) - {LANE["kick"], HAT}
    for hits in locked_take(toy, replace(ROCK, density=1.0, temperature=2.5), 16)[::2]:
        assert len(by_hand & {hit.lane for hit in hits}) <= 1


def test_what_was_locked_at_different_times_is_played_though_it_needs_three_hands(
    toy: LstmDrummer,
) -> None:
    given_hits = (Hit(1, 90), *STEADY, Hit(4, 80))
    place = Place(0, FOUR_FOUR, 120.0, locked=frozenset({1, HAT, 4}), given=given_hits)
    hits, _ = toy.play(toy.start(SEED), place, ROCK)
    assert set(given_hits) <= set(hits)


def test_the_likelihood_is_what_the_network_gave_its_draw(toy: LstmDrummer) -> None:
    state = toy.start(SEED)
    likelihoods = []
    for index in range(4 * BAR):
        hits, state = toy.play(state, Place(index, FOUR_FOUR, 120.0), ROCK)
        likelihood = toy.likelihood(state)
        assert likelihood is not None
        assert 0 < likelihood <= 1
        likelihoods.append((likelihood, bool(hits)))
        assert toy.likelihood(toy.feed(state, ())) is None, "it did not draw what it is given"
    usual = [likelihood for likelihood, _ in likelihoods]
    assert max(usual) > 2 * min(usual)


def test_with_another_seed_the_same_drummer_goes_on_otherwise(toy: LstmDrummer) -> None:
    take = Take(toy, 0, toy.start(SEED))
    for index in range(BAR):
        take.extend(Place(index, FOUR_FOUR, 120.0), ROCK)
    state = take.state(BAR)
    found = []
    for seed in (SEED, SEED + 1, SEED + 1):
        other = Take(toy, BAR, toy.reseed(state, seed))
        for index in range(BAR, 3 * BAR):
            other.extend(Place(index, FOUR_FOUR, 120.0), ROCK)
        found.append([other.hits(index) for index in range(BAR, 3 * BAR)])
    assert found[0] != found[1] == found[2]

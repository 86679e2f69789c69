"""The shipped network through the real runtime; see `test_drummer` for the music."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from polyrhythmia_live.drummer.card import DEFAULT_MODEL, Card
from polyrhythmia_live.drummer.lstm.encoding import (
    ARTICULATIONS,
    FEATURES,
    HISTORY_STEPS,
    LANES,
    MASK_LANES,
    MASKS,
    MICROTIMING_BINS,
    STEP_WIDTH,
    VELOCITY_BINS,
    Floats,
)
from polyrhythmia_live.drummer.lstm.past import Recollection, recollect
from polyrhythmia_live.drummer.lstm.runtime import Expectation, StepNetwork
from polyrhythmia_live.drummer.open import load_card
from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.testing.drummers import FOUR_FOUR, toy_card

FEATURE_ROW = np.linspace(0, 1, FEATURES, dtype=np.float32)


@pytest.fixture(scope="module")
def card() -> Card:
    return load_card(DEFAULT_MODEL)


@pytest.fixture(scope="module")
def network(card: Card) -> StepNetwork:
    return StepNetwork(card)


@pytest.fixture(scope="module")
def two_bars(card: Card) -> Recollection:
    """A memory of two bars of 4/4."""
    numbers = np.random.default_rng(0).random((HISTORY_STEPS, STEP_WIDTH + card.key_size))
    return recollect(numbers.round().astype(np.float32), 32, FOUR_FOUR)


def silence(card: Card) -> Recollection:
    return recollect(
        np.zeros((HISTORY_STEPS, STEP_WIDTH + card.key_size), np.float32), 0, FOUR_FOUR
    )


def arrays(said: Expectation) -> list[Floats]:
    return [said.logits, said.top, said.next_state, said.key]


def test_a_step_gives_odds_for_every_mask_a_state_and_a_key(
    network: StepNetwork, card: Card, two_bars: Recollection
) -> None:
    state = np.zeros(card.state_size, np.float32)
    said = network.step(FEATURE_ROW, state, two_bars)
    assert said.logits.shape == (MASKS,)
    assert said.top.shape == (card.top_size,)
    assert said.next_state.shape == state.shape
    assert said.key.shape == (card.key_size,)
    assert said.next_state.any()
    assert said.key.any()


def test_two_listeners_who_are_told_differently_expect_what_each_would_alone(
    network: StepNetwork, card: Card, two_bars: Recollection
) -> None:
    features = (FEATURE_ROW, FEATURE_ROW[::-1].copy())
    states = (
        np.zeros(card.state_size, np.float32),
        np.full(card.state_size, 0.1, np.float32),
    )
    together = network.both(features, states, two_bars, 1.0)
    alone = [
        network.step(told, state, two_bars, 1.0)
        for told, state in zip(features, states, strict=True)
    ]
    for one, other in zip(together, alone, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(arrays(one), arrays(other), strict=True))
    assert not np.array_equal(together[0].logits, together[1].logits)


def test_the_details_of_a_mask_have_bins_per_lane(network: StepNetwork, card: Card) -> None:
    top = np.zeros(card.top_size, np.float32)
    velocity, microtiming, articulation = network.details(top, MASK_LANES[5])
    assert velocity.shape == (LANES, VELOCITY_BINS)
    assert microtiming.shape == (LANES, MICROTIMING_BINS)
    assert articulation.shape == (LANES, ARTICULATIONS)


def test_the_more_stability_the_likelier_is_what_was_played_there_before(
    network: StepNetwork, card: Card, two_bars: Recollection
) -> None:
    state = np.zeros(card.state_size, np.float32)
    masks = two_bars.recalled[:2, :LANES] @ (1 << np.arange(LANES))
    shares = []
    for stability in (-4.0, 0.0, 4.0):
        logits = network.step(FEATURE_ROW, state, two_bars, stability).logits.astype(np.float64)
        odds = np.exp(logits - logits.max())
        shares.append(float(odds[np.unique(masks.astype(int))].sum() / odds.sum()))
    assert shares[0] < shares[1] < shares[2]


def test_with_nothing_to_copy_stability_changes_nothing(network: StepNetwork, card: Card) -> None:
    state = np.zeros(card.state_size, np.float32)
    low, high = (
        network.step(FEATURE_ROW, state, silence(card), stability).logits
        for stability in (-4.0, 4.0)
    )
    assert np.array_equal(low, high)


def test_bars_that_were_not_played_mean_nothing_to_the_network(
    network: StepNetwork, card: Card, two_bars: Recollection
) -> None:
    state = np.zeros(card.state_size, np.float32)
    recalled, keys = two_bars.recalled.copy(), two_bars.keys.copy()
    recalled[2:], keys[2:] = 0.0, 0.0
    told = network.step(FEATURE_ROW, state, two_bars)
    spared = network.step(FEATURE_ROW, state, Recollection(keys, recalled, two_bars.played))
    assert all(np.array_equal(a, b) for a, b in zip(arrays(told), arrays(spared), strict=True))


def test_a_result_is_not_touched_by_the_next_call(
    network: StepNetwork, card: Card, two_bars: Recollection
) -> None:
    state = np.zeros(card.state_size, np.float32)
    first = network.step(FEATURE_ROW, state, two_bars)
    copies = [np.array(result) for result in arrays(first)]
    network.step(-FEATURE_ROW, first.next_state, silence(card), 2.0)
    assert all(np.array_equal(a, b) for a, b in zip(arrays(first), copies, strict=True))


def test_the_same_step_twice_gives_the_same_numbers(
    network: StepNetwork, card: Card, two_bars: Recollection
) -> None:
    state = np.full(card.state_size, 0.1, np.float32)
    once, again = (arrays(network.step(FEATURE_ROW, state, two_bars)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))


def test_a_network_that_gives_no_numbers_is_an_arithmetic_error(
    network: StepNetwork, card: Card, two_bars: Recollection
) -> None:
    state = np.full(card.state_size, np.nan, np.float32)
    with pytest.raises(FloatingPointError, match="not finite"):
        network.step(FEATURE_ROW, state, two_bars)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"expected a LiteRT network .*toy\.tflite"):
        StepNetwork(toy_card(tmp_path))


def test_a_network_of_another_size_than_its_card_says_is_refused(
    card: Card, tmp_path: Path
) -> None:
    entries = json.loads(card.path.read_text())
    content = card.step_path.read_bytes()
    for role, path in (("step", card.step_path), ("details", card.details_path)):
        (tmp_path / path.name).write_bytes(content)
        entries["files"][role]["sha256"] = hashlib.sha256(content).hexdigest()
    (tmp_path / "copy.json").write_text(json.dumps(entries))
    with pytest.raises(CheckpointError, match="to have the tensors"):
        StepNetwork(load_card("copy", tmp_path))


def test_loading_a_network_writes_nothing_on_the_terminal(
    card: Card, capfd: pytest.CaptureFixture[str]
) -> None:
    StepNetwork(card)
    assert capfd.readouterr() == ("", "")

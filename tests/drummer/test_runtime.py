"""The shipped network through the real runtime; see `test_lstm` for the music."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from polyrhythmia_live.drummer.checkpoint import Checkpoint, load_checkpoint, model_names
from polyrhythmia_live.drummer.encoding import (
    ARTICULATIONS,
    FEATURES,
    LANES,
    MASK_LANES,
    MASKS,
    MICROTIMING_BINS,
    VELOCITY_BINS,
)
from polyrhythmia_live.drummer.runtime import StepNetwork
from polyrhythmia_live.errors import CheckpointError
from tests.drummer.doubles import toy_checkpoint

FEATURE_ROW = np.linspace(0, 1, FEATURES, dtype=np.float32)


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return load_checkpoint(model_names()[0])


@pytest.fixture(scope="module")
def network(checkpoint: Checkpoint) -> StepNetwork:
    return StepNetwork(checkpoint)


def test_a_step_gives_odds_for_every_mask_and_a_state(
    network: StepNetwork, checkpoint: Checkpoint
) -> None:
    state = np.zeros(checkpoint.state_size, np.float32)
    logits, top, next_state = network.step(FEATURE_ROW, state)
    assert logits.shape == (MASKS,)
    assert top.shape == (checkpoint.top_size,)
    assert next_state.shape == state.shape
    assert next_state.any()


def test_the_details_of_a_mask_have_bins_per_lane(
    network: StepNetwork, checkpoint: Checkpoint
) -> None:
    top = np.zeros(checkpoint.top_size, np.float32)
    velocity, microtiming, articulation = network.details(top, MASK_LANES[5])
    assert velocity.shape == (LANES, VELOCITY_BINS)
    assert microtiming.shape == (LANES, MICROTIMING_BINS)
    assert articulation.shape == (LANES, ARTICULATIONS)


def test_a_result_is_not_touched_by_the_next_call(
    network: StepNetwork, checkpoint: Checkpoint
) -> None:
    state = np.zeros(checkpoint.state_size, np.float32)
    first = network.step(FEATURE_ROW, state)
    copies = [np.array(result) for result in first]
    network.step(-FEATURE_ROW, first[2])
    assert all(np.array_equal(a, b) for a, b in zip(first, copies, strict=True))


def test_the_same_step_twice_gives_the_same_numbers(
    network: StepNetwork, checkpoint: Checkpoint
) -> None:
    state = np.full(checkpoint.state_size, 0.1, np.float32)
    once, again = (network.step(FEATURE_ROW, state) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))


def test_a_network_that_gives_no_numbers_is_an_arithmetic_error(
    network: StepNetwork, checkpoint: Checkpoint
) -> None:
    state = np.full(checkpoint.state_size, np.nan, np.float32)
    with pytest.raises(FloatingPointError, match="not finite"):
        network.step(FEATURE_ROW, state)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"expected a LiteRT network .*toy\.tflite"):
        StepNetwork(toy_checkpoint(tmp_path))


def test_a_network_of_another_size_than_its_card_says_is_refused(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    card = json.loads(checkpoint.step_path.with_suffix(".json").read_text())
    content = checkpoint.step_path.read_bytes()
    for role, path in (("step", checkpoint.step_path), ("details", checkpoint.details_path)):
        (tmp_path / path.name).write_bytes(content)
        card["files"][role]["sha256"] = hashlib.sha256(content).hexdigest()
    (tmp_path / "copy.json").write_text(json.dumps(card))
    with pytest.raises(CheckpointError, match="to have the tensors"):
        StepNetwork(load_checkpoint("copy", tmp_path))


def test_loading_a_network_writes_nothing_on_the_terminal(
    checkpoint: Checkpoint, capfd: pytest.CaptureFixture[str]
) -> None:
    StepNetwork(checkpoint)
    assert capfd.readouterr() == ("", "")

"""One step of the network that plays live, against the usual ways to call it from Keras.

All ways get the same inputs, in turns, each on one core: a live step, which is the network twice at
once, told the genre and not told. Keras's ways are given the same network with fresh weights: what
a step costs does not depend on them.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import numpy as np

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.drummer.card import DEFAULT_MODEL, Card
from polyrhythmia_live.drummer.lstm.drummer import LstmDrummer
from polyrhythmia_live.drummer.lstm.encoding import FEATURES, MEMORY_BARS, RECALLED_WIDTH
from polyrhythmia_live.drummer.lstm.past import Recollection
from polyrhythmia_live.drummer.lstm.runtime import StepNetwork
from polyrhythmia_live.drummer.open import load_card
from polyrhythmia_live.drummer.take import Take
from polyrhythmia_live.rhythm.meter import Meter

ROUNDS = 25
HORIZON_STEPS = 32
LIVE, PREDICT, CALL, GRAPH, HORIZON = (
    "this daemon (LiteRT)",
    "Keras predict",
    "Keras model(x)",
    "tf.function",
    "two bars, hits and all",
)
MARKS = {PREDICT: 300, CALL: 40, GRAPH: 10}
"""How many times slower than ours each should be."""

Step = Callable[[], object]


def measure() -> tuple[dict[str, Any], str]:
    """The figures and a table of them."""
    card = load_card(DEFAULT_MODEL)
    with _one_core():
        ways = {**_ours(card), **_keras(card)}
        seconds = _in_turns(ways)
    live = seconds[LIVE]
    figures: dict[str, Any] = {
        name: {"ms": 1000 * each, "ratio": each / live} for name, each in seconds.items()
    }
    figures["horizon_per_predict"] = seconds[HORIZON] / seconds[PREDICT]
    return figures, _table(card, figures)


@contextmanager
def _one_core() -> Iterator[None]:
    """Where the system can, keep this process on one of the cores it may use."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _in_turns(ways: Mapping[str, tuple[int, Step]]) -> dict[str, float]:
    """The median seconds of one call of each."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _, step in ways.values():
        step()
    for _ in range(ROUNDS):
        for name, (calls, step) in ways.items():
            began = time.perf_counter()
            for _ in range(calls):
                step()
            taken[name].append((time.perf_counter() - began) / calls)
    return {name: statistics.median(each) for name, each in taken.items()}


def _ours(card: Card) -> dict[str, tuple[int, Step]]:
    network = StepNetwork(card)
    features = np.zeros(FEATURES, np.float32)
    state = np.zeros(card.state_size, np.float32)
    remembered = Recollection(
        np.zeros((MEMORY_BARS, card.key_size), np.float32),
        np.zeros((MEMORY_BARS, RECALLED_WIDTH), np.float32),
        np.ones(MEMORY_BARS, np.float32),
    )
    drummer = LstmDrummer(card)
    controls = ControlState(((card.genres[0], 1.0),))
    meter = Meter()
    take = Take(drummer, 0, drummer.start(1))

    def play(steps: int) -> None:
        for index in range(take.end_index, take.end_index + steps):
            take.extend(Place(index, meter, 120.0), controls)

    def regenerate() -> None:
        take.rewind(HORIZON_STEPS)
        play(HORIZON_STEPS)

    play(HORIZON_STEPS)
    return {
        LIVE: (50, lambda: network.both((features, features), (state, state), remembered)),
        HORIZON: (1, regenerate),
    }


def _keras(card: Card) -> dict[str, tuple[int, Step]]:
    from polyrhythmia_live.training.learn.backend import tf
    from polyrhythmia_live.training.learn.network import NetworkConfig, build_network

    entries = json.loads(card.path.read_text())
    step = build_network(NetworkConfig(**entries["config"])).step
    arrays = [np.zeros(tensor.shape, np.float32) for tensor in step.inputs]
    tensors = [tf.constant(array) for array in arrays]
    graph = tf.function(lambda *inputs: step(list(inputs)))
    return {
        PREDICT: (1, lambda: step.predict(arrays, verbose=0)),
        CALL: (3, lambda: step(tensors)["logits"].numpy()),
        GRAPH: (20, lambda: graph(*tensors)["logits"].numpy()),
    }


def _table(card: Card, figures: Mapping[str, Any]) -> str:
    lines = [
        f"one step of {card.name}, one core, medians of {ROUNDS} turns",
        f"{'':24}{'ms':>9}{'x ours':>9}{'goal':>7}",
    ]
    for name in (LIVE, GRAPH, CALL, PREDICT):
        goal = f"{MARKS[name]}" if name in MARKS else ""
        row = figures[name]
        lines.append(f"{name:24}{row['ms']:9.3f}{row['ratio']:9.1f}{goal:>7}")
    lines.append(
        f"{HORIZON:24}{figures[HORIZON]['ms']:9.1f} ms = {figures['horizon_per_predict']:.2f} of "
        "one predict (goal: below 1)"
    )
    return "\n".join(lines)

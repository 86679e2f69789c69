"""A drummer without a network, and a network without weights."""

from __future__ import annotations

import hashlib
import json
import random
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Place
from polyrhythmia_live.drummer.card import Card
from polyrhythmia_live.drummer.lstm.encoding import (
    ARTICULATIONS,
    ENCODING_VERSION,
    FEATURES,
    LANES,
    MASKS,
    MICROTIMING_BINS,
    VELOCITY_BINS,
    Floats,
    mask_of,
)
from polyrhythmia_live.drummer.lstm.past import Recollection
from polyrhythmia_live.drummer.lstm.runtime import Expectation, Pair
from polyrhythmia_live.drummer.open import load_card
from polyrhythmia_live.drummer.styles import STYLES
from polyrhythmia_live.rhythm.bar import Hit, Hits
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.rhythm.meter_map import MeterMap

ROCK = ControlState((("rock", 1.0),))
FOUR_FOUR = Meter(4, 4)
IN_FOUR = MeterMap.of(FOUR_FOUR)
SEED = 7


@dataclass(frozen=True)
class Memory:
    """All that was heard, as a checksum, and the last step."""

    seed: int
    before: int = 0
    last: Hits = ()
    steps: int = 0

    @property
    def checksum(self) -> int:
        return zlib.crc32(repr(self.last).encode(), self.before)


class DiceDrummer:
    """Throws dice that depend on everything heard, on the place and on the controls."""

    genres: tuple[str, ...] = ("rock", "jazz", "funk")

    def __init__(self) -> None:
        self.played: list[Place] = []

    def start(self, seed: int) -> Memory:
        return Memory(seed)

    def play(self, state: Memory, place: Place, controls: ControlState) -> tuple[Hits, Memory]:
        self.played.append(place)
        dice = random.Random(f"{state} {place} {controls}")
        hits = tuple(
            Hit(lane, dice.randint(1, 127)) for lane in range(9) if dice.random() < controls.density
        )
        hits = place.with_given(hits)
        return hits, Memory(state.seed, state.checksum, hits, state.steps + 1)

    def feed(self, state: Memory, hits: Hits) -> Memory:
        return replace(state, last=hits)

    def overhear(self, state: Memory, hits: Hits) -> Memory:
        return replace(state, last=hits)

    def likelihood(self, state: Memory) -> float | None:
        return 0.5

    def reseed(self, state: Memory, seed: int) -> Memory:
        return replace(state, seed=seed)

    def shifted(self, state: Memory, steps: int) -> Memory:
        return state

    def keep(self, state: Memory) -> dict[str, NDArray[Any]]:
        last = [list(asdict(hit).values()) for hit in state.last]
        return {
            "numbers": np.array([state.seed, state.before, state.steps]),
            "last": np.array(last, np.int64).reshape(-1, len(fields(Hit))),
        }

    def recall(self, arrays: Mapping[str, NDArray[Any]]) -> Memory:
        seed, before, steps = map(int, arrays["numbers"])
        return Memory(seed, before, tuple(Hit(*map(int, row)) for row in arrays["last"]), steps)


class ToyNetwork:
    """Kick on the beat, hat on the eighths, and anything now and then.

    It remembers its steps: it likes to play what it played there after a step like the last one,
    in the latest bar that has one, and the more so the more stability is asked for.
    """

    state_size = 4
    top_size = 3
    key_size = 2

    def step(
        self, features: Floats, state: Floats, recollection: Recollection, stability: float
    ) -> Expectation:
        on_the_beat = features[83]
        logits = np.full(MASKS, -4.0, np.float32)
        logits[0b000000001] = 3.0 * on_the_beat
        logits[0b000000101] = 2.0 * on_the_beat
        logits[0b000000100] = 2.0 - features[0]
        logits[0] = 2.0
        next_state = np.tanh(state + features[:4] + 0.1).astype(np.float32)
        key = next_state[: self.key_size]
        if recollection.played.any():
            likeness = np.where(recollection.played, recollection.keys @ key, -np.inf)
            found = recollection.recalled[int(likeness.argmax()), :LANES]
            logits[mask_of(np.flatnonzero(found).tolist())] += 1.5 + stability / 4
        return Expectation(logits, next_state[:3], next_state, key)

    def both(
        self, features: Pair, states: Pair, recollection: Recollection, stability: float
    ) -> tuple[Expectation, Expectation]:
        one, other = (
            self.step(read, state, recollection, stability)
            for read, state in zip(features, states, strict=True)
        )
        return one, other

    def details(self, top: Floats, mask: Floats) -> tuple[Floats, Floats, Floats]:
        loud = np.tile(np.linspace(-2, 2, VELOCITY_BINS), (LANES, 1))
        late = np.tile(-np.abs(np.arange(MICROTIMING_BINS) - 18.0) / 2, (LANES, 1))
        plain = np.tile(np.array([2.0] + [0.0] * (ARTICULATIONS - 1)), (LANES, 1))
        return loud.astype(np.float32), late.astype(np.float32), plain.astype(np.float32)


def toy_entries(folder: Path) -> dict[str, Any]:
    """The card of a toy model in a folder, whose network files are only good for hashing."""
    files = {}
    for role, name in (("step", "toy.tflite"), ("details", "toy-details.tflite")):
        content = f"the {role} network".encode()
        (folder / name).write_bytes(content)
        files[role] = {"name": name, "sha256": hashlib.sha256(content).hexdigest()}
    even = {"lane_shares": [[1 / LANES] * LANES] * 4, "crash": 0.5}
    rates = {"any": 1.0} | dict.fromkeys(STYLES, 1.0)
    return {
        "encoding_version": ENCODING_VERSION,
        "top_size": ToyNetwork.top_size,
        "key_size": ToyNetwork.key_size,
        "lean_ms": 0.0,
        "features": FEATURES,
        "state_size": ToyNetwork.state_size,
        "genres": list(STYLES),
        "files": files,
        "hits_per_step": {"beat": rates | {"jazz": 0.5}, "fill": rates | {"rock": 1.5}},
        "tempo_bpm": {"any": 110.0} | dict.fromkeys(STYLES, 110.0) | {"samba": 89.0},
        "fills": dict.fromkeys(rates, even),
        "primers": {"jazz": [{"hits": [[0, 8, 90, 0, 0], [4, 8, 100, -50, 1], [20, 1, 30, 0, 2]]}]},
    }


def toy_card(folder: Path, **changes: Any) -> Card:
    """A toy model, written and loaded again."""
    card = toy_entries(folder) | changes
    (folder / "toy.json").write_text(json.dumps(card))
    return load_card("toy", folder)

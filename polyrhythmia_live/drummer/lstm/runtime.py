"""The one door to LiteRT, which runs an exported network.

Live, a network is called for one step at a time, so a second thread would only cost hand-overs, and
would take the core on which the player keeps time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from polyrhythmia_live.drummer.card import Card
from polyrhythmia_live.drummer.lstm.encoding import (
    ARTICULATIONS,
    FEATURES,
    LANES,
    LISTENERS,
    MASKS,
    MEMORY_BARS,
    MICROTIMING_BINS,
    RECALLED_WIDTH,
    VELOCITY_BINS,
    Floats,
)
from polyrhythmia_live.drummer.lstm.past import Recollection
from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.system.quiet import quiet_stderr

THREADS = 1

Shapes = dict[str, tuple[int, ...]]
Pair = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What a network makes of a step: logits of the lane masks (512,), what the details need of it,
    the next state, and the key by which the step is found again."""

    logits: Floats
    top: Floats
    next_state: Floats
    key: Floats


class Network(Protocol):
    """What the drummer asks of a trained network; all arrays are float32, without a batch axis."""

    def step(
        self, features: Floats, state: Floats, recollection: Recollection, stability: float
    ) -> Expectation:
        """One step on. `stability` is added to the log-odds of copying an earlier bar."""
        ...

    def both(
        self, features: Pair, states: Pair, recollection: Recollection, stability: float
    ) -> tuple[Expectation, Expectation]:
        """The same step of two listeners with one memory who are told different things."""
        ...

    def details(self, top: Floats, mask: Floats) -> tuple[Floats, Floats, Floats]:
        """Logits (9, bins) of velocity, microtiming and articulation of a mask's hits (9,)."""
        ...


class StepNetwork:
    """A card's two networks, loaded.

    Raises CheckpointError for a file that LiteRT cannot load or whose tensors are not the expected
    ones, and FloatingPointError where a network says NaN or infinity. Results belong to the caller:
    the runtime copies them out of the interpreter's memory, which the next call overwrites.

    Threads: one at a time.
    """

    def __init__(self, card: Card) -> None:
        state = (LISTENERS, card.state_size)
        self._step = _Signature(
            card.step_path,
            {
                "features": (LISTENERS, FEATURES),
                "state": state,
                "keys": (LISTENERS, MEMORY_BARS, card.key_size),
                "recalled": (LISTENERS, MEMORY_BARS, RECALLED_WIDTH),
                "played": (LISTENERS, MEMORY_BARS),
                "stability": (LISTENERS, 1),
            },
            {
                "logits": (LISTENERS, MASKS),
                "top": (LISTENERS, card.top_size),
                "next_state": state,
                "key": (LISTENERS, card.key_size),
            },
        )
        self._details = _Signature(
            card.details_path,
            {"top": (1, card.top_size), "mask": (1, LANES)},
            {
                "velocity": (1, LANES, VELOCITY_BINS),
                "microtiming": (1, LANES, MICROTIMING_BINS),
                "articulation": (1, LANES, ARTICULATIONS),
            },
        )

    def step(
        self, features: Floats, state: Floats, recollection: Recollection, stability: float = 0.0
    ) -> Expectation:
        """One step on; takes as long as `both`."""
        return self.both((features, features), (state, state), recollection, stability)[0]

    def both(
        self, features: Pair, states: Pair, recollection: Recollection, stability: float = 0.0
    ) -> tuple[Expectation, Expectation]:
        """The same step of two listeners with one memory who are told different things."""
        said = self._step(
            features=features,
            state=states,
            keys=recollection.keys,
            recalled=recollection.recalled,
            played=recollection.played,
            stability=stability,
        )
        one, other = (
            Expectation(**{name: rows[listener] for name, rows in said.items()})
            for listener in range(LISTENERS)
        )
        return one, other

    def details(self, top: Floats, mask: Floats) -> tuple[Floats, Floats, Floats]:
        """How a mask's hits are struck: velocity, microtiming and articulation logits (9, bins)."""
        said = self._details(top=top, mask=mask)
        return said["velocity"][0], said["microtiming"][0], said["articulation"][0]


class _Signature:
    """A loaded file, called with its tensors by name.

    An input is one for each of the batch, or one for all. The code is short and plain, because the
    weights have just gone through the processor's caches, so that Python starts cold.
    """

    def __init__(self, path: Path, inputs: Shapes, outputs: Shapes) -> None:
        try:
            # LiteRT announces its CPU kernels whenever an interpreter is made.
            with quiet_stderr():
                self._interpreter = Interpreter(str(path), num_threads=THREADS)
                self._interpreter.allocate_tensors()
            runner = self._interpreter.get_signature_runner()
            found = [runner.get_input_details(), runner.get_output_details()]
        except (ValueError, RuntimeError, TypeError) as error:
            raise CheckpointError(
                f"expected a LiteRT network with one signature, got {path}: {error}; "
                "export the network again"
            ) from error
        for expected, details in zip((inputs, outputs), found, strict=True):
            shapes = {name: tuple(map(int, tensor["shape"])) for name, tensor in details.items()}
            if shapes != expected:
                raise CheckpointError(
                    f"expected {path} to have the tensors {expected}, got {shapes}; "
                    "export the network again"
                )
        self._inputs, self._outputs = (
            {name: int(tensor["index"]) for name, tensor in details.items()} for details in found
        )
        self._buffers = {name: np.empty(shape, np.float32) for name, shape in inputs.items()}
        self._path = path

    def __call__(self, **inputs: Floats | Pair | float) -> dict[str, NDArray[np.float32]]:
        for name, value in inputs.items():
            buffer = self._buffers[name]
            if isinstance(value, tuple):
                buffer[0], buffer[1] = value
            else:
                buffer[...] = value
            self._interpreter.set_tensor(self._inputs[name], buffer)
        self._interpreter.invoke()
        said = {}
        for name, index in self._outputs.items():
            value = self._interpreter.get_tensor(index)
            if not math.isfinite(np.add.reduce(value, axis=None)):
                raise FloatingPointError(f"{self._path.name} gave a {name} that is not finite")
            said[name] = value
        return said

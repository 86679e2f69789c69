"""The one door to LiteRT, which runs an exported network.

Live, a network is called for one step at a time, so a second thread would only cost hand-overs, and
would take the core on which the player keeps time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from polyrhythmia_live.drummer.checkpoint import Checkpoint
from polyrhythmia_live.drummer.encoding import (
    ARTICULATIONS,
    FEATURES,
    LANES,
    MASKS,
    MEMORY_BARS,
    MICROTIMING_BINS,
    RECALLED_WIDTH,
    VELOCITY_BINS,
    Floats,
)
from polyrhythmia_live.drummer.past import Recollection
from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.quiet import quiet_stderr

THREADS = 1

Shapes = dict[str, tuple[int, ...]]


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

    def details(self, top: Floats, mask: Floats) -> tuple[Floats, Floats, Floats]:
        """Logits (9, bins) of velocity, microtiming and articulation of a mask's hits (9,)."""
        ...


class StepNetwork:
    """A checkpoint's two networks, loaded.

    Raises CheckpointError for a file that LiteRT cannot load or whose tensors are not the expected
    ones, and FloatingPointError where a network says NaN or infinity. Results belong to the caller:
    the runtime copies them out of the interpreter's memory, which the next call overwrites.

    Threads: one at a time.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.key_size = checkpoint.key_size
        state = (1, checkpoint.state_size)
        top = (1, checkpoint.top_size)
        self._step = _Signature(
            checkpoint.step_path,
            {
                "features": (1, FEATURES),
                "state": state,
                "keys": (1, MEMORY_BARS, checkpoint.key_size),
                "recalled": (1, MEMORY_BARS, RECALLED_WIDTH),
                "played": (1, MEMORY_BARS),
                "stability": (1, 1),
            },
            {
                "logits": (1, MASKS),
                "top": top,
                "next_state": state,
                "key": (1, checkpoint.key_size),
            },
        )
        self._details = _Signature(
            checkpoint.details_path,
            {"top": top, "mask": (1, LANES)},
            {
                "velocity": (1, LANES, VELOCITY_BINS),
                "microtiming": (1, LANES, MICROTIMING_BINS),
                "articulation": (1, LANES, ARTICULATIONS),
            },
        )

    def step(
        self, features: Floats, state: Floats, recollection: Recollection, stability: float = 0.0
    ) -> Expectation:
        """One step on."""
        said = self._step(
            features=features,
            state=state,
            keys=recollection.keys,
            recalled=recollection.recalled,
            played=recollection.played,
            stability=np.array([stability], np.float32),
        )
        return Expectation(**said)

    def details(self, top: Floats, mask: Floats) -> tuple[Floats, Floats, Floats]:
        """How a mask's hits are struck: velocity, microtiming and articulation logits (9, bins)."""
        said = self._details(top=top, mask=mask)
        return said["velocity"], said["microtiming"], said["articulation"]


class _Signature:
    """A loaded file, called with its tensors by name.

    The names are looked up once; the library's own calls by name cost a tenth of a step.
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
        self._path = path

    def __call__(self, **inputs: Floats) -> dict[str, NDArray[np.float32]]:
        for name, value in inputs.items():
            self._interpreter.set_tensor(self._inputs[name], value[None])
        self._interpreter.invoke()
        said = {}
        for name, index in self._outputs.items():
            value = self._interpreter.get_tensor(index)[0]
            if not np.isfinite(value).all():
                raise FloatingPointError(f"{self._path.name} gave a {name} that is not finite")
            said[name] = value
        return said

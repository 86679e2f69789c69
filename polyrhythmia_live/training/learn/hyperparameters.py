"""Everything that shapes a run, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


def _told() -> dict[str, float]:
    measured = ("density", "syncopation", "intensity", "fill-like")
    return {"genre": 0.85, "sub-style": 0.75, **dict.fromkeys(measured, 0.35)}


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """What shapes a run, besides the network's size and the seed.

    A piece is at most `piece_bars` long, gradients reach `window_steps` back, `tracks` pieces are
    heard at once. `balance` is that of genres, see `balanced`. `spliced_fills` is the share of
    fills that are heard within a beat, `other_meters` that of takes in 4/4 that are heard in
    another meter, `varied` the chance of each variation, `told` the share of pieces in which each
    label is told. `average_decay` is per update. Training stops after `patience` epochs without a
    better validation figure.
    """

    epochs: int = 20
    patience: int = 8
    tracks: int = 16
    window_steps: int = 128
    piece_bars: int = 48
    balance: float = 0.3
    learning_rate: float = 2e-3
    final_learning_rate: float = 5e-5
    warmup_updates: int = 100
    weight_decay: float = 0.1
    clip_norm: float = 1.0
    spliced_fills: float = 0.5
    other_meters: float = 0.04
    varied: float = 0.12
    dropout: float = 0.35
    told: Mapping[str, float] = field(default_factory=_told)
    details_weight: float = 0.2
    average_decay: float = 0.9985

    def for_epochs(self, epochs: int | None) -> Hyperparameters:
        """The same for so many epochs at most; as it is for None."""
        return self if epochs is None else replace(self, epochs=epochs)


DROPOUT = {"small": 0.15, "medium": 0.35, "large": 0.45}
"""By size: the more a network could learn by heart, the more is kept from it."""

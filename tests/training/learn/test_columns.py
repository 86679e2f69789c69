from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.training.learn.columns import joined


@dataclass(frozen=True)
class Leaf:
    values: NDArray[Any]


@dataclass(frozen=True)
class Tree:
    leaf: Leaf
    names: NDArray[Any]


def test_rows_keep_their_order_and_their_neighbours() -> None:
    one = Tree(Leaf(np.array([1, 2])), np.array(["a", "b"]))
    other = Tree(Leaf(np.array([3])), np.array(["c"]))
    whole = joined([one, other])
    assert whole.leaf.values.tolist() == [1, 2, 3]
    assert whole.names.tolist() == ["a", "b", "c"]

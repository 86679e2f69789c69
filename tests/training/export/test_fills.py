from __future__ import annotations

import numpy as np

from polyrhythmia_live.drummer.styles import STYLES
from polyrhythmia_live.drums.lanes import LANE
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.export.fills import LEAST_FILLS, fill_shapes

SNARE, TOM, CRASH = LANE["snare"], LANE["low-tom"], LANE["crash"]


def played(style: str, lanes: dict[int, int], bars: int = 1, *, fill: bool = True) -> Performance:
    """A file in which these steps are struck, on these lanes."""
    velocities = np.zeros((16 * bars, 9), np.int16)
    for step, lane in lanes.items():
        velocities[step, lane] = 90
    zeros = np.zeros_like(velocities)
    return Performance(
        "a.mid", "train", style.split("/")[0], style, 120.0, Meter(),
        np.full(16 * bars, fill), velocities, zeros, zeros,
    )  # fmt: skip


def test_a_fill_says_beat_by_beat_on_which_drums_it_is() -> None:
    fills = [played("rock", {0: SNARE, 1: SNARE, 12: TOM, 14: TOM})] * 40
    shares = fill_shapes(fills)["rock"]["lane_shares"]
    assert np.argmax(shares, axis=1)[[0, 3]].tolist() == [SNARE, TOM]
    np.testing.assert_allclose(np.sum(shares, axis=1), 1.0, atol=0.01)


def test_the_one_on_which_a_fill_arrives_is_no_part_of_it() -> None:
    landed = {8: SNARE, 12: TOM, 16: CRASH}
    shares = fill_shapes([played("rock", landed, bars=2)] * 40)["rock"]["lane_shares"]
    assert np.argmax(shares, axis=1)[[2, 3]].tolist() == [SNARE, TOM]


def test_a_style_of_which_few_fills_are_known_has_its_genres_and_then_everybodys() -> None:
    latin = [played("latin", {0: TOM})] * LEAST_FILLS
    shapes = fill_shapes([*latin, played("latin/samba", {0: SNARE})])
    assert shapes["samba"] == shapes["latin"]
    assert shapes["gospel"] == shapes["any"]
    assert shapes.keys() == {"any", *STYLES}


def test_without_a_fill_no_lane_goes_before_another() -> None:
    shape = fill_shapes([])["rock"]
    np.testing.assert_allclose(shape["lane_shares"], 1 / 9, atol=0.001)
    assert shape["crash"] == 0.0


def test_the_crash_is_that_of_the_bars_after_those_like_a_fill() -> None:
    beat = played("rock", {0: SNARE, 16: CRASH, 32: SNARE}, bars=3, fill=False)
    beat.fill_like[:32] = True
    shapes = fill_shapes([beat] * 10)
    assert shapes["rock"]["crash"] == shapes["any"]["crash"] == 0.5

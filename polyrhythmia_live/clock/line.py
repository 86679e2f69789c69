"""A straight line through numbered moments: the least squares behind the clock follower."""

from __future__ import annotations

from collections.abc import Sequence

SPIKE_SECONDS = 0.004
SPIKE_JITTERS = 4.0
"""A point stands out if it is off by more than the greater of 4 ms and 4 mean deviations."""


def fit_line(
    points: Sequence[tuple[int, float]], known_slope: float, weight: float
) -> tuple[float, float, list[float]]:
    """The value at the last number, the slope, and each point's distance from the line.

    `weight` pulls the slope towards `known_slope`, which is also that of a single point.
    """
    last_number, last_value = points[-1]
    xs = [number - last_number for number, _ in points]
    ys = [value - last_value for _, value in points]  # small numbers: stays exact for days
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs) + weight
    covariance = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    slope = (covariance + weight * known_slope) / spread if spread > 0.0 else known_slope
    now = mean_y - mean_x * slope
    residuals = [y - now - x * slope for x, y in zip(xs, ys, strict=True)]
    return last_value + now, slope, residuals


def mean_size(residuals: Sequence[float]) -> float:
    """The mean deviation."""
    return sum(map(abs, residuals)) / len(residuals)


def without_spikes(
    points: Sequence[tuple[int, float]], residuals: Sequence[float]
) -> list[tuple[int, float]]:
    """The points but for those that stand out alone.

    Where a neighbour stands out with it, the line is wrong and not the point. The first and the
    last one have too few neighbours to tell.
    """
    limit = max(SPIKE_SECONDS, SPIKE_JITTERS * mean_size(residuals))
    believed = [points[0]]
    for i in range(1, len(points) - 1):
        size = abs(residuals[i])
        nearest = min(abs(residuals[i] - residuals[j]) for j in (i - 1, i + 1))
        if size <= limit or nearest < 0.5 * size:
            believed.append(points[i])
    return believed + list(points[1:][-1:])

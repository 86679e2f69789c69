"""What was learnt from, as a picture: how often and how loud each lane is struck, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polyrhythmia_live.drums.lanes import DRUM_LANES
from polyrhythmia_live.errors import DatasetError
from polyrhythmia_live.rhythm.meter import Meter
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.training.data.dataset import Dataset
from polyrhythmia_live.training.data.performance import Performance

MOST_METERS = 4
"""Panels of a picture, those of most bars first; the other meters are named below."""

_CELL_WIDTH, _CELL_HEIGHT = 36, 26
_LEFT, _TOP, _MARGIN = 96, 56, 16
_PANEL_HEAD, _PANEL_FOOT = 30, 26
_INK = "#1c2733"
_LEAST_INK = 0.2
"""How dark the softest hits are, 0..1."""


def write_picture(dataset: Dataset, path: Path) -> None:
    """An SVG file. Raises DatasetError where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft:
            draft.write_text(picture(dataset), encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise DatasetError(f"cannot write {path}: {error.strerror or error}") from error


def picture(dataset: Dataset) -> str:
    """The text of an SVG file: a panel for each of the usual meters, lanes by steps of the bar.

    A bar's height says in how many of the bars the lane is struck there, its darkness how loud.
    """
    bars: Counter[Meter] = Counter()
    for performance in dataset.performances:
        bars[performance.meter] += performance.bars
    shown = [meter for meter, _ in bars.most_common(MOST_METERS)]
    panel_height = _PANEL_HEAD + len(DRUM_LANES) * _CELL_HEIGHT + _PANEL_FOOT
    width = _LEFT + _MARGIN + _CELL_WIDTH * max(16, *(meter.bar_steps for meter in shown))
    height = _TOP + len(shown) * panel_height + 2 * _MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="12" fill="{_INK}">',
        '<rect width="100%" height="100%" fill="white"/>',
        _text(_MARGIN, 24, f"What was learnt from: {dataset.name}", "start", 16),
        _text(_MARGIN, 43, "height: the share of bars with a hit there; darkness: how loud"),
    ]
    for number, meter in enumerate(shown):
        played = [one for one in dataset.performances if one.meter == meter]
        lines += _panel(_TOP + number * panel_height, meter, bars[meter], played)
    others = [f"{meter} ({bars[meter]})" for meter in bars if meter not in shown]
    if others:
        lines.append(_text(_MARGIN, height - _MARGIN, f"other meters (bars): {', '.join(others)}"))
    return "\n".join([*lines, "</svg>", ""])


def _panel(top: int, meter: Meter, bars: int, performances: Sequence[Performance]) -> Iterator[str]:
    shares, loudness = _by_place(meter, performances)
    yield _text(_MARGIN, top + 20, f"{meter}: {bars} bars", "start", 14)
    first = top + _PANEL_HEAD
    bottom = first + len(DRUM_LANES) * _CELL_HEIGHT
    for count, place in enumerate(meter.count_steps, start=1):
        x = _LEFT + place * _CELL_WIDTH
        yield f'<path d="M{x} {first}V{bottom}" stroke="#c8ced4"/>'
        yield _text(x + _CELL_WIDTH / 2, bottom + 16, str(count), "middle")
    for row, lane in enumerate(reversed(range(len(DRUM_LANES)))):
        floor = first + (row + 1) * _CELL_HEIGHT
        name = DRUM_LANES[lane].name
        yield _text(_LEFT - 8, floor - 7, name, "end")
        yield (f'<path d="M{_LEFT} {floor}h{meter.bar_steps * _CELL_WIDTH}" stroke="#e3e7ea"/>')
        for step in np.flatnonzero(shares[:, lane]):
            share = float(shares[step, lane])
            tall = max(1.0, share * (_CELL_HEIGHT - 3))
            ink = _LEAST_INK + (1 - _LEAST_INK) * float(loudness[step, lane]) / 127
            yield (
                f'<rect x="{_LEFT + int(step) * _CELL_WIDTH + 3}" y="{floor - tall:.1f}" '
                f'width="{_CELL_WIDTH - 6}" height="{tall:.1f}" fill-opacity="{ink:.2f}">'
                f"<title>{name}, step {int(step) + 1}: {share:.1%} of bars, "
                f"velocity {loudness[step, lane]:.0f}</title></rect>"
            )


def _by_place(
    meter: Meter, performances: Sequence[Performance]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(steps of a bar, 9) each: the share of bars with a hit, and its mean velocity."""
    shape = (meter.bar_steps, len(DRUM_LANES))
    hits, velocities = np.zeros(shape), np.zeros(shape)
    bars = 0
    for performance in performances:
        by_bar = performance.velocities.reshape(-1, *shape)
        hits += (by_bar > 0).sum(axis=0)
        velocities += by_bar.sum(axis=0)
        bars += len(by_bar)
    return hits / bars, velocities / np.maximum(hits, 1)


def _text(x: float, y: float, said: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}">{escape(said)}</text>'
    )

"""The drummer: its networks, and whether they keep up."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice

from polyrhythmia_live.cli.doctor.check import SET_UP, Check, Verdict
from polyrhythmia_live.errors import CheckpointError, PolyrhythmiaError

CHECKED_BARS = 4
SLOW_SHARE = 0.5
"""A bar that takes more than this share of itself to generate leaves little room for changes."""
TEMPO_BPM = 120.0


def check_models() -> Iterator[Check]:
    """The trained networks: there, of this encoding, and with the hashes their cards name."""
    try:
        from polyrhythmia_live.drummer.card import model_names
        from polyrhythmia_live.drummer.open import load_card
    except ImportError as error:
        yield Check("model", Verdict.FAILED, f"does not load: {error}", SET_UP)
        return
    names = model_names()
    if not names:
        yield Check("model", Verdict.FAILED, "none found", SET_UP)
    for name in names:
        try:
            card = load_card(name)
        except CheckpointError as error:
            yield Check("model", Verdict.FAILED, str(error), "git checkout -- models")
        else:
            genres = f"{len(card.genres)} genres"
            yield Check("model", Verdict.OK, f"{name}, {genres}, {card.digest[:12]}")


def check_bar(play_bar: Callable[[], object] | None = None) -> Check:
    """How long the drummer needs for a bar of 4/4, against how long the bar lasts.

    `play_bar` generates one bar; None takes the first of the shipped networks.
    """
    try:
        play_bar = play_bar or _network_bar()
        play_bar()
        seconds = [_duration_seconds(play_bar) for _ in range(CHECKED_BARS)]
    except (ImportError, IndexError, PolyrhythmiaError) as error:
        return Check("generation", Verdict.FAILED, f"no bar was generated: {error}", SET_UP)
    worst_seconds, bar_seconds = max(seconds), 4 * 60.0 / TEMPO_BPM
    found = f"{1000 * worst_seconds:.0f} ms for a bar of {1000 * bar_seconds:.0f} ms"
    if worst_seconds >= bar_seconds:
        return Check("generation", Verdict.FAILED, found, "use a smaller network with --model")
    if worst_seconds > SLOW_SHARE * bar_seconds:
        return Check("generation", Verdict.WARNING, found, "close other programs")
    return Check("generation", Verdict.OK, found)


def _network_bar() -> Callable[[], object]:
    from polyrhythmia_live.control.base import ControlState
    from polyrhythmia_live.drummer.card import model_names
    from polyrhythmia_live.drummer.open import load_card, open_drummer
    from polyrhythmia_live.drummer.take import solo
    from polyrhythmia_live.rhythm.meter import Meter

    drummer = open_drummer(load_card(model_names()[0]))
    controls = ControlState(genre=((drummer.genres[0], 1.0),))
    meter = Meter()

    def play_bar() -> None:
        alone = solo(drummer, controls, meter=meter, tempo_bpm=TEMPO_BPM, seed=0)
        deque(islice(alone, meter.bar_steps), maxlen=0)

    return play_bar


def _duration_seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start

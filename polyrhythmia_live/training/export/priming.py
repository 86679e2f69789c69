"""What an exported network has in its ears at the start: phrases of its own playing.

They are played by the drummer that plays live, chosen by `primers`, and written into the
network's card. Before each run it hears a typical phrase of people's, which says better than a
genre's name what is wanted; what it makes of it is its own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from polyrhythmia_live.control.base import ControlState
from polyrhythmia_live.drummer.base import Drummer
from polyrhythmia_live.drummer.lstm.runtime import Network
from polyrhythmia_live.drummer.open import load_card, open_drummer
from polyrhythmia_live.drummer.take import solo
from polyrhythmia_live.rhythm.bar import Hits
from polyrhythmia_live.system.files import replacing
from polyrhythmia_live.training.data.performance import Performance
from polyrhythmia_live.training.export.primers import METER, Run, select_primers, typical_phrases
from polyrhythmia_live.training.progress import ProgressCallback, counted, unwatched

RUNS_PER_GENRE = 24
RUN_BARS = 8
TEMPERATURE = 0.85
"""Below the live default: a primer is to be typical, not surprising."""
GUIDANCE = 0.4
"""With 1.0 the drummer sounds more like its genres than people do."""

USUAL_TEMPO_BPM = 110.0
"""For a genre of which no recording is at hand."""


def prime(
    card: Path,
    *,
    train: Sequence[Performance] = (),
    styles: Collection[str] | None = None,
    seed: int = 1,
    network: Network | None = None,
    progress: ProgressCallback = unwatched,
) -> None:
    """Let an exported network play every genre, and write its best phrases to its card.

    `card` is the path of the JSON file; primers that it has already are replaced, only those of
    `styles` where these are given. `train` is the training data, which says what is played and how
    fast: no bar of it is written, and without it the network's own playing has to say so.
    `network` replaces the exported one in tests. `progress` is told of each run. Deterministic: the
    same network, data and seed give the same card. Raises CheckpointError if the network cannot be
    loaded.
    """
    model = load_card(card)
    heard = typical_phrases(train, model.hits_per_step, model.lean_ms)
    drummer = open_drummer(replace(model, primers=heard), network)
    chosen = [name for name in model.genres if styles is None or name in styles]
    tempos_bpm = {genre: _tempo_bpm(train, genre) for genre in chosen}
    runs: dict[str, list[Run]] = {genre: [] for genre in chosen}
    in_order = [(genre, run) for genre in chosen for run in range(RUNS_PER_GENRE)]
    for genre, run in counted(in_order, "playing every genre", progress):
        run_seed = seed + model.genres.index(genre) * RUNS_PER_GENRE + run
        steps = _played(drummer, genre, run_seed, tempos_bpm[genre])
        runs[genre].append(Run(f"{model.name}, seed {run_seed}", steps))
    _write(card, select_primers(runs, model.hits_per_step, train))


def _played(drummer: Drummer[Any], genre: str, seed: int, tempo_bpm: float) -> list[Hits]:
    controls = ControlState(((genre, 1.0),), temperature=TEMPERATURE, guidance=GUIDANCE)
    alone = solo(drummer, controls, meter=METER, tempo_bpm=tempo_bpm, seed=seed)
    return list(islice(alone, RUN_BARS * METER.bar_steps))


def _tempo_bpm(train: Sequence[Performance], genre: str) -> float:
    tempos_bpm = [performance.tempo_bpm for performance in train if genre in performance.styles]
    return median(tempos_bpm) if tempos_bpm else USUAL_TEMPO_BPM


def _write(card: Path, primers: dict[str, list[dict[str, Any]]]) -> None:
    """Put the primers into the card, a phrase a line; a reader sees the old card or the new one.

    The shapes of fills are a line each too: they are many numbers.
    """
    entries = json.loads(card.read_text(encoding="utf-8"))
    primers = entries.pop("primers", {}) | primers
    fills = entries.pop("fills")
    head = json.dumps(entries, indent=2).removesuffix("\n}")
    shapes = ",".join(f"\n    {json.dumps(name)}: {json.dumps(fills[name])}" for name in fills)
    genres = ",".join(
        f"\n    {json.dumps(genre)}: [{_lines(phrases)}]" for genre, phrases in primers.items()
    )
    text = f'{head},\n  "fills": {{{shapes}\n  }},\n  "primers": {{{genres}\n  }}\n}}\n'
    with replacing(card) as draft:
        draft.write_text(text, encoding="utf-8")


def _lines(phrases: list[dict[str, Any]]) -> str:
    lines = ",".join(f"\n      {json.dumps(phrase, separators=(',', ':'))}" for phrase in phrases)
    return f"{lines}\n    " if phrases else ""

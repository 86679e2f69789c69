"""A trained network on disk: two exported files, and a JSON card that says what they are.

models/NAME.tflite          one step of the recurrent network
models/NAME-details.tflite  velocity, microtiming and articulation of a drawn lane mask
models/NAME.json            sizes, genres, encoding version, hashes, where the data came from

The genres are also wanted by the command line and the supervisor, so nothing numerical is imported
before a card is really loaded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from polyrhythmia_live.errors import CheckpointError
from polyrhythmia_live.rhythm.bar import Hit, Hits
from polyrhythmia_live.rhythm.meter import STEPS_PER_WHOLE_NOTE
from polyrhythmia_live.system.shipped import shipped

DEFAULT_MODEL = "medium"
MODELS_FOLDER = "models"
BUSIEST_TEMPO_BPM = 125.0
"""Above it people play fewer hits a bar: see docs/measured.md."""
ANY_GENRE = "any"
"""The card's name for all genres together."""


@dataclass(frozen=True, slots=True)
class FillShape:
    """How a style's people fill.

    `lane_shares` has a row for each of the last beats before the bar line, (beats, lanes): what
    share of the beat's hits is in which lane. `crash` is how often a crash follows on the one.
    """

    lane_shares: tuple[tuple[float, ...], ...]
    crash: float


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a trained network before it runs.

    `genres` are in order of training data, most first. The rates are mean hits per step in beats
    and in fills, by genre, and for `ANY_GENRE`, as the shapes of fills are. `primers` are typical
    phrases of the network's own playing by genre, step by step in whole bars of 4/4; a genre may
    have none. `digest` tells one network from another. `lean_ms` is how late the recorded drummers
    were on average, negative = early: the network has learnt it, and the live drummer takes it out.
    `tempos_bpm` are the tempos that each genre is usually played at, in quarter notes per minute.
    """

    path: Path
    kind: str
    step_path: Path
    details_path: Path
    state_size: int
    key_size: int
    top_size: int
    lean_ms: float
    genres: tuple[str, ...]
    hits_per_step: Mapping[str, float]
    fill_hits_per_step: Mapping[str, float]
    tempos_bpm: Mapping[str, float]
    fills: Mapping[str, FillShape]
    primers: Mapping[str, tuple[tuple[Hits, ...], ...]]
    digest: str

    def due_hits_per_step(self, genre: str, tempo_bpm: float) -> float:
        """How many hits a step the genre's beats have at a tempo.

        People play ever fewer hits a bar above some tempo, so that there are no more of them a
        second; a genre that is usually faster is as dense as it is up to its own tempo.
        """
        busiest_bpm = max(BUSIEST_TEMPO_BPM, self.tempos_bpm[genre])
        return self.hits_per_step[genre] * min(1.0, busiest_bpm / tempo_bpm)

    @property
    def name(self) -> str:
        return self.path.stem


def model_names(folder: Path | None = None) -> tuple[str, ...]:
    """The networks in a folder (the shipped one unless given), in alphabetical order."""
    return tuple(sorted(path.stem for path in _folder(folder).glob("*.json")))


def usual_tempos(source: str | Path, folder: Path | None = None) -> dict[str, float]:
    """The genres of a network and their usual tempos in bpm, without loading it.

    Most training data first. Raises CheckpointError if there is no readable card.
    """
    path = find_card(source, folder)
    card = entries_of(path)
    tempos_bpm = entry(path, card, "tempo_bpm")
    return {str(name): float(entry(path, tempos_bpm, name)) for name in entry(path, card, "genres")}


def read_card(path: Path, card: Mapping[str, Any]) -> Card:
    """The card of these entries, as `entries_of` gave them.

    Raises CheckpointError where an entry makes no sense, or a network file is missing or is not the
    one that the card was written for.
    """
    try:
        return _read(path, card)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"expected {path} to describe a model, got {error!r}: export it again"
        ) from error


def _read(path: Path, card: Mapping[str, Any]) -> Card:
    files = entry(path, card, "files")
    rates = entry(path, card, "hits_per_step")
    step_path, step_digest = _checked(path, entry(path, files, "step"))
    details_path, details_digest = _checked(path, entry(path, files, "details"))
    found = tuple(map(str, entry(path, card, "genres")))
    return Card(
        path=path,
        kind=kind_of(card),
        step_path=step_path,
        details_path=details_path,
        state_size=int(entry(path, card, "state_size")),
        key_size=int(entry(path, card, "key_size")),
        top_size=int(entry(path, card, "top_size")),
        lean_ms=float(entry(path, card, "lean_ms")),
        genres=found,
        hits_per_step=_rates(path, entry(path, rates, "beat"), found),
        fill_hits_per_step=_rates(path, entry(path, rates, "fill"), found),
        tempos_bpm=_rates(path, entry(path, card, "tempo_bpm"), found),
        fills=_fills(path, entry(path, card, "fills"), found),
        primers=_primers(card.get("primers", {})),
        digest=hashlib.sha256((step_digest + details_digest).encode()).hexdigest(),
    )


def _folder(folder: Path | None) -> Path:
    return shipped(MODELS_FOLDER) if folder is None else folder


def find_card(source: str | Path, folder: Path | None = None) -> Path:
    """Where the card of a network lies.

    A plain name stands for a card in the folder (the shipped one unless given); whatever looks like
    a path is one. Raises CheckpointError where there is none.
    """
    if isinstance(source, Path) or source.endswith(".json") or "/" in source:
        path = Path(source)
        if path.suffix != ".json":
            path = path.with_name(f"{path.name}.json")
        if not path.is_file():
            raise CheckpointError(
                f"expected a model's JSON file at {path}, found none: "
                "check the path, or train and export a model"
            )
        return path
    names = model_names(folder)
    if source not in names:
        raise CheckpointError(
            f"no model is called {source!r}: "
            f"found {', '.join(names) or 'none'} in {_folder(folder)}"
        )
    return _folder(folder) / f"{source}.json"


def entries_of(path: Path) -> Mapping[str, Any]:
    """What a card's file says. Raises CheckpointError where it cannot be read."""
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"expected a model's JSON file, cannot read {path}: {error}; restore or export it again"
        ) from error
    if not isinstance(card, dict):
        raise CheckpointError(
            f"expected a JSON object in {path}, got a {type(card).__name__}: export it again"
        )
    return card


def kind_of(card: Mapping[str, Any]) -> str:
    """Which kind of network it is; cards of the first kind do not say."""
    return str(card.get("kind", "lstm"))


def entry(path: Path, table: Any, key: str) -> Any:
    """One of a card's entries. Raises CheckpointError where it is missing."""
    if not isinstance(table, dict) or key not in table:
        raise CheckpointError(f"expected an entry {key!r} in {path}, found none: export it again")
    return table[key]


def _checked(card_path: Path, file: Any) -> tuple[Path, str]:
    """The path of one network file and its SHA-256, if it is the one that the card means."""
    path = card_path.with_name(str(entry(card_path, file, "name")))
    expected = entry(card_path, file, "sha256")
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CheckpointError(
            f"expected the network {path} beside {card_path.name}, cannot read it: "
            f"{error.strerror}; restore or export it again"
        ) from error
    if digest != expected:
        raise CheckpointError(
            f"expected {path} with SHA-256 {str(expected)[:12]}, got {digest[:12]}: "
            "it is damaged or of another export; restore or export it again"
        )
    return path, digest


def _rates(path: Path, table: Any, names: tuple[str, ...]) -> Mapping[str, float]:
    rates = {name: float(entry(path, table, name)) for name in (ANY_GENRE, *names)}
    return MappingProxyType(rates)


def _fills(path: Path, table: Any, names: tuple[str, ...]) -> Mapping[str, FillShape]:
    return MappingProxyType(
        {name: _shape(entry(path, table, name)) for name in (ANY_GENRE, *names)}
    )


def _shape(said: Mapping[str, Any]) -> FillShape:
    rows = tuple(tuple(map(float, row)) for row in said["lane_shares"])
    return FillShape(rows, float(said["crash"]))


def _primers(table: Any) -> Mapping[str, tuple[tuple[Hits, ...], ...]]:
    """Phrases from lists of [step, lane, velocity, microtiming in ticks, articulation]."""
    return MappingProxyType(
        {
            str(genre): tuple(_phrase(phrase["hits"]) for phrase in phrases)
            for genre, phrases in table.items()
        }
    )


def _phrase(rows: list[list[int]]) -> tuple[Hits, ...]:
    bars = 1 + max(row[0] for row in rows) // STEPS_PER_WHOLE_NOTE
    steps: list[list[Hit]] = [[] for _ in range(bars * STEPS_PER_WHOLE_NOTE)]
    for step, lane, velocity, microtiming_ticks, articulation in rows:
        steps[step].append(Hit(lane, velocity, microtiming_ticks, articulation))
    return tuple(map(tuple, steps))

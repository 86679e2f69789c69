"""Which code plays which card: the only place that knows the kinds of networks.

Their packages are imported when they are asked for, so that reading a card's name and genres costs
no numerical library.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polyrhythmia_live.drummer.base import Drummer
from polyrhythmia_live.drummer.card import Card, entries_of, entry, find_card, kind_of, read_card
from polyrhythmia_live.drummer.styles import STYLES
from polyrhythmia_live.errors import CheckpointError

KINDS = ("lstm",)


def load_card(source: str | Path, folder: Path | None = None) -> Card:
    """A network's card by its name, from the shipped folder unless given, or by the card's path.

    Raises CheckpointError where a file is missing, is not what the card was written for, or the
    network was trained for another encoding.
    """
    path = find_card(source, folder)
    entries = entries_of(path)
    _check_encoding(path, entries)
    return read_card(path, entries)


def open_drummer(card: Card, network: Any = None) -> Drummer[Any]:
    """The drummer that a card describes, ready to play.

    `network` replaces the exported one in tests. Raises CheckpointError for networks that cannot be
    loaded.
    """
    from polyrhythmia_live.drummer.lstm.drummer import LstmDrummer

    return LstmDrummer(card, network)


def _check_encoding(path: Path, entries: Mapping[str, Any]) -> None:
    kind = kind_of(entries)
    if kind not in KINDS:
        raise CheckpointError(
            f"expected a network of the kind {' or '.join(KINDS)}, {path} is of the kind {kind!r}: "
            "take the program that it came with"
        )
    from polyrhythmia_live.drummer.lstm.encoding import ENCODING_VERSION, FEATURES

    version = entry(path, entries, "encoding_version")
    if version != ENCODING_VERSION:
        raise CheckpointError(
            f"expected a model of encoding {ENCODING_VERSION}, {path} is of {version!r}: "
            "train it again, or take the program that it came with"
        )
    width = entry(path, entries, "features")
    genres = entry(path, entries, "genres")
    if width != FEATURES or any(name not in STYLES for name in genres):
        raise CheckpointError(
            f"expected {FEATURES} features and the genres {', '.join(STYLES)}, {path} has {width} "
            f"features and the genres {', '.join(map(str, genres))}: train it again"
        )

"""The presets of a soundfont and what each key of them plays, read without loading its samples.

The layout is that of the SoundFont 2.04 specification, section 7; SF3 differs in its samples only.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from polyrhythmia_live.errors import SynthUnavailable

_CHUNK_HEADER = struct.Struct("<4sI")
_RECORDS = {
    b"phdr": struct.Struct("<20sHHH12x"),  # name, program, bank, first bag
    b"pbag": struct.Struct("<H2x"),  # first generator
    b"pgen": struct.Struct("<HH"),  # generator, amount
    b"inst": struct.Struct("<20sH"),  # name, first bag
    b"ibag": struct.Struct("<H2x"),
    b"igen": struct.Struct("<HH"),
}

_INSTRUMENT, _KEYS, _SAMPLE = 41, 43, 53
"""Generators that point to an instrument, to a range of keys and to a sample (section 8.1.2)."""
_ALL_KEYS = 127 << 8
"""A range is its lowest value in the low byte and its highest in the high one."""

Zone = tuple[tuple[int, int], ...]
"""One sample and how it is played: (generator, amount) in order, without the keys."""


@dataclass(frozen=True, slots=True)
class SoundfontPreset:
    """`bank` is 0..128, where 128 is drums; `program` 0..127. `zones` are by key, 0..127.

    Two keys with equal zones sound the same. A key that is not there is silent.
    """

    bank: int
    program: int
    name: str
    zones: Mapping[int, frozenset[Zone]]


def read_presets(path: Path, bank: int | None = None) -> tuple[SoundfontPreset, ...]:
    """The presets of one bank or of all, in the order of bank and program.

    Raises SynthUnavailable, naming the file, where it cannot be read or does not hold together.
    """
    try:
        with path.open("rb") as file:
            tables = {name: list(_RECORDS[name].iter_unpack(raw)) for name, raw in _articles(file)}
        presets = [
            _preset(tables, number)
            for number, header in enumerate(tables[b"phdr"][:-1])
            if bank in (None, header[2])
        ]
    except OSError as error:
        raise SynthUnavailable(f"soundfont {path} cannot be read: {error.strerror}") from None
    except (struct.error, LookupError, EOFError):
        raise SynthUnavailable(f"{path} cannot be loaded: it is no whole soundfont") from None
    return tuple(sorted(presets, key=lambda preset: (preset.bank, preset.program)))


def _articles(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The tables within the list `pdta`, in their order."""
    file.seek(12)
    while (header := file.read(_CHUNK_HEADER.size)) and len(header) == _CHUNK_HEADER.size:
        kind, size_bytes = _CHUNK_HEADER.unpack(header)
        if kind == b"LIST" and file.read(4) == b"pdta":
            continue  # what is in the list comes next
        skipped_bytes = size_bytes + size_bytes % 2
        if kind in _RECORDS:
            content = file.read(size_bytes)
            if len(content) < size_bytes:
                raise EOFError
            yield kind, content
            skipped_bytes = size_bytes % 2
        file.seek(skipped_bytes - (4 if kind == b"LIST" else 0), 1)


_Tables = Mapping[bytes, list[tuple[Any, ...]]]


def _preset(tables: _Tables, number: int) -> SoundfontPreset:
    raw_name, program, bank, _ = tables[b"phdr"][number]
    keys: dict[int, set[Zone]] = {}
    for outer in _zones(tables, b"phdr", b"pbag", b"pgen", number, _INSTRUMENT):
        instrument = outer.pop(_INSTRUMENT)
        outer_keys = _range(outer)
        for inner in _zones(tables, b"inst", b"ibag", b"igen", instrument, _SAMPLE):
            inner_keys = _range(inner)
            zone = (*sorted(outer.items()), *sorted(inner.items()))
            first, last = max(outer_keys[0], inner_keys[0]), min(outer_keys[1], inner_keys[1])
            for key in range(first, last + 1):
                keys.setdefault(key, set()).add(zone)
    name = raw_name.split(b"\0")[0].decode("latin-1").strip()
    zones = {key: frozenset(zones) for key, zones in sorted(keys.items())}
    return SoundfontPreset(bank, program, name, zones)


def _zones(
    tables: _Tables, owners: bytes, bags: bytes, generators: bytes, number: int, target: int
) -> Iterator[dict[int, int]]:
    """What each zone of a preset or an instrument sets: its own over those of the global zone.

    Of the zones that lead to no `target`, the first of all is the global one; others are void.
    """
    first, last = (tables[owners][at][-1] for at in (number, number + 1))
    common: dict[int, int] = {}
    for bag in range(first, last):
        start, end = (tables[bags][at][0] for at in (bag, bag + 1))
        own: dict[int, int] = dict(tables[generators][start:end])
        if target in own:
            yield {**common, **own}
        elif bag == first:
            common = own


def _range(zone: dict[int, int]) -> tuple[int, int]:
    keys = zone.pop(_KEYS, _ALL_KEYS)
    return keys & 0xFF, keys >> 8

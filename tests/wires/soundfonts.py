"""Soundfonts made up for tests: presets, instruments and keys, and no sound at all."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

Preset = tuple[int, int, str, Mapping[int, int]]
"""Bank, program, name, and by key the sample that it plays."""


def write_soundfont(path: Path, presets: Sequence[Preset]) -> Path:
    """A soundfont with these presets, each an instrument of one zone a key."""
    headers, bags, generators = b"", b"", b""
    instruments, inner_bags, inner_generators = b"", b"", b""
    for number, (bank, program, name, keys) in enumerate(presets):
        headers += struct.pack("<20sHHHIII", name.encode(), program, bank, number, 0, 0, 0)
        bags += struct.pack("<HH", number, 0)
        generators += struct.pack("<HH", 41, number)
        instruments += struct.pack("<20sH", name.encode(), len(inner_bags) // 4)
        for key, sample in keys.items():
            inner_bags += struct.pack("<HH", len(inner_generators) // 4, 0)
            inner_generators += struct.pack("<HHHH", 43, key << 8 | key, 53, sample)
    headers += struct.pack("<20sHHHIII", b"EOP", 0, 0, len(presets), 0, 0, 0)
    bags += struct.pack("<HH", len(presets), 0)
    instruments += struct.pack("<20sH", b"EOI", len(inner_bags) // 4)
    inner_bags += struct.pack("<HH", len(inner_generators) // 4, 0)
    articles = b"pdta" + b"".join(
        chunk(kind, content)
        for kind, content in (
            (b"phdr", headers),
            (b"pbag", bags),
            (b"pgen", generators + bytes(4)),
            (b"inst", instruments),
            (b"ibag", inner_bags),
            (b"igen", inner_generators + bytes(4)),
        )
    )
    samples = b"sdta" + chunk(b"smpl", bytes(3))
    path.write_bytes(chunk(b"RIFF", b"sfbk" + chunk(b"LIST", samples) + chunk(b"LIST", articles)))
    return path


def chunk(kind: bytes, content: bytes) -> bytes:
    """A RIFF chunk, padded to an even size."""
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)

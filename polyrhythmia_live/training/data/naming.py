"""What the names of files, folders and tracks say: a style, a meter, a tempo.

Threads: none of their own; any thread may call them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import PurePosixPath

from polyrhythmia_live.drummer.styles import PARENTS, styles_of
from polyrhythmia_live.rhythm.choice import unaccented
from polyrhythmia_live.rhythm.meter import Meter

TEMPOS_BPM = (50, 260)
"""Another number in a name is a file's, a take's or a year's."""

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_METER = re.compile(r"(?<![\d.])(?<!\d{4}[-_])(\d{1,2})[-_:](2|4|8)(?![\d.])(?![-_]\d)")
_COUNTED = re.compile(r"(bars?|takes?|parts?|no|nr)[\W_]*$", re.IGNORECASE)
"""Before numbers that are no meter: "bars 5-8"."""
_TEMPO = re.compile(
    r"(?<![\d.])(\d{2,3}(?:\.\d+)?)[\s_-]*bpm|bpm[\s_-]*(\d{2,3})(?!\d)", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\d.])\d{2,3}(?![\d.])")


def words(text: str) -> list[str]:
    """The words of a name, without accents and case: "HipHop_groove" is hip, hop, groove."""
    return [word.lower() for word in _WORDS.findall(unaccented(text))]


def style_named(path: PurePosixPath) -> str:
    """The style that a file's path names, as `styles_of` takes it; "" if none is known to it.

    The file's name comes before its folder's, and a genre before a sub-style of it in the same
    name: "120 Blues Shuffle.mid" is "blues/shuffle".
    """
    for part in (path.stem, *reversed(path.parts[:-1])):
        known = [word for word in _candidates(words(part)) if styles_of(word)]
        if known:
            return _narrowed(known[0], known[1:])
    return ""


def meter_named(path: PurePosixPath) -> Meter | None:
    """The meter that a file's path names, the file before its folders: "7-8 groove.mid"."""
    for part in (path.stem, *reversed(path.parts[:-1])):
        for found in _METER.finditer(part):
            if int(found[1]) > 1 and not _COUNTED.search(part[: found.start()]):
                try:
                    return Meter(int(found[1]), int(found[2]))
                except ValueError:
                    continue
    return None


def tempo_named(path: PurePosixPath) -> float | None:
    """The beats a minute that a file's name says: with "bpm", or as the only number like one."""
    found = _TEMPO.search(path.stem)
    if found is not None:
        numbers = {float(found[1] or found[2])}
    else:
        numbers = {float(number) for number in _NUMBER.findall(_METER.sub(" ", path.stem))}
    tempos = [number for number in numbers if TEMPOS_BPM[0] <= number <= TEMPOS_BPM[1]]
    return tempos[0] if len(tempos) == 1 else None


def _candidates(words: Sequence[str]) -> Iterator[str]:
    """Each word, and each with the next: hip-hop, second line."""
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        yield word
        yield word + following


def _narrowed(style: str, others: Iterable[str]) -> str:
    for other in others:
        if len(styles_of(f"{style}/{other}")) > 1:
            return f"{style}/{other}"
        if PARENTS.get(other) == style:
            return other
    return style

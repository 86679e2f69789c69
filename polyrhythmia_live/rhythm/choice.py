"""One name among those there are, as people type it: "Hip-Hop", "second line", "bos"."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence

SUGGESTED = 3
LIKENESS = 0.75
"""How alike (`difflib`, 0..1) a name must be to what was typed for anybody to have meant it: one
letter that is wrong, too many, missing or elsewhere."""

CONTAINED = 3
"""Who types so many letters from within a name may have meant it."""

OTHER_NAMES = {
    "bossanova": "bossa",
    "rumba": "rhumba",
    "baion": "baiao",
    "2ndline": "secondline",
    "purdieshuffle": "shuffle",
    "punkrock": "punk",
}
"""What people also call a style; each counts where the style itself is to be had."""


def unaccented(text: str) -> str:
    """The text with its letters bare: "baião" is "baiao"."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def key(text: str) -> str:
    """What names are compared by: neither case, accents, blanks nor hyphens make a difference."""
    return "".join(filter(str.isalnum, unaccented(text).casefold()))


def exactly(typed: str, names: Iterable[str]) -> str | None:
    """The name that was typed in full, or that is another one for it."""
    wanted = OTHER_NAMES.get(key(typed)), key(typed)
    return next((name for name in names if key(name) in wanted), None)


def beginning(typed: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that begin as was typed; none where nothing was."""
    wanted = key(typed)
    return tuple(name for name in names if wanted and key(name).startswith(wanted))


def choose(typed: str, names: Iterable[str], expected: str) -> str:
    """The name that was typed in full, or far enough to be told from the others.

    Raises ValueError with one line: what was `expected`, what came, what may have been meant.
    """
    names = tuple(names)
    begun = beginning(typed, names)
    found = exactly(typed, names) or (begun[0] if len(begun) == 1 else None)
    if found is None:
        meant = " or ".join(near(typed, names))
        question = f": did you mean {meant}?" if meant else ""
        raise ValueError(f"expected {expected}; got {typed!r}{question}")
    return found


def near(typed: str, names: Sequence[str]) -> Sequence[str]:
    """The few names that may have been meant, best first."""
    wanted = key(typed)
    containing = [name for name in names if len(wanted) >= CONTAINED and wanted in key(name)]
    by_key = {key(end): name for name in names for end in _ends(name)}
    alike = difflib.get_close_matches(wanted, by_key, SUGGESTED, LIKENESS)
    meant = beginning(typed, names) or containing or [by_key[found] for found in alike]
    return tuple(dict.fromkeys(meant))[:SUGGESTED]


def _ends(name: str) -> list[str]:
    """The name, and what is left of it without its maker: roland-tr-08, tr-08, 08."""
    words = name.split("-")
    return ["-".join(words[first:]) for first in range(len(words))]

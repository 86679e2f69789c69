"""The styles a performer can call, and what the Groove MIDI Dataset calls them.

A *genre* is a main style of the data set. A *sub-style* is a part of one, or of several, with
enough recordings of its own (two files and three minutes) to be told apart; it is always named
together with its genre, so that what the genre has in common is learnt from all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

GENRES = (
    "rock",
    "latin",
    "jazz",
    "funk",
    "hiphop",
    "afrocuban",
    "afrobeat",
    "neworleans",
    "dance",
    "soul",
    "reggae",
    "country",
    "punk",
    "pop",
    "middleeastern",
    "blues",
    "highlife",
    "gospel",
)
"""Main styles, most training bars first."""

PARENTS: Mapping[str, str] = MappingProxyType(
    {
        "bossa": "latin",
        "swing": "jazz",
        "shuffle": "rock",
        "songo": "latin",
        "disco": "dance",
        "calypso": "afrocuban",
        "samba": "latin",
        "secondline": "neworleans",
        "baiao": "latin",
        "march": "jazz",
        "motown": "soul",
        "halftime": "rock",
        "rhumba": "afrocuban",
        "bembe": "afrocuban",
        "chacarera": "latin",
        "ijexa": "latin",
    }
)
"""The genre that a sub-style is played as, when only the sub-style is asked for."""

STYLES = (*GENRES, *PARENTS)
"""Everything that can be asked for by name."""

_SUB_STYLES = {
    "latin/brazilian-bossa": "bossa",
    "jazz/swing": "swing",
    "rock/shuffle": "shuffle",
    "blues/shuffle": "shuffle",
    "neworleans/shuffle": "shuffle",
    "funk/purdieshuffle": "shuffle",
    "latin/brazilian-songo": "songo",
    "dance/disco": "disco",
    "afrocuban/calypso": "calypso",
    "latin/brazilian-samba": "samba",
    "latin/samba": "samba",
    "neworleans/secondline": "secondline",
    "latin/brazilian-baiao": "baiao",
    "jazz/march": "march",
    "soul/motown": "motown",
    "rock/halftime": "halftime",
    "afrocuban/rhumba": "rhumba",
    "afrocuban/bembe": "bembe",
    "latin/chacarera": "chacarera",
    "latin/brazilian-ijexa": "ijexa",
}


def styles_of(label: str) -> tuple[str, ...]:
    """The styles that a data set's label means: its genre and, if it has one, its sub-style.

    A label is a path of names, as in "latin/brazilian-bossa", or a style's own name. Empty for
    a label whose genre is unknown.
    """
    genre = label.split("/")[0]
    if genre in PARENTS:
        return (PARENTS[genre], genre)
    if genre not in GENRES:
        return ()
    return (genre, _SUB_STYLES[label]) if label in _SUB_STYLES else (genre,)

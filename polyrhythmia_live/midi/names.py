"""Which port a name means.

Ports are found by name, never by index: indices move whenever something is plugged in. The rules
are those of other live-coding tools, so that what a performer already types works here too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from polyrhythmia_live.errors import PortError, PortMissing

OWN_CLIENT = "Polyrhythmia"
"""Every MIDI client and virtual port of ours has a name that begins with this word."""

VIRTUAL_OUT = f"{OWN_CLIENT} Out"
VIRTUAL_CONTROL = f"{OWN_CLIENT} Control"
"""Our own ports, for others to connect to."""

_BRIDGE = r"(?:a2j:|alsa_pcm:|Midi-Bridge:(?:\[\d+:\d+\] )?)?"
_OWN = re.compile(rf"{_BRIDGE}{OWN_CLIENT}\b")

_ALSA_NUMBERS = re.compile(r"(?: \d+:\d+)+$")
_BRIDGE_NUMBERS = re.compile(
    r" \[\d+\](?= \((?:capture|playback)\))"  # a2jmidid: the ALSA client
    r"|(?<=^Midi-Bridge:)\[\d+:\d+\] "  # PipeWire with long names: the client and its port
    r"|(?<=.) \d+(?=:\((?:capture|playback)_\d+\))"  # PipeWire before 1.2: the sound card
)
_DIRECTION = re.compile(
    r" ?\((?:capture|playback)(?:_\d+)?\)"
    r"|(?<=/midi_)(?:capture|playback)(?=_\d+$)"  # JACK's ALSA driver
)
_DIGITS = re.compile(r"\d+")
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how some scripts are written."""


def stable(name: str) -> str:
    """The name as it is shown, remembered and found again.

    Without the client and port numbers that ALSA (`U6MIDI Pro:Port 1 16:0`) and bridges from it to
    JACK add (`a2j:TR-8S [24] (capture): TR-8S MIDI 1`): they change from boot to boot and from plug
    to plug. One line of printable characters, composed, whatever the device says.
    """
    return _BRIDGE_NUMBERS.sub("", _as_bridged(name))


def machine(name: str) -> str:
    """The same for both directions of one port: bridges to JACK call them capture and playback."""
    return _DIRECTION.sub("", stable(name))


def folded(name: str) -> str:
    """What names are compared by: neither case nor the way accents are encoded makes two of one."""
    decomposed = unicodedata.normalize("NFD", _printable(name))
    return unicodedata.normalize("NFD", decomposed.casefold())


def is_own(name: str) -> bool:
    """Whether a port is ours: connecting to it would feed the drummer with itself."""
    return _OWN.match(name) is not None


def foreign(names: Sequence[str]) -> tuple[str, ...]:
    """The ports that are not ours, in the same order."""
    return tuple(name for name in names if not is_own(name))


def match(wanted: str, names: Sequence[str]) -> str:
    """The one port, as the system names it, that `wanted` means.

    Exact beats case-insensitive substring beats wildcard (`*`, `?`, over the whole name), and a
    full name with its numbers beats all: two machines of one model differ in nothing else. Where
    equals remain the first is taken.

    Raises PortMissing, with what was found, when no port matches, and PortError when several
    different ones do.
    """
    if wanted in names:
        return wanted
    for accepts in _rules(wanted):
        hits = [name for name in names if accepts(name)]
        if len({stable(name) for name in hits}) > 1:
            raise PortError(
                f"{len(hits)} MIDI ports match '{_printable(wanted)}': {_quoted(hits)}; "
                "give more of the name"
            )
        if hits:
            return hits[0]
    raise PortMissing(
        f"no MIDI port matches '{_printable(wanted)}': found {_quoted(names)}; "
        "plug it in, or choose one with `scripts/polyrhythmia ports`"
    )


def find_foreign(wanted: str, names: Sequence[str], found: str | None = None) -> str | None:
    """The one port of others that `wanted` means, as the system names it; None without one.

    `found` is the stable name of the one that it meant before. That is waited for, or one that is
    called so but for its numbers: of other machines that it could mean as well, none steps in.
    """
    others = foreign(names)
    if found is None:
        return _found(wanted, others)
    meant = [name for name in others if any(accepts(name) for accepts in _rules(wanted))]
    same = [name for name in meant if stable(name) == found]
    if not same:
        same = [name for name in meant if _without_digits(name) == _without_digits(found)]
    return _found(wanted, same)


def _found(wanted: str, names: Sequence[str]) -> str | None:
    try:
        return match(wanted, names)
    except PortError:
        return None


def _without_digits(name: str) -> str:
    return _DIGITS.sub("", _as_bridged(name))


def _as_bridged(name: str) -> str:
    """A name without ALSA's numbers only: another's may tell two programs from each other."""
    return _ALSA_NUMBERS.sub("", _printable(name))


def _printable(name: str) -> str:
    composed = unicodedata.normalize("NFC", name)
    return " ".join("".join(map(_shown, composed)).split())


def _shown(character: str) -> str:
    """A character as a line of text can have it."""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    if category == "Cf":
        return character if character in _JOINERS else ""
    return "\N{REPLACEMENT CHARACTER}" if category == "Cs" else character


Accepts = Callable[[str], bool]


def _rules(wanted: str) -> Iterator[Accepts]:
    """From the strictest to the most generous.

    Each is tried on names with the numbers of bridges and without; what is sought may have been
    copied from a listing, which has none, or from a patch bay, which has those of another day.
    """
    typed = _as_bridged(wanted)
    for rule in (_is_exactly, _contains, _fits_wildcard):
        for sought, shown in ((typed, _as_bridged), (typed, stable), (stable(wanted), stable)):
            yield partial(_accepts, rule(sought), shown)


def _accepts(rule: Accepts, shown: Callable[[str], str], name: str) -> bool:
    return rule(shown(name))


def _is_exactly(sought: str) -> Accepts:
    return sought.__eq__


def _contains(sought: str) -> Accepts:
    part = folded(sought)
    return lambda name: bool(part) and part in folded(name)


def _fits_wildcard(sought: str) -> Accepts:
    # Not fnmatch: `[` is an ordinary character of port names ("a2j:nanoKONTROL2 [20]").
    parts = (re.escape(part) for part in re.split(r"([*?])", folded(sought)))
    pattern = "".join({r"\*": ".*", r"\?": "."}.get(part, part) for part in parts)
    fits = re.compile(pattern, re.DOTALL).fullmatch
    return lambda name: bool(sought) and fits(folded(name)) is not None


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{stable(name)}'" for name in names) or "none"

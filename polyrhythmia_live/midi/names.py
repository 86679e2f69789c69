"""Which port a name means.

Ports are found by name, never by index: indices move whenever something is plugged in. The rules
are those of other live-coding tools, so that what a performer already types works here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from polyrhythmia_live.errors import PortError, PortMissing

OWN_CLIENT = "Polyrhythmia"
"""Every MIDI client and virtual port of ours has a name that begins with this word."""

VIRTUAL_OUT = f"{OWN_CLIENT} Out"
VIRTUAL_CONTROL = f"{OWN_CLIENT} Control"
"""Our own ports, for others to connect to."""

_OWN = re.compile(rf"{OWN_CLIENT}\b")
_ALSA_NUMBERS = re.compile(r" \d+:\d+$")


def stable(name: str) -> str:
    """The name without the client and port numbers that ALSA appends (`U6MIDI Pro:Port 1 16:0`).

    They change from boot to boot and from plug to plug.
    """
    return _ALSA_NUMBERS.sub("", name)


def is_own(name: str) -> bool:
    """Whether a port is ours: connecting to it would feed the drummer with itself."""
    return _OWN.match(name) is not None


def foreign(names: Sequence[str]) -> tuple[str, ...]:
    """The ports that are not ours, in the same order."""
    return tuple(name for name in names if not is_own(name))


def match(wanted: str, names: Sequence[str]) -> str:
    """The one port, as the system names it, that `wanted` means.

    Exact beats case-insensitive substring beats wildcard (`*`, `?`, over the whole name), and a
    full name with its ALSA numbers beats all: two machines of one model differ in nothing else.
    Where equals remain the first is taken.

    Raises PortMissing, with what was found, when no port matches, and PortError when several
    different ones do.
    """
    if wanted in names:
        return wanted
    sought = stable(wanted)
    for rule in (_is_exactly, _contains, _fits_wildcard):
        accepts = rule(sought)
        hits = [name for name in names if accepts(stable(name))]
        if len({stable(name) for name in hits}) > 1:
            raise PortError(
                f"{len(hits)} MIDI ports match '{wanted}': {_quoted(hits)}; give more of the name"
            )
        if hits:
            return hits[0]
    raise PortMissing(
        f"no MIDI port matches '{wanted}': found {_quoted(names)}; "
        "plug it in, or choose one with `scripts/polyrhythmia ports`"
    )


def find_foreign(wanted: str, names: Sequence[str]) -> str | None:
    """The one port of others that `wanted` means, as the system names it; None without one."""
    try:
        return match(wanted, foreign(names))
    except PortError:
        return None


def _is_exactly(sought: str) -> Callable[[str], bool]:
    return sought.__eq__


def _contains(sought: str) -> Callable[[str], bool]:
    folded = sought.casefold()
    return lambda name: bool(folded.strip()) and folded in name.casefold()


def _fits_wildcard(sought: str) -> Callable[[str], bool]:
    # Not fnmatch: `[` is an ordinary character of port names ("a2j:nanoKONTROL2 [20]").
    parts = (re.escape(part) for part in re.split(r"([*?])", sought.casefold()))
    pattern = "".join({r"\*": ".*", r"\?": "."}.get(part, part) for part in parts)
    fits = re.compile(pattern, re.DOTALL).fullmatch
    return lambda name: bool(sought.strip()) and fits(name.casefold()) is not None


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{stable(name)}'" for name in names) or "none"

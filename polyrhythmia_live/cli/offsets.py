"""How much earlier or later `play` sends to each output."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from polyrhythmia_live.calibration.offsets import OFFSET_MAX_MS, SYNTH
from polyrhythmia_live.errors import ConfigError, PortError
from polyrhythmia_live.midi.names import folded, match


class OutputOffsets:
    """An output's own --offset wins over --offset-ms, which wins over what was calibrated.

    `given` are NAME=MS; `ports_ms` is for MIDI ports and None where the flag was not given;
    `stored` are seconds by full name. Raises ConfigError for what is no NAME=MS.
    """

    def __init__(
        self, given: Sequence[str], ports_ms: float | None, stored: Mapping[str, float]
    ) -> None:
        self._given = dict(_parsed(text) for text in given)
        self._ports_ms = ports_ms
        self._stored = stored
        self.as_calibrated: dict[str, float] = {}
        """Seconds by full name, of the outputs asked for whose offset was measured."""

    def seconds(self, output: str) -> float:
        """Negative = earlier."""
        if folded(output) in self._given:
            return self._given[folded(output)]
        if self._ports_ms is not None and output != SYNTH:
            return self._ports_ms / 1000
        name = calibrated(output, self._stored)
        if name is None:
            return 0.0
        self.as_calibrated[name] = self._stored[name]
        return self._stored[name]

    def refuse_others(self, outputs: Iterable[str]) -> None:
        """Raises ConfigError for an --offset of something that is not played."""
        played = [*outputs, SYNTH]
        for name in self._given.keys() - {folded(output) for output in played}:
            raise ConfigError(
                f"--offset names {name!r}, which is no output: expected one of {', '.join(played)}"
            )


def calibrated(wanted: str, offsets: Mapping[str, float]) -> str | None:
    """The full name that `wanted` means, by the rules that find its port; None = not calibrated."""
    if wanted.casefold() == SYNTH:
        return SYNTH if SYNTH in offsets else None
    try:
        latest_first = [name for name in [*offsets][::-1] if name != SYNTH]
        return match(wanted, latest_first)
    except PortError:
        return None


def find_calibrated(wanted: str, offsets: Mapping[str, float]) -> str:
    """As `calibrated`; raises ConfigError where none is called so."""
    name = calibrated(wanted, offsets)
    if name is None:
        known = ", ".join(f"'{known}'" for known in offsets) or "none"
        raise ConfigError(f"no calibrated output is called '{wanted}': expected one of {known}")
    return name


def _parsed(text: str) -> tuple[str, float]:
    """`NAME=MS` as folded name and seconds."""
    name, _, number = text.rpartition("=")
    try:
        offset_ms = float(number)
    except ValueError:
        offset_ms = math.nan
    if not name or not abs(offset_ms) <= OFFSET_MAX_MS:
        raise ConfigError(
            f"expected --offset NAME=MS with -{OFFSET_MAX_MS} to {OFFSET_MAX_MS} ms, got {text!r}"
        )
    return folded(name), offset_ms / 1000

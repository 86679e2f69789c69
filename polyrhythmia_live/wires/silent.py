"""An output that could not be opened: it keeps its place and says why it is silent."""

from __future__ import annotations

from polyrhythmia_live.drums.kit import GENERAL_MIDI, Kit


class SilentOutput:
    """Takes everything, plays nothing; see `output.base.Output`."""

    def __init__(self, name: str, reason: str, kit: Kit = GENERAL_MIDI) -> None:
        self.name = name
        self.kit = kit
        self.offset_seconds = 0.0
        self.condition = reason

    def send(self, message: bytes) -> None:
        """Real-time: yes."""

    def watch(self) -> bool:
        return False

    def close(self) -> None:
        """There is nothing to give back."""
